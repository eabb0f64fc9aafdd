//! The model to tokens. Nothing here can fail: what cannot be generated was not let through.
//!
//! Paths are absolute, locals are hygienic (`Span::mixed_site`) and begin with `__peak_`, and every
//! call that a bound of the runtime may reject carries the span of the user's token that is to blame.

pub(crate) mod agent_impl;
pub(crate) mod agent_struct;
pub(crate) mod free_fn;
pub(crate) mod handler;
pub(crate) mod parts;
pub(crate) mod state;
pub(crate) mod template;

use proc_macro2::{Ident, Span};
use quote::format_ident;
use syn::{Generics, Token, TypeParamBound, parse_quote_spanned};

/// Where `span` is, with names that the user's code can neither see nor shadow.
pub(crate) fn hidden_at(span: Span) -> Span {
    Span::mixed_site().located_at(span)
}

/// A local of ours.
pub(crate) fn local(name: &str) -> Ident {
    format_ident!("__peak_{name}", span = Span::mixed_site())
}

/// A type or trait of ours.
pub(crate) fn hidden_type(name: &str) -> Ident {
    format_ident!("__Peak{name}", span = Span::mixed_site())
}

/// The generics of a generated impl. Every agent is `Send` and `'static`, so the parameters of a
/// generic one are too, whether a bound of the user's says so, implies it, or was forgotten.
pub(crate) fn agent_generics(generics: &Generics) -> Generics {
    let mut generics = generics.clone();
    for param in generics.type_params_mut() {
        let span = hidden_at(param.ident.span());
        param.colon_token.get_or_insert(Token![:](span));
        let send: TypeParamBound = parse_quote_spanned!(span=> ::core::marker::Send);
        let owned: TypeParamBound = parse_quote_spanned!(span=> 'static);
        param.bounds.extend([send, owned]);
    }
    generics
}
