//! A free function with `#[behaviour]`, `#[on_message]` or the like: the constructor of a behaviour,
//! with the function itself inside.

use super::handler::value;
use super::parts::Callee;
use super::{hidden_at, hidden_type};
use crate::input::attr::Attr;
use crate::model::{FreeAgent, FreeFn};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote, quote_spanned};
use syn::GenericParam;

/// Attributes that say something about the function as others see it.
const OUTER: [&str; 3] = ["doc", "deprecated", "must_use"];
/// Attributes that hold for both.
const BOTH: [&str; 6] = ["cfg", "cfg_attr", "allow", "warn", "deny", "forbid"];

pub(crate) fn free_fn(model: &FreeFn) -> TokenStream {
    let FreeFn {
        krate,
        handler,
        agent,
        item,
    } = model;
    let (vis, sig) = (&item.vis, &item.sig);
    let ident = &sig.ident;
    let span = hidden_at(ident.span());
    let outer = item.attrs.iter().filter(|attr| on_outer(attr));
    let inner = item
        .attrs
        .iter()
        .filter(|attr| !OUTER.contains(&attr.name.as_str()));
    let must_use = (!item.attrs.iter().any(|attr| attr.name == "must_use"))
        .then(|| quote!(#[must_use = "a behaviour runs once an agent has it: `ctx.add(…)` or `behaviours(…)`"]));

    let (params, where_clause) = (&sig.generics.params, &sig.generics.where_clause);
    let any = hidden_type("Agent");
    let (constructor_params, agent) = match agent {
        FreeAgent::Generic(agent) => (params.to_token_stream(), agent.to_token_stream()),
        FreeAgent::Concrete(agent) => (params.to_token_stream(), agent.to_token_stream()),
        FreeAgent::Any => {
            let comma = (!params.is_empty() && !params.trailing_punct()).then(|| quote!(,));
            (
                quote_spanned!(span=> #params #comma #any: #krate::Agent),
                any.to_token_stream(),
            )
        }
    };
    let generics = (!constructor_params.is_empty()).then(|| quote!(<#constructor_params>));
    let body = item.body.clone();
    let body = match handler {
        Some(handler) => {
            let turbofish = arguments(model);
            let function = quote!(#ident #turbofish);
            let value = value(
                Callee {
                    krate,
                    agent: &agent,
                    function: &function,
                },
                handler,
            );
            quote! {
                #(#inner)* #sig #body
                #value
            }
        }
        // The function is still there for an editor to complete in; nobody calls it.
        None => quote_spanned! {span=>
            #[allow(dead_code, reason = "the attribute above it is wrong, which is an error of its own")]
            #(#inner)* #sig #body
            ::core::unreachable!("this program did not compile")
        },
    };
    let outer_output = quote_spanned!(span=> #krate::Behaviour<#agent>);
    quote! {
        #(#outer)*
        #must_use
        #vis fn #ident #generics() -> #outer_output #where_clause {
            #body
        }
    }
}

fn on_outer(attr: &Attr) -> bool {
    OUTER.contains(&attr.name.as_str()) || BOTH.contains(&attr.name.as_str())
}

/// The function's own parameters, handed on: `::<A, T>`.
fn arguments(model: &FreeFn) -> Option<TokenStream> {
    let names: Vec<TokenStream> = model
        .item
        .sig
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(param.ident.to_token_stream()),
            GenericParam::Const(param) => Some(param.ident.to_token_stream()),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    (!names.is_empty()).then(|| quote!(::<#(#names),*>))
}
