//! What handlers and functions of states have in common when they are written out.

use super::{hidden_at, local};
use crate::model::{DurationValue, InstantValue};
use crate::paths::CratePath;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

/// How to reach the function: as a method, or as a function nested in its constructor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Callee<'c> {
    pub(crate) krate: &'c CratePath,
    /// The type of the agent.
    pub(crate) agent: &'c TokenStream,
    /// The function as an expression.
    pub(crate) function: &'c TokenStream,
}

pub(super) fn duration(value: &DurationValue) -> TokenStream {
    match value {
        DurationValue::Literal(duration, span) => seconds(*duration, *span),
        DurationValue::Expr(expr) => expr.to_token_stream(),
    }
}

pub(super) fn instant(value: &InstantValue) -> TokenStream {
    match value {
        InstantValue::Literal(since_epoch, span) => {
            let since_epoch = seconds(*since_epoch, *span);
            quote!(::std::time::SystemTime::UNIX_EPOCH + #since_epoch)
        }
        InstantValue::Expr(expr) => expr.to_token_stream(),
    }
}

fn seconds(duration: std::time::Duration, span: Span) -> TokenStream {
    let (secs, nanos) = (duration.as_secs(), duration.subsec_nanos());
    quote_spanned!(hidden_at(span)=> ::core::time::Duration::new(#secs, #nanos))
}

/// The local that holds an argument.
pub(super) fn argument(index: usize) -> Ident {
    local(&format!("arg{index}"))
}
