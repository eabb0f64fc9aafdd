//! The attributes of PEAK. Use them through the crate `peak`, which re-exports them.
#![forbid(unsafe_code)]

mod args;
mod check;
mod diag;
mod expand;
mod fallback;
mod input;
mod model;
mod paths;
mod stages;
#[cfg(test)]
mod tests;
mod vocabulary;

use model::MarkerKind;
use proc_macro::TokenStream;

/// agent
#[proc_macro_attribute]
pub fn agent(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::agent(args.into(), item.into()).into()
}

/// b
#[proc_macro_attribute]
pub fn behaviour(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::marker(MarkerKind::Behaviour, args.into(), item.into()).into()
}

/// m
#[proc_macro_attribute]
pub fn on_message(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::marker(MarkerKind::OnMessage, args.into(), item.into()).into()
}

/// s
#[proc_macro_attribute]
pub fn on_start(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::marker(MarkerKind::OnStart, args.into(), item.into()).into()
}

/// s
#[proc_macro_attribute]
pub fn on_stop(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::marker(MarkerKind::OnStop, args.into(), item.into()).into()
}

/// t
#[doc(hidden)]
#[proc_macro]
pub fn template_impl(tokens: TokenStream) -> TokenStream {
    stages::template(tokens.into()).into()
}
