//! One function of the user as something that the runtime can call.

use super::parts::{Callee, argument, duration, instant};
use super::{hidden_at, local, state, template::template};
use crate::check::algebra::Set;
use crate::model::template::Template;
use crate::model::{
    Arg, Behaviour, Handler, HandlerKind, OnMessage, OnNews, Output, Receiver, Schedule,
};
use crate::paths::CratePath;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;

/// The statement that makes a handler known to the agent.
pub(crate) fn registration(callee: Callee<'_>, wiring: &Ident, handler: &Handler) -> TokenStream {
    let call = match &handler.kind {
        HandlerKind::OnStart => hook(callee, wiring, "on_start", handler),
        HandlerKind::OnStop => hook(callee, wiring, "on_stop", handler),
        HandlerKind::Behaviour(_) | HandlerKind::OnMessage(_) | HandlerKind::OnNews(_) => {
            let value = value(callee, handler);
            quote!(#wiring.add(#value))
        }
        HandlerKind::State(state_fn) if state_fn.machine.is_empty() => TokenStream::new(),
        HandlerKind::State(state_fn) => {
            let step = state::step(callee, handler, state_fn);
            quote!(#wiring.step(#step))
        }
    };
    quote!(#call;)
}

fn hook(callee: Callee<'_>, wiring: &Ident, method: &str, handler: &Handler) -> TokenStream {
    let name = &handler.name;
    let method = Ident::new(method, Span::mixed_site());
    let run = Body {
        callee,
        handler,
        message: None,
        outcome: "hook_outcome",
    }
    .closure();
    quote!(#wiring.#method(#name, #run))
}

/// The handler as a value of type `Behaviour`. Hooks and functions of states have none; they are
/// registered by name.
pub(crate) fn value(callee: Callee<'_>, handler: &Handler) -> TokenStream {
    match &handler.kind {
        HandlerKind::OnStart | HandlerKind::OnStop | HandlerKind::State(_) => TokenStream::new(),
        HandlerKind::Behaviour(behaviour) => behaviour_value(callee, handler, behaviour),
        HandlerKind::OnMessage(on_message) => on_message_value(callee, handler, on_message),
        HandlerKind::OnNews(on_news) => on_news_value(callee, handler, on_news),
    }
}

fn behaviour_value(callee: Callee<'_>, handler: &Handler, behaviour: &Behaviour) -> TokenStream {
    let Callee { krate, agent, .. } = callee;
    let name = &handler.name;
    let schedule = schedule(krate, &behaviour.schedule);
    let run = Body {
        callee,
        handler,
        message: None,
        outcome: "behaviour_outcome",
    };
    let run = if behaviour.blocking {
        run.blocking_closure()
    } else {
        run.closure()
    };
    let constructor = match handler.receiver {
        Receiver::Exclusive | Receiver::Shared => quote!(with_state),
        Receiver::None => quote!(task),
    };
    let delay = behaviour.delay.as_ref().map(|delay| {
        let delay = duration(delay);
        quote!(.delay(#delay))
    });
    let start_at = behaviour.start_at.as_ref().map(|start| {
        let start = instant(start);
        quote!(.start_at(#start))
    });
    let receives = behaviour.receives.as_ref().map(|receives| {
        let receives = template(krate, receives);
        quote!(.receives(#receives))
    });
    let span = hidden_at(handler.ident.span());
    let krate = krate.at(span);
    quote_spanned! {span=>
        #krate::Behaviour::<#agent>::#constructor(#name, #schedule, #run) #delay #start_at #receives
    }
}

fn on_message_value(callee: Callee<'_>, handler: &Handler, on_message: &OnMessage) -> TokenStream {
    let takes = Takes {
        pattern: template(callee.krate, &on_message.template),
        // Of a message that goes on to other handlers, the one that takes it gives the answer.
        silent: on_message.observe
            || Set::of(&on_message.template).is_some_and(|set| set.is_unanswered()),
        of_news: None,
        observe: on_message.observe,
    };
    handler_value(callee, handler, takes)
}

fn on_news_value(callee: Callee<'_>, handler: &Handler, on_news: &OnNews) -> TokenStream {
    let krate = callee.krate;
    let topics = on_news.topics.constants().map(|constant| {
        let constant = Ident::new(constant, Span::mixed_site());
        quote!(.and(#krate::__private::Topics::#constant))
    });
    let takes = Takes {
        pattern: template(krate, &Template::default()),
        silent: true,
        of_news: Some(quote!(.of_news(#krate::__private::Topics::NONE #(#topics)*))),
        observe: on_news.observe,
    };
    handler_value(callee, handler, takes)
}

/// What a handler takes, as calls.
struct Takes {
    pattern: TokenStream,
    /// Nobody waits for an answer.
    silent: bool,
    of_news: Option<TokenStream>,
    observe: bool,
}

fn handler_value(callee: Callee<'_>, handler: &Handler, takes: Takes) -> TokenStream {
    let Callee { krate, agent, .. } = callee;
    let name = &handler.name;
    let Takes {
        pattern,
        silent,
        of_news,
        observe,
    } = takes;
    let outcome = if silent {
        "silent_outcome"
    } else {
        "handler_outcome"
    };
    let run = Body {
        callee,
        handler,
        message: Some(local("message")),
        outcome,
    }
    .closure();
    let constructor = match handler.receiver {
        Receiver::Exclusive | Receiver::Shared => quote!(handler_with_state),
        Receiver::None => quote!(handler_task),
    };
    let observe = observe.then(|| quote!(.observe()));
    let span = hidden_at(handler.ident.span());
    let krate = krate.at(span);
    quote_spanned! {span=>
        #krate::Behaviour::<#agent>::#constructor(#name, #pattern, #run) #of_news #observe
    }
}

fn schedule(krate: &CratePath, schedule: &Schedule) -> TokenStream {
    // A duration of another type is the user's value to change, so the variant stands there too.
    let (variant, time) = match schedule {
        Schedule::OneShot => ("OneShot", None),
        Schedule::Cyclic => ("Cyclic", None),
        Schedule::Periodic(period) => ("Periodic", Some(period)),
        Schedule::Timeout(timeout) => ("Timeout", Some(timeout)),
    };
    let time = time.map(duration);
    let span = hidden_at(time.as_ref().map_or_else(Span::call_site, Spanned::span));
    let variant = Ident::new(variant, span);
    let time = time.map(|time| quote_spanned!(span=> (#time)));
    let krate = krate.at(span);
    quote_spanned!(span=> #krate::__private::Schedule::#variant #time)
}

/// The closure that runs one function: it takes the arguments out of what there is, calls, and turns
/// what comes back into an outcome.
struct Body<'b> {
    callee: Callee<'b>,
    handler: &'b Handler,
    /// For message handlers, the name of the message.
    message: Option<Ident>,
    /// The function of the runtime that judges the return value.
    outcome: &'static str,
}

impl Body<'_> {
    fn closure(&self) -> TokenStream {
        let (agent, ctx) = (local("agent"), local("ctx"));
        let message = self.message.iter();
        let with_agent = match self.handler.receiver {
            Receiver::Exclusive | Receiver::Shared => Some(quote!(#agent,)),
            Receiver::None => None,
        };
        let extractions = self
            .handler
            .args
            .iter()
            .enumerate()
            .map(|(index, arg)| self.extraction(index, arg));
        let outcome = self.outcome();
        // The future becomes a `dyn Future + Send` here, and only here: one that is not `Send` is one
        // error, at the function's name, and the compiler adds a note at the `.await` to blame.
        quote_spanned! {hidden_at(self.handler.ident.span())=>
            |#with_agent #ctx #(, #message)*| ::std::boxed::Box::pin(async move {
                #(#extractions)*
                #outcome
            })
        }
    }

    /// The same of a function that does not wait, on a thread for such.
    fn blocking_closure(&self) -> TokenStream {
        let krate = self.callee.krate;
        let ctx = local("ctx");
        let args = self.handler.args.iter().enumerate();
        let extractions = args.map(|(index, arg)| self.extraction(index, arg));
        let outcome = self.judged(&self.call());
        quote_spanned! {hidden_at(self.handler.ident.span())=>
            |#ctx| #krate::__private::blocking(move || {
                #(#extractions)*
                #outcome
            })
        }
    }

    fn extraction(&self, index: usize, arg: &Arg) -> TokenStream {
        let Callee { krate, agent, .. } = self.callee;
        let (cfg, ty) = (&arg.cfg, &arg.ty);
        let value = argument(index);
        let ctx = self.borrowed(&local("ctx"));
        let span = hidden_at(ty.span());
        match &self.message {
            None => quote_spanned! {span=>
                #(#cfg)*
                let #value = #krate::__private::from_context::<#agent, #ty>(#ctx);
            },
            Some(message) => {
                let message = self.borrowed(message);
                let rejection = local("rejection");
                quote_spanned! {span=>
                    #(#cfg)*
                    let #value = match #krate::__private::from_message::<#agent, #ty>(#ctx, #message) {
                        ::core::result::Result::Ok(#value) => #value,
                        ::core::result::Result::Err(#rejection) => {
                            return #krate::__private::Outcome::rejected(#rejection);
                        }
                    };
                }
            }
        }
    }

    /// Concurrent tasks own what the others borrow.
    fn borrowed(&self, name: &Ident) -> TokenStream {
        match self.handler.receiver {
            Receiver::Exclusive | Receiver::Shared => name.to_token_stream(),
            Receiver::None => quote!(&#name),
        }
    }

    fn outcome(&self) -> TokenStream {
        let call = self.call();
        self.judged(&quote_spanned!(hidden_at(self.handler.ident.span())=> #call.await))
    }

    fn call(&self) -> TokenStream {
        let function = self.callee.function;
        let agent = local("agent");
        let receiver = match self.handler.receiver {
            Receiver::Exclusive => Some(quote!(#agent,)),
            Receiver::Shared => Some(quote!(&*#agent,)),
            Receiver::None => None,
        };
        let arguments = self.handler.args.iter().enumerate().map(|(index, arg)| {
            let (cfg, value) = (&arg.cfg, argument(index));
            quote!(#(#cfg)* #value)
        });
        quote_spanned! {hidden_at(self.handler.ident.span())=>
            #function(#receiver #(#arguments),*)
        }
    }

    /// What the value of the call means.
    fn judged(&self, call: &TokenStream) -> TokenStream {
        let krate = self.callee.krate;
        let outcome = Ident::new(self.outcome, Span::mixed_site());
        let (ty, span) = match &self.handler.output {
            Output::Unit => (quote!(()), self.handler.ident.span()),
            Output::Type(ty) => (ty.to_token_stream(), ty.span()),
            Output::Opaque(span) => (quote!(_), *span),
        };
        quote_spanned!(hidden_at(span)=> #krate::__private::#outcome::<#ty>(#call))
    }
}
