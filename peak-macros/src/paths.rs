//! The path of the runtime crate in generated code: `::peak`, or what `crate = "…"` says.

use crate::args::entries::{Entry, Value, string};
use crate::diag::Diag;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// Where `peak` is, seen from the user's crate.
#[derive(Debug, Clone)]
pub(crate) struct CratePath(TokenStream);

impl Default for CratePath {
    fn default() -> Self {
        Self(quote!(::peak))
    }
}

impl CratePath {
    /// The tokens that a `macro_rules!` of the runtime gives: its own `$crate`.
    pub(crate) fn from_tokens(tokens: TokenStream) -> Self {
        Self(tokens)
    }

    /// Reads `crate = "::path"`. Only absolute paths: a relative one would mean something else in
    /// every module that uses the attribute.
    pub(crate) fn from_entry(entry: &Entry, diag: &mut Diag) -> Option<Self> {
        const FORM: &str =
            "write an absolute path as a string, such as `crate = \"::my_framework::peak\"`";
        let value = match &entry.value {
            Value::Broken => return None,
            Value::Expr(value) => value,
            Value::Word | Value::List(_) => {
                diag.on(
                    entry,
                    format_args!("`crate` takes the path of the runtime: {FORM}"),
                );
                return None;
            }
        };
        let Some(text) = string(value) else {
            diag.on(
                value,
                format_args!("the path of the runtime is a string: {FORM}"),
            );
            return None;
        };
        let path = match text.parse_with(syn::Path::parse_mod_style) {
            Ok(path) => path,
            Err(_) => {
                diag.on(
                    text,
                    format_args!("`{}` is not a path: {FORM}", text.value()),
                );
                return None;
            }
        };
        let absolute = path.leading_colon.is_some()
            || path
                .segments
                .first()
                .is_some_and(|segment| segment.ident == "crate");
        if !absolute {
            diag.on(
                text,
                format_args!(
                    "`{0}` is relative: write it from the root, `crate = \"::{0}\"`",
                    text.value()
                ),
            );
            return None;
        }
        Some(Self(path.into_token_stream()))
    }
}

impl CratePath {
    /// The path with its tokens where `span` is, for errors that belong there. What they mean does
    /// not change: a `$crate` still is the crate it came from.
    pub(crate) fn at(&self, span: Span) -> TokenStream {
        let place = |mut tree: TokenTree| {
            tree.set_span(tree.span().located_at(span));
            tree
        };
        self.0.clone().into_iter().map(place).collect()
    }
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}
