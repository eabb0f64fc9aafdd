//! Templates as expressions that build them.

use super::hidden_at;
use crate::model::template::{Condition, JidValue, PerformativeValue, Template, TextValue};
use crate::paths::CratePath;
use crate::vocabulary::PERFORMATIVES;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;

pub(crate) fn template(krate: &CratePath, template: &Template) -> TokenStream {
    every(krate, &template.conditions)
}

fn every(krate: &CratePath, conditions: &[Condition]) -> TokenStream {
    match conditions {
        [] => quote!(#krate::Template::everything()),
        [only] => condition(krate, only),
        several => {
            let several = several.iter().map(|inner| condition(krate, inner));
            quote!(#krate::Template::all([#(#several),*]))
        }
    }
}

fn condition(krate: &CratePath, condition: &Condition) -> TokenStream {
    match condition {
        Condition::Performative(value) => {
            let (value, span) = performative(krate, value);
            quote_spanned!(hidden_at(span)=> #krate::Template::performative(#value))
        }
        Condition::Text { key, value } => {
            let (value, span) = text(value);
            let key = constructor(key, span);
            quote_spanned!(hidden_at(span)=> #krate::Template::#key(#value))
        }
        Condition::Jid { key, value } => {
            let (value, span) = address(krate, value);
            let key = constructor(key, span);
            quote_spanned!(hidden_at(span)=> #krate::Template::#key(#value))
        }
        Condition::HasMetadata { key } => {
            quote_spanned!(hidden_at(key.span())=> #krate::Template::has_metadata(#key))
        }
        Condition::Metadata { key, value } => {
            let (value, span) = text(value);
            quote_spanned!(hidden_at(span)=> #krate::Template::metadata(#key, #value))
        }
        Condition::All(inner) => every(krate, inner),
        Condition::Any(inner) => {
            let inner = inner.iter().map(|inner| self::condition(krate, inner));
            quote!(#krate::Template::any([#(#inner),*]))
        }
        Condition::Not(inner) => {
            let inner = every(krate, inner);
            quote!(#krate::Template::not(#inner))
        }
    }
}

/// A key is the name of its constructor.
fn constructor(key: &str, span: Span) -> Ident {
    format_ident!("{key}", span = hidden_at(span))
}

fn performative(krate: &CratePath, value: &PerformativeValue) -> (TokenStream, Span) {
    match value {
        PerformativeValue::Known(index, literal) => {
            let (_, variant) = PERFORMATIVES[*index];
            let variant = format_ident!("{variant}", span = hidden_at(literal.span()));
            (quote!(#krate::Performative::#variant), literal.span())
        }
        PerformativeValue::Expr(expr) => (expr.to_token_stream(), expr.span()),
    }
}

fn text(value: &TextValue) -> (TokenStream, Span) {
    match value {
        TextValue::Literal(literal) => (literal.to_token_stream(), literal.span()),
        TextValue::Expr(expr) => (expr.to_token_stream(), expr.span()),
    }
}

fn address(krate: &CratePath, value: &JidValue) -> (TokenStream, Span) {
    match value {
        JidValue::Literal(_, literal) => {
            let span = literal.span();
            (
                quote_spanned!(hidden_at(span)=> #krate::__private::jid(#literal)),
                span,
            )
        }
        JidValue::Expr(expr) => (expr.to_token_stream(), expr.span()),
    }
}
