//! What is asked of the types: constants, of which each is an error of its own.

use super::contents;
use super::model::{Agent, Param, System, Value};
use crate::expand::hidden_at;
use crate::paths::CratePath;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{quote, quote_spanned};

/// An expression that is the checked file.
pub(super) fn deployment(krate: &CratePath, system: &System) -> TokenStream {
    let span = hidden_at(system.path.span());
    let krate = krate.at(span);
    let agents = system
        .agents
        .iter()
        .map(|agent| of_agent(&krate, agent, &system.shared, span));
    let shared = (!system.some_type_unknown).then(|| of_defaults(&krate, system, span));
    let path = &system.path;
    let contents = contents(path);
    quote_spanned! {span=> {
        #(#agents)*
        #shared
        #krate::Deployment::__checked(#path, #contents)
    }}
}

/// What is asked of the type of an agent. A type that there is not is an error of the compiler, which
/// names the macro that it is in: that is why it has the place for a name.
fn of_agent(krate: &TokenStream, agent: &Agent, shared: &[Param], span: Span) -> TokenStream {
    let Agent {
        name,
        place,
        of_type,
        params,
    } = agent;
    let word = Ident::new(&of_type.word, span);
    let ident = Ident::new(&of_type.ident, span);
    let (type_place, text) = (&of_type.place, &of_type.text);
    let given = params.iter().chain(shared).map(|param| &param.name);
    let checks = params.iter().map(|param| {
        let param = given_param(krate, param, span);
        quote_spanned!(span=> const _: () = #krate::__private::mas::param(OF, &#param);)
    });
    // Whoever has one of that name does not take the one of all.
    let own = |name: &str| params.iter().any(|param| param.name == name);
    let shared = shared
        .iter()
        .filter(|param| !own(&param.name))
        .map(|param| {
            let param = given_param(krate, param, span);
            quote_spanned!(span=> const _: () = #krate::__private::mas::shared_param(OF, &#param);)
        });
    quote_spanned! {span=>
        macro_rules! #word {
            () => { const _: () = {
                const OF: #krate::__private::mas::Of =
                    #krate::__private::mas::of::<#ident>(#type_place, #text);
                const _: () = #krate::__private::mas::required(OF, #place, #name, &[#(#given),*]);
                #(#checks)*
                #(#shared)*
            }; };
        }
        #word! {}
    }
}

/// What `defaults` gives must be a parameter of some agent.
fn of_defaults(krate: &TokenStream, system: &System, span: Span) -> TokenStream {
    let mut types: Vec<&str> = system
        .agents
        .iter()
        .map(|agent| agent.of_type.ident.as_str())
        .collect();
    types.sort_unstable();
    types.dedup();
    let types: Vec<_> = types.iter().map(|name| Ident::new(name, span)).collect();
    let checks = system.shared.iter().map(|param| {
        let param = given_param(krate, param, span);
        quote_spanned! {span=>
            const _: () = #krate::__private::mas::is_of_some(
                &[#(#krate::__private::mas::params::<#types>()),*],
                &#param,
            );
        }
    });
    quote!(#(#checks)*)
}

fn given_param(krate: &TokenStream, param: &Param, span: Span) -> TokenStream {
    let Param {
        name,
        key_place,
        place,
        value,
        found,
    } = param;
    let value = self::value(krate, value, span);
    quote_spanned! {span=>
        #krate::__private::mas::Given {
            name: #name,
            key_place: #key_place,
            place: #place,
            value: #value,
            found: #found,
        }
    }
}

fn value(krate: &TokenStream, value: &Value, span: Span) -> TokenStream {
    let variant = match value {
        Value::Open => quote!(Open),
        Value::Null => quote!(Null),
        Value::Bool => quote!(Bool),
        Value::Whole(number) => {
            let number = Literal::i128_suffixed(*number);
            quote!(Whole(#number))
        }
        Value::Real => quote!(Real),
        Value::Text {
            jid,
            duration,
            char,
        } => {
            let [jid, duration, char] = [jid, duration, char].map(|why| match why {
                Some(why) => quote!(::core::option::Option::Some(#why)),
                None => quote!(::core::option::Option::None),
            });
            quote!(Text { jid: #jid, duration: #duration, char: #char })
        }
        Value::List => quote!(List),
        Value::Map => quote!(Map),
    };
    quote_spanned!(span=> #krate::__private::mas::Value::#variant)
}
