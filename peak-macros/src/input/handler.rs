//! One function with a marker: its attribute, its signature, and what they mean together.

use super::attr::{Attr, cfgs, cfgs_and_allows};
use super::item::FnItem;
use crate::args::marker::MarkerArgs;
use crate::args::{behaviour, on_message, on_news};
use crate::check::parts::fitting;
use crate::check::signature::{Place, receiver, signature};
use crate::diag::Diag;
use crate::input::attr::Marker;
use crate::model::{Arg, Handler, HandlerKind, Output, Receiver};
use crate::paths::CratePath;
use crate::vocabulary::MarkerKind;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::Parser;
use syn::{FnArg, LitStr, ReturnType, Type};

/// The outcome of reading a function with a marker.
#[derive(Debug, Default)]
pub(crate) struct Read {
    /// `None` after any mistake: such a function is not registered.
    pub(crate) handler: Option<Handler>,
    /// `crate = "…"` in the marker, which only a free function may say.
    pub(crate) krate: Option<CratePath>,
}

/// Takes the markers off a list of attributes; more than one is a mistake.
pub(crate) fn take_marker(
    attrs: &mut Vec<Attr>,
    name: &str,
    diag: &mut Diag,
) -> (Option<Marker>, bool) {
    let mark = diag.mark();
    let mut markers = Vec::new();
    attrs.retain(|attr| match attr.marker() {
        Some(marker) => {
            markers.push(marker);
            false
        }
        None => true,
    });
    attrs.retain(|attr| match attr.conditional_marker() {
        Some(kind) => {
            diag.on(
                &attr.tokens,
                format_args!(
                    "`cfg_attr` cannot carry `#[{0}]`: write `#[cfg(…)]` on a function of its own that has `#[{0}]`",
                    kind.word()
                ),
            );
            false
        }
        None => true,
    });
    let mut markers = markers.into_iter();
    let first = markers.next();
    if let Some(first) = &first {
        for extra in markers {
            let (first, extra_word) = (first.kind.word(), extra.kind.word());
            if first == extra_word {
                diag.on(
                    &extra.attr.tokens,
                    format_args!(
                        "`{name}` has `#[{first}]` already: remove one, or write a second fn"
                    ),
                );
            } else {
                diag.on(
                    &extra.attr.tokens,
                    format_args!("`{name}` is `#[{first}]` already: move this to a second fn that both can call"),
                );
            }
        }
    }
    (first, diag.clean_since(mark))
}

/// The marker asks for `async`, a receiver and owned arguments whether the body needs them or not,
/// so a lint that would have them otherwise is not the user's to hear.
pub(crate) fn shape_is_ours() -> Attr {
    Attr::allow(&quote!(
        clippy::unused_async,
        clippy::unused_self,
        clippy::needless_pass_by_value,
        clippy::needless_pass_by_ref_mut
    ))
}

/// Reads a function whose marker has been taken off.
pub(crate) fn read(item: &FnItem, marker: &Marker, place: Place, diag: &mut Diag) -> Read {
    let mark = diag.mark();
    signature(item, marker.kind, is_blocking(marker), place, diag);
    let receiver = receiver(&item.sig, marker.kind, diag);
    // A receiver that was wrong is not also taken for a missing one.
    let assumed = receiver.unwrap_or(Receiver::None);
    let MarkerArgs { kind, name, krate } = marker_args(marker, assumed, diag);
    if let Some(kind) = &kind {
        fitting(item, kind, diag);
    }
    if place == Place::Method && krate.is_some() {
        diag.on(
            &marker.attr.tokens,
            "`crate` belongs on the impl: write `#[agent(crate = \"…\")]` above it",
        );
    }
    if place == Place::Free && matches!(kind, Some(HandlerKind::State(_))) {
        diag.on(
            &marker.attr.tokens,
            "a function of a state stands with the others of its machine, in an `#[agent] impl`",
        );
    }
    let handler = match (kind, receiver) {
        (Some(kind), Some(receiver)) if diag.clean_since(mark) => {
            Some(handler(item, kind, receiver, name.as_ref()))
        }
        _ => None,
    };
    Read { handler, krate }
}

fn marker_args(marker: &Marker, receiver: Receiver, diag: &mut Diag) -> MarkerArgs {
    let attr = &marker.attr;
    match marker.kind {
        MarkerKind::OnStart => plain(marker, HandlerKind::OnStart, diag),
        MarkerKind::OnStop => plain(marker, HandlerKind::OnStop, diag),
        MarkerKind::Behaviour => behaviour::read(attr, receiver, diag),
        MarkerKind::OnMessage => on_message::read(attr, diag),
        MarkerKind::OnPresence | MarkerKind::OnConnection => on_news::read(attr, marker.kind, diag),
    }
}

/// Whether the options have the word `blocking`: it decides what the signature must look like.
fn is_blocking(marker: &Marker) -> bool {
    use super::attr::Rest;
    let Rest::List(group) = &marker.attr.rest else {
        return false;
    };
    let mut tokens = group.stream().into_iter();
    marker.kind == MarkerKind::Behaviour
        && tokens
            .any(|token| matches!(token, proc_macro2::TokenTree::Ident(word) if word == "blocking"))
}

/// A marker that takes no options.
fn plain(marker: &Marker, kind: HandlerKind, diag: &mut Diag) -> MarkerArgs {
    use super::attr::Rest;
    let empty = match &marker.attr.rest {
        Rest::None => true,
        Rest::List(group) => group.stream().is_empty(),
        Rest::Other(_) => false,
    };
    if !empty {
        let word = marker.kind.word();
        diag.on(
            &marker.attr.tokens,
            format_args!("`#[{word}]` takes no options: write it alone"),
        );
    }
    MarkerArgs {
        kind: empty.then_some(kind),
        ..MarkerArgs::default()
    }
}

fn handler(item: &FnItem, kind: HandlerKind, receiver: Receiver, name: Option<&LitStr>) -> Handler {
    let cfg: Vec<TokenStream> = cfgs(&item.attrs);
    Handler {
        ident: item.sig.ident.clone(),
        name: name.map_or_else(|| item.sig.ident.unraw().to_string(), LitStr::value),
        name_given: name.map(LitStr::span),
        attrs: cfgs_and_allows(&item.attrs),
        cfg_key: cfg
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" "),
        receiver,
        args: args(item),
        output: output(&item.sig.output),
        kind,
    }
}

fn args(item: &FnItem) -> Vec<Arg> {
    item.sig
        .inputs
        .iter()
        .filter_map(|arg| match arg {
            FnArg::Receiver(_) => None,
            FnArg::Typed(arg) => {
                let tokens: TokenStream = arg.attrs.iter().map(ToTokens::to_token_stream).collect();
                // Printed from parsed attributes: reading them again cannot fail.
                let attrs = Attr::outer.parse2(tokens).unwrap_or_default();
                Some(Arg {
                    cfg: cfgs(&attrs),
                    ty: (*arg.ty).clone(),
                })
            }
        })
        .collect()
}

fn output(output: &ReturnType) -> Output {
    match output {
        ReturnType::Default => Output::Unit,
        ReturnType::Type(_, ty) => match holds_opaque(ty.to_token_stream()) {
            Some(span) => Output::Opaque(span),
            None => Output::Type(ty.clone()),
        },
    }
}

/// `impl Trait`, anywhere in a type, cannot be named a second time.
fn holds_opaque(tokens: TokenStream) -> Option<proc_macro2::Span> {
    tokens.into_iter().find_map(|tree| match tree {
        proc_macro2::TokenTree::Ident(word) if word == "impl" => Some(word.span()),
        proc_macro2::TokenTree::Group(group) => holds_opaque(group.stream()),
        _ => None,
    })
}

/// The first `Context<X>` among the arguments names the agent `X`.
pub(crate) fn agent_of_context(item: &FnItem) -> Option<Type> {
    item.sig.inputs.iter().find_map(|arg| match arg {
        FnArg::Typed(arg) => context_of(&arg.ty),
        FnArg::Receiver(_) => None,
    })
}

fn context_of(ty: &Type) -> Option<Type> {
    match ty {
        Type::Reference(reference) => context_of(&reference.elem),
        Type::Group(group) => context_of(&group.elem),
        Type::Paren(paren) => context_of(&paren.elem),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            let syn::PathArguments::AngleBracketed(arguments) = &last.arguments else {
                return None;
            };
            if last.ident != "Context" {
                return None;
            }
            arguments.args.iter().find_map(|argument| match argument {
                syn::GenericArgument::Type(ty) => Some(ty.clone()),
                _ => None,
            })
        }
        _ => None,
    }
}
