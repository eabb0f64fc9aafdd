//! Each macro from its tokens to its output: read, check, expand, and put the errors beside the item.
//!
//! Whatever is wrong, the user's item is in the output.

use crate::args::agent::{ImplArgs, StructArgs};
use crate::args::template::template as read_template;
use crate::check::signature::Place;
use crate::check::{handlers, machine, overlap};
use crate::diag::Diag;
use crate::input::agent_impl::ImplBlock;
use crate::input::free_fn::leading_word;
use crate::input::handler::{read as read_handler, shape_is_ours, take_marker};
use crate::input::item::Item;
use crate::input::{agent_struct, free_fn};
use crate::model::AgentImpl;
use crate::paths::CratePath;
use crate::vocabulary::MarkerKind;
use crate::{expand, fallback};
use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{GenericParam, Token};

/// `#[agent]`
pub(crate) fn agent(args: TokenStream, item: TokenStream) -> TokenStream {
    match leading_word(item.clone()).as_deref() {
        Some("struct") => agent_on_struct(args, item),
        Some("impl") => agent_on_impl(args, item),
        other => {
            let mut diag = Diag::new();
            let hint = match other {
                Some("enum" | "union") => {
                    "an agent is a struct: put the enum or union into one of its fields"
                }
                Some("fn") => {
                    "`#[agent]` belongs on a struct and on its impl: a function becomes part of an agent with \
                     `#[behaviour(…)]` or `#[on_message(…)]`"
                }
                Some("trait") => "`#[agent]` belongs on a struct and on its impl, not on a trait",
                _ => "`#[agent]` belongs on a struct and on its impl",
            };
            diag.at(Span::call_site(), hint);
            let errors = diag.into_tokens();
            let item = agent_struct::without_params(item);
            quote!(#item #errors)
        }
    }
}

fn agent_on_struct(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let args = StructArgs::read(args, &mut diag);
    let Some(input) = agent_struct::read(args, tokens.clone(), &mut diag) else {
        let errors = diag.into_tokens();
        let item = agent_struct::without_params(tokens);
        return quote!(#item #errors);
    };
    let item = &input.item;
    // A type that borrows cannot be an agent at all: no fallback would hold either.
    let borrows = has_lifetimes(&item.generics);
    let build = diag.is_clean();
    let agent = (!borrows).then(|| expand::agent_struct::agent_struct(&input.model, build));
    let errors = diag.into_tokens();
    quote!(#item #agent #errors)
}

fn agent_on_impl(args: TokenStream, tokens: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let args = ImplArgs::read(args, &mut diag);
    let mut block = match ImplBlock::read(tokens.clone()) {
        Ok(block) => block,
        Err(error) => {
            diag.add(error);
            let errors = diag.into_tokens();
            let item = fallback::without_markers(tokens);
            return quote!(#item #errors);
        }
    };
    agent_struct::owned(&block.generics, "impl", &mut diag);
    let mut model = AgentImpl {
        krate: args.krate,
        cfg: block.cfg(),
        generics: block.generics.clone(),
        self_ty: block.self_ty.clone(),
        handlers: Vec::new(),
        adopted: args.behaviours,
        plays: args.plays,
    };
    let mut marked = false;
    for item in &mut block.items {
        marked |= read_item(item, &mut model, &mut diag);
    }
    let wiring = match &block.of_trait {
        Some(of_trait) => {
            diag.on(
                of_trait,
                format_args!(
                    "an agent's functions stand in an impl of its own: write `#[agent] impl {}`, and keep this one without `#[agent]`",
                    block.self_ty.to_token_stream()
                ),
            );
            // With markers inside this was meant to be the agent's impl; the type would otherwise
            // be reported as lacking one.
            model.handlers.clear();
            marked.then(|| expand::agent_impl::wiring(&model))
        }
        None if has_lifetimes(&block.generics) => None,
        None => {
            handlers::together(&model.handlers, &mut diag);
            machine::machines(&mut model.handlers, &mut diag);
            overlap::unreachable(&model.plays, &model.handlers, &mut diag);
            Some(expand::agent_impl::wiring(&model))
        }
    };
    let documentation = expand::state::documentation(&model.handlers);
    let item = block.to_item();
    let errors = diag.into_tokens();
    quote!(#documentation #item #wiring #errors)
}

/// Takes the marker off an item, and its function into the model; says whether there was one.
fn read_item(item: &mut Item, model: &mut AgentImpl, diag: &mut Diag) -> bool {
    match item {
        Item::Fn(function) => {
            let name = function.sig.ident.to_string();
            let (marker, alone) = take_marker(&mut function.attrs, &name, diag);
            let Some(marker) = marker else { return false };
            let read = read_handler(function, &marker, Place::Method, diag);
            function.attrs.push(shape_is_ours());
            if alone {
                model.handlers.extend(read.handler);
            }
            true
        }
        Item::Other(other) => {
            let (marker, _) = take_marker(&mut other.attrs, "this item", diag);
            let Some(marker) = marker else { return false };
            match other.error.take() {
                Some(error) => diag.add(error),
                None => diag.on(
                    &marker.attr.tokens,
                    format_args!("`#[{}]` belongs on an `async fn`", marker.kind.word()),
                ),
            }
            true
        }
    }
}

fn has_lifetimes(generics: &syn::Generics) -> bool {
    generics
        .params
        .iter()
        .any(|param| matches!(param, GenericParam::Lifetime(_)))
}

/// `#[behaviour]`, `#[on_message]` and the other markers, where no `#[agent] impl` took them.
pub(crate) fn marker(kind: MarkerKind, args: &TokenStream, item: TokenStream) -> TokenStream {
    let mut diag = Diag::new();
    let output = match free_fn::read(kind, args, item.clone(), &mut diag) {
        Some(model) => expand::free_fn::free_fn(&model),
        None => item,
    };
    let errors = diag.into_tokens();
    quote!(#output #errors)
}

/// `template_impl!(crate path; template)`
pub(crate) fn template(tokens: TokenStream) -> TokenStream {
    let (krate, conditions) = match split.parse2(tokens) {
        Ok(split) => split,
        Err(error) => return error.to_compile_error(),
    };
    let mut diag = Diag::new();
    let source = conditions.clone();
    let model = read_template(conditions, &mut diag);
    if diag.is_clean() {
        overlap::possible(&model, &source, &mut diag);
    }
    if diag.is_clean() {
        return expand::template::template(&krate, &model);
    }
    // Still of the type that the user expects, so that nothing else complains.
    let errors = diag.into_tokens();
    quote!({ #errors #krate::Template::everything() })
}

/// `mas_impl!(crate path; "path of a file")`
#[cfg(feature = "mas")]
pub(crate) fn mas(tokens: TokenStream) -> TokenStream {
    match split.parse2(tokens) {
        Ok((krate, path)) => crate::mas::mas(&krate, path),
        Err(error) => error.to_compile_error(),
    }
}

/// The path of the crate, which a `macro_rules!` of it gives, and behind a `;` what the user wrote.
fn split(input: ParseStream) -> syn::Result<(CratePath, TokenStream)> {
    let mut krate = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![;]) {
        input
            .parse::<proc_macro2::TokenTree>()?
            .to_tokens(&mut krate);
    }
    input.parse::<Token![;]>()?;
    Ok((CratePath::from_tokens(krate), input.parse()?))
}
