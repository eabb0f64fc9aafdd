//! `#[behaviour]`, `#[on_message]` and the like outside an `#[agent] impl`: a free function, or a
//! mistake.

use super::attr::Attr;
use super::handler::{agent_of_context, read as read_handler, shape_is_ours, take_marker};
use super::item::{FnItem, looks_like_fn, single_fn};
use crate::check::signature::Place;
use crate::diag::Diag;
use crate::input::attr::Marker;
use crate::model::{FreeAgent, FreeFn};
use crate::vocabulary::MarkerKind;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::GenericParam;
use syn::parse::{ParseStream, Parser};

/// Reads a function; `None` if the item is to be given back as it is.
pub(crate) fn read(
    kind: MarkerKind,
    args: &TokenStream,
    tokens: TokenStream,
    diag: &mut Diag,
) -> Option<FreeFn> {
    let word = kind.word();
    let what = leading_word(tokens.clone());
    match what.as_deref() {
        Some("fn") => {}
        Some("impl") => {
            diag.at(
                Span::call_site(),
                format_args!("`#[{word}]` belongs on a function inside the impl: write `#[agent]` above the impl, and `#[{word}]` above the function"),
            );
            return None;
        }
        _ => {
            diag.at(Span::call_site(), misplaced(kind));
            return None;
        }
    }
    let mut item = match single_fn(tokens) {
        Ok(item) => item,
        Err(error) => {
            diag.add(error);
            return None;
        }
    };
    if kind == MarkerKind::OnStart || kind == MarkerKind::OnStop || is_method(&item) {
        let remedy = if item.body.to_string() == ";" {
            "a trait only declares functions, so write the handler there"
        } else {
            "write `#[agent]` above the impl block"
        };
        diag.at(
            Span::call_site(),
            format_args!("`#[{word}]` works inside an `#[agent] impl`: {remedy}"),
        );
        return None;
    }
    let mark = diag.mark();
    let name = item.sig.ident.to_string();
    if let (Some(extra), _) = take_marker(&mut item.attrs, &name, diag) {
        diag.on(
            &extra.attr.tokens,
            format_args!("`{name}` is `#[{word}]` already: one function, one of them"),
        );
    }
    let marker = Marker {
        kind,
        attr: Attr::invocation(kind, args),
    };
    let read = read_handler(&item, &marker, Place::Free, diag);
    let handler = read.handler.filter(|_| diag.clean_since(mark));
    item.attrs.push(shape_is_ours());
    Some(FreeFn {
        krate: read.krate.unwrap_or_default(),
        handler,
        agent: agent(&item),
        item,
    })
}

fn misplaced(kind: MarkerKind) -> String {
    let word = kind.word();
    match kind {
        MarkerKind::OnStart | MarkerKind::OnStop => {
            format!("`#[{word}]` belongs on an `async fn` inside an `#[agent] impl`")
        }
        MarkerKind::Behaviour
        | MarkerKind::OnMessage
        | MarkerKind::OnPresence
        | MarkerKind::OnConnection => format!(
            "`#[{word}]` belongs on an `async fn`: one inside an `#[agent] impl`, or a free one that agents share"
        ),
    }
}

/// A method that has lost its `#[agent]`: it speaks of itself.
fn is_method(item: &FnItem) -> bool {
    let body = || item.body.clone();
    item.sig.receiver().is_some()
        || item.body.to_string() == ";"
        || mentions(item.sig.to_token_stream(), &["Self"])
        // In the body it may belong to a type that is declared there.
        || (mentions(body(), &["Self"]) && !mentions(body(), &["impl", "trait", "struct", "enum"]))
}

fn mentions(tokens: TokenStream, words: &[&str]) -> bool {
    tokens.into_iter().any(|tree| match tree {
        TokenTree::Ident(ident) => words.iter().any(|word| ident == word),
        TokenTree::Group(group) => mentions(group.stream(), words),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

fn agent(item: &FnItem) -> FreeAgent {
    let first = item
        .sig
        .generics
        .params
        .iter()
        .find_map(|param| match param {
            GenericParam::Type(param) => Some(param.ident.clone()),
            _ => None,
        });
    match (first, agent_of_context(item)) {
        (Some(first), _) => FreeAgent::Generic(first),
        (None, Some(ty)) => FreeAgent::Concrete(Box::new(ty)),
        (None, None) => FreeAgent::Any,
    }
}

/// The word that says what an item is: `fn`, `struct`, `impl`, ….
pub(crate) fn leading_word(tokens: TokenStream) -> Option<String> {
    let read = |input: ParseStream| {
        Attr::outer(input)?;
        let word = if looks_like_fn(input) {
            Some("fn".to_owned())
        } else {
            None
        };
        let rest: TokenStream = input.parse()?;
        Ok(word.or_else(|| item_word(rest)))
    };
    read.parse2(tokens).ok().flatten()
}

fn item_word(tokens: TokenStream) -> Option<String> {
    const MODIFIERS: [&str; 6] = ["pub", "crate", "default", "unsafe", "auto", "extern"];
    tokens.into_iter().find_map(|tree| match tree {
        TokenTree::Ident(word) if !MODIFIERS.iter().any(|modifier| word == modifier) => {
            Some(word.to_string())
        }
        _ => None,
    })
}
