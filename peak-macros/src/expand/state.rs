//! Functions of states: what the runtime calls, and where each state leads.

use super::parts::{Callee, argument, duration, instant};
use super::{hidden_at, local, template::template};
use crate::check::machine::{Taking, taking};
use crate::model::{
    Arg, DurationValue, Handler, HandlerKind, Output, Receiver, State, StateFn, Trigger,
};
use crate::paths::CratePath;
use peak_shared::diagram::{self, Diagram, Edge};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use std::collections::BTreeSet;
use syn::spanned::Spanned;

/// The function as a value of type `Step`.
pub(crate) fn step(callee: Callee<'_>, handler: &Handler, state_fn: &StateFn) -> TokenStream {
    let Callee { krate, agent, .. } = callee;
    let StateFn {
        state,
        trigger,
        initial,
        next,
        end,
        delay,
        start_at,
        machine,
        ..
    } = state_fn;
    let (state_ty, state_name) = (&state.ty, last(state));
    let name = handler.ident.to_string();
    let constructor = match handler.receiver {
        Receiver::Exclusive | Receiver::Shared => quote!(with_state),
        Receiver::None => quote!(task),
    };
    let run = closure(callee, handler, state_fn);
    let label = label(handler, state_fn);
    let trigger = match trigger {
        Trigger::Begin => None,
        Trigger::On(messages, _) => {
            let messages = template(krate, messages);
            Some(quote!(.on(#messages)))
        }
        Trigger::After(time) => {
            let time = duration(time);
            Some(quote!(.after(#time)))
        }
        Trigger::Enter => Some(quote!(.enter())),
        Trigger::Exit => Some(quote!(.exit())),
    };
    let next = (!next.is_empty()).then(|| {
        let names = next.iter().map(last);
        quote!(.next(&[#(#names),*]))
    });
    let end = end.map(|_| quote!(.ends()));
    let initial = initial.as_ref().map(|initial| {
        let value = match &initial.value {
            Some(value) => quote!({ let value: #state_ty = #value; value }),
            None => quote_spanned! {hidden_at(state_ty.span())=>
                #krate::__private::initial_state::<#state_ty>()
            },
        };
        quote!(.initial(|| ::std::boxed::Box::new(#value)))
    });
    let delay = delay.as_ref().map(|delay| {
        let delay = duration(delay);
        quote!(.delay(#delay))
    });
    let start_at = start_at.as_ref().map(|start| {
        let start = instant(start);
        quote!(.start_at(#start))
    });
    let span = hidden_at(handler.ident.span());
    let krate = krate.at(span);
    quote_spanned! {span=>
        #krate::__private::Step::<#agent>::#constructor::<#state_ty>(#machine, #state_name, #name, #label, #run)
            #trigger #next #end #initial #delay #start_at
    }
}

/// What the declarations say to the compiler: where each state leads, and which may end.
pub(crate) fn ways(krate: &CratePath, handlers: &[Handler]) -> TokenStream {
    let mut known = BTreeSet::new();
    let mut ways = TokenStream::new();
    for handler in handlers {
        let HandlerKind::State(state_fn) = &handler.kind else {
            continue;
        };
        let from = &state_fn.state;
        for to in &state_fn.next {
            if known.insert((from.name.clone(), Some(to.name.clone()))) {
                let (from, to) = (&from.ty, &to.ty);
                let span = hidden_at(to.span());
                let krate = krate.at(span);
                ways.extend(quote_spanned! {span=>
                    #[automatically_derived]
                    impl #krate::__private::LeadsTo<#to> for #from {}
                });
            }
        }
        if state_fn.end.is_some() && known.insert((from.name.clone(), None)) {
            let from = &from.ty;
            let span = hidden_at(from.span());
            let krate = krate.at(span);
            ways.extend(quote_spanned! {span=>
                #[automatically_derived]
                impl #krate::__private::MayEnd for #from {}
            });
        }
    }
    ways
}

/// The machines of an impl as diagrams, for its documentation.
pub(crate) fn documentation(handlers: &[Handler]) -> Option<TokenStream> {
    let mut diagrams: Vec<Diagram> = Vec::new();
    for handler in handlers {
        let HandlerKind::State(state_fn) = &handler.kind else {
            continue;
        };
        if state_fn.machine.is_empty() {
            continue;
        }
        let known = diagrams.iter().position(|it| it.name == state_fn.machine);
        let place = known.unwrap_or_else(|| {
            diagrams.push(Diagram {
                name: state_fn.machine.clone(),
                states: Vec::new(),
            });
            diagrams.len() - 1
        });
        draw(handler, state_fn, &mut diagrams[place]);
    }
    if diagrams.is_empty() {
        return None;
    }
    let mut text = String::new();
    for diagram in diagrams {
        let (name, mermaid) = (&diagram.name, diagram.mermaid());
        text.push_str(&format!(
            "The state machine `{name}`:\n\n```mermaid\n{mermaid}```\n\n"
        ));
    }
    Some(quote!(#[doc = #text]))
}

fn draw(handler: &Handler, state_fn: &StateFn, diagram: &mut Diagram) {
    let name = last(&state_fn.state);
    let known = diagram.states.iter().position(|state| state.name == name);
    let place = known.unwrap_or_else(|| {
        diagram.states.push(diagram::State {
            name,
            ..diagram::State::default()
        });
        diagram.states.len() - 1
    });
    let label = label(handler, state_fn);
    let state = &mut diagram.states[place];
    state.is_initial |= state_fn.initial.is_some();
    state.ends.extend(state_fn.end.map(|_| label.clone()));
    let edges = state_fn.next.iter().map(|to| Edge {
        to: last(to),
        label: label.clone(),
    });
    state.edges.extend(edges);
}

/// What makes the function run, for a diagram: as it was written.
fn label(handler: &Handler, state_fn: &StateFn) -> String {
    match &state_fn.trigger {
        Trigger::On(_, source) => source.to_string(),
        Trigger::After(DurationValue::Literal(time, _)) => {
            format!("after {}", humantime::format_duration(*time))
        }
        Trigger::After(DurationValue::Expr(time)) => format!("after {}", time.to_token_stream()),
        Trigger::Begin | Trigger::Enter | Trigger::Exit => handler.ident.to_string(),
    }
}

/// The last word of a state's name, for people.
fn last(state: &State) -> String {
    let name = state.name.as_str();
    let end = name.find('<').unwrap_or(name.len());
    let start = name[..end].rfind("::").map_or(0, |at| at + 2);
    name[start..].to_owned()
}

/// The closure that runs the function: as that of every other one, but that it has the state, too.
fn closure(callee: Callee<'_>, handler: &Handler, state_fn: &StateFn) -> TokenStream {
    let krate = callee.krate;
    let (agent, ctx, state, message) = (
        local("agent"),
        local("ctx"),
        local("state"),
        local("message"),
    );
    let with_agent = match handler.receiver {
        Receiver::Exclusive | Receiver::Shared => Some(quote!(#agent,)),
        Receiver::None => None,
    };
    let on_message = matches!(state_fn.trigger, Trigger::On(..));
    let given = if on_message {
        quote!(let #message = #krate::__private::given(#message);)
    } else {
        quote!(_ = #message;)
    };
    let arguments = Arguments {
        callee,
        handler,
        state: &state_fn.state,
        on_message,
    };
    let extractions = arguments.extractions();
    let taken = arguments.taken();
    let outcome = outcome(callee, handler, state_fn, &arguments);
    let held = local("held");
    quote_spanned! {hidden_at(handler.ident.span())=>
        |#with_agent #ctx, #state, #message| ::std::boxed::Box::pin(async move {
            #[allow(unused_mut)]
            let mut #held = #state;
            #given
            #(#extractions)*
            #(#taken)*
            let #state = #outcome;
            (#held, #state)
        })
    }
}

fn outcome(
    callee: Callee<'_>,
    handler: &Handler,
    state_fn: &StateFn,
    arguments: &Arguments<'_>,
) -> TokenStream {
    let Callee {
        krate, function, ..
    } = callee;
    let agent = local("agent");
    let receiver = match handler.receiver {
        Receiver::Exclusive => Some(quote!(#agent,)),
        Receiver::Shared => Some(quote!(&*#agent,)),
        Receiver::None => None,
    };
    let values = arguments.values();
    let call = quote_spanned! {hidden_at(handler.ident.span())=>
        #function(#receiver #(#values),*).await
    };
    let (ty, span) = match &handler.output {
        Output::Unit => (quote!(()), handler.ident.span()),
        Output::Type(ty) => (ty.to_token_stream(), ty.span()),
        Output::Opaque(span) => (quote!(_), *span),
    };
    let state = &state_fn.state.ty;
    let on_message = matches!(state_fn.trigger, Trigger::On(..));
    let judge = match &state_fn.trigger {
        Trigger::Enter | Trigger::Exit => quote!(hooked::<#ty>),
        _ if !state_fn.next.is_empty() || handler.output.names("Next") => {
            quote!(leading::<#state, #ty>)
        }
        _ if state_fn.end.is_some() && on_message => quote!(ending_with_answer::<#ty>),
        _ if state_fn.end.is_some() => quote!(ending::<#ty>),
        _ => quote!(staying::<#ty>),
    };
    quote_spanned!(hidden_at(span)=> #krate::__private::#judge(#call))
}

/// The arguments of a function: the state, and what is taken out of a message or the context.
struct Arguments<'a> {
    callee: Callee<'a>,
    handler: &'a Handler,
    state: &'a State,
    on_message: bool,
}

impl Arguments<'_> {
    fn each(&self) -> impl Iterator<Item = (Ident, &Arg, Option<Taking>)> {
        let args = self.handler.args.iter().enumerate();
        args.map(|(index, arg)| (argument(index), arg, taking(&arg.ty, self.state)))
    }

    /// What may fail comes first: then the state is still there.
    fn extractions(&self) -> Vec<TokenStream> {
        let others = self.each().filter(|(_, _, taking)| taking.is_none());
        others
            .map(|(value, arg, _)| self.extraction(&value, arg))
            .collect()
    }

    fn extraction(&self, value: &Ident, arg: &Arg) -> TokenStream {
        let Callee { krate, agent, .. } = self.callee;
        let (cfg, ty) = (&arg.cfg, &arg.ty);
        let ctx = self.borrowed(&local("ctx"));
        let span = hidden_at(ty.span());
        if !self.on_message {
            return quote_spanned! {span=>
                #(#cfg)*
                let #value = #krate::__private::from_context::<#agent, #ty>(#ctx);
            };
        }
        let (message, rejection, held) = (local("message"), local("rejection"), local("held"));
        quote_spanned! {span=>
            #(#cfg)*
            let #value = match #krate::__private::from_message::<#agent, #ty>(#ctx, &#message) {
                ::core::result::Result::Ok(#value) => #value,
                ::core::result::Result::Err(#rejection) => {
                    return (#held, #krate::__private::StepOutcome::rejected(#rejection));
                }
            };
        }
    }

    /// The state, if it is taken for good.
    fn taken(&self) -> Vec<TokenStream> {
        let (state, held) = (&self.state.ty, local("held"));
        let taken = self
            .each()
            .filter(|(_, _, taking)| *taking == Some(Taking::Value));
        taken
            .map(|(value, arg, _)| {
                let cfg = &arg.cfg;
                quote!(#(#cfg)* let #value = #held.take::<#state>();)
            })
            .collect()
    }

    fn values(&self) -> Vec<TokenStream> {
        let (state, held) = (&self.state.ty, local("held"));
        self.each()
            .map(|(value, arg, taking)| {
                let cfg = &arg.cfg;
                match taking {
                    None | Some(Taking::Value) => quote!(#(#cfg)* #value),
                    Some(Taking::Exclusive) => quote!(#(#cfg)* #held.borrow::<#state>()),
                    Some(Taking::Shared) => quote!(#(#cfg)* &*#held.borrow::<#state>()),
                }
            })
            .collect()
    }

    /// Concurrent tasks own what the others borrow.
    fn borrowed(&self, name: &Ident) -> TokenStream {
        match self.handler.receiver {
            Receiver::Exclusive | Receiver::Shared => name.to_token_stream(),
            Receiver::None => quote!(&#name),
        }
    }
}
