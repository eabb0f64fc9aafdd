//! Every mistake at once: errors are collected, never returned early, and given to the compiler
//! together, in the order of the source.

use proc_macro2::{Span, TokenStream};
use quote::ToTokens;
use std::fmt::Display;

pub(crate) use peak_shared::text::{listed, nearest};

/// The errors found so far.
///
/// A parser that finds a mistake notes it here and goes on with what it could still understand, so
/// that five mistakes are five errors and not five compilations.
#[derive(Debug, Default)]
pub(crate) struct Diag {
    errors: Vec<syn::Error>,
}

/// A place in the list of errors: says later whether anything went wrong in between.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Mark(usize);

impl Diag {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Notes an error at one span.
    pub(crate) fn at(&mut self, span: Span, message: impl Display) {
        self.errors.push(syn::Error::new(span, message));
    }

    /// Notes an error that underlines all of `tokens`.
    pub(crate) fn on(&mut self, tokens: &impl ToTokens, message: impl Display) {
        self.errors.push(syn::Error::new_spanned(tokens, message));
    }

    /// Notes what a parser of `syn` had to say.
    pub(crate) fn add(&mut self, error: syn::Error) {
        self.errors.push(error);
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.errors.len())
    }

    /// No error was noted since `mark`.
    pub(crate) fn clean_since(&self, mark: Mark) -> bool {
        self.errors.len() == mark.0
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.errors.is_empty()
    }

    /// The errors as `compile_error!` items, top to bottom as the user reads.
    pub(crate) fn into_tokens(mut self) -> TokenStream {
        self.errors.sort_by_key(|error| {
            let start = error.span().start();
            (start.line, start.column)
        });
        self.errors
            .iter()
            .map(syn::Error::to_compile_error)
            .collect()
    }

    #[cfg(test)]
    pub(crate) fn messages(&self) -> Vec<String> {
        self.errors.iter().map(ToString::to_string).collect()
    }
}

/// `: did you mean …?` for the end of an error's first sentence, or nothing.
pub(crate) fn did_you_mean<'c>(
    word: &str,
    candidates: impl IntoIterator<Item = &'c str>,
) -> String {
    match nearest(word, candidates) {
        Some(candidate) => format!(": did you mean `{candidate}`?"),
        None => String::new(),
    }
}
