//! The items of an impl block, one by one: functions with a parsed signature and a raw body,
//! everything else untouched.

use super::attr::Attr;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Signature, Token, Visibility};

/// A function: its signature is understood, its body is not looked at.
#[derive(Debug, Clone)]
pub(crate) struct FnItem {
    pub(crate) attrs: Vec<Attr>,
    pub(crate) vis: Visibility,
    /// `default`, which only a nightly compiler accepts; kept for it to judge.
    pub(crate) defaultness: Option<Token![default]>,
    pub(crate) sig: Signature,
    /// The block, or `;`.
    pub(crate) body: TokenStream,
}

/// One item between the braces of an impl.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    Fn(Box<FnItem>),
    /// A constant, a type, a macro call, or a function that cannot be read.
    Other(OtherItem),
}

#[derive(Debug, Clone)]
pub(crate) struct OtherItem {
    pub(crate) attrs: Vec<Attr>,
    pub(crate) tokens: TokenStream,
    /// What is wrong with a function whose signature cannot be read.
    pub(crate) error: Option<syn::Error>,
}

impl ToTokens for FnItem {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attr in &self.attrs {
            attr.to_tokens(tokens);
        }
        self.vis.to_tokens(tokens);
        self.defaultness.to_tokens(tokens);
        self.sig.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

impl ToTokens for OtherItem {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        for attr in &self.attrs {
            attr.to_tokens(tokens);
        }
        self.tokens.to_tokens(tokens);
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Fn(item) => item.to_tokens(tokens),
            Self::Other(item) => item.to_tokens(tokens),
        }
    }
}

/// Splits the body of an impl. Total: every token ends up in one of the items.
pub(crate) fn items(body: TokenStream) -> Vec<Item> {
    let mut found = Vec::new();
    let split = |input: ParseStream| {
        while !input.is_empty() {
            found.push(item(input)?);
        }
        Ok(())
    };
    // `item` consumes at least a token and fails only at the end of the input, which is checked.
    let _ = split.parse2(body);
    found
}

fn item(input: ParseStream) -> syn::Result<Item> {
    // Inner attributes, `#![…]`, stand alone.
    if input.peek(Token![#]) && input.peek2(Token![!]) {
        let tokens: [TokenTree; 3] = [input.parse()?, input.parse()?, input.parse()?];
        return Ok(Item::Other(OtherItem {
            attrs: Vec::new(),
            tokens: tokens.into_iter().collect(),
            error: None,
        }));
    }
    let attrs = Attr::outer(input)?;
    if !looks_like_fn(input) {
        return Ok(Item::Other(OtherItem {
            attrs,
            tokens: other(input)?,
            error: None,
        }));
    }
    let attempt = input.fork();
    match function(&attempt) {
        Ok((vis, defaultness, sig)) => {
            let body = other(&attempt)?;
            input.advance_to(&attempt);
            Ok(Item::Fn(Box::new(FnItem {
                attrs,
                vis,
                defaultness,
                sig,
                body,
            })))
        }
        Err(error) => Ok(Item::Other(OtherItem {
            attrs,
            tokens: other(input)?,
            error: Some(error),
        })),
    }
}

/// Reads all of a free function's tokens.
pub(crate) fn single_fn(tokens: TokenStream) -> syn::Result<FnItem> {
    let read = |input: ParseStream| {
        let attrs = Attr::outer(input)?;
        let (vis, defaultness, sig) = function(input)?;
        Ok(FnItem {
            attrs,
            vis,
            defaultness,
            sig,
            body: input.parse()?,
        })
    };
    read.parse2(tokens)
}

fn function(input: ParseStream) -> syn::Result<(Visibility, Option<Token![default]>, Signature)> {
    Ok((input.parse()?, input.parse()?, input.parse()?))
}

/// Whether the words in front lead to `fn`.
pub(crate) fn looks_like_fn(input: ParseStream) -> bool {
    let ahead = input.fork();
    loop {
        match ahead.parse::<TokenTree>() {
            Ok(TokenTree::Ident(word)) if word == "fn" => return true,
            Ok(TokenTree::Ident(word))
                if [
                    "pub", "crate", "default", "const", "async", "unsafe", "safe", "extern",
                ]
                .iter()
                .any(|modifier| word == modifier) => {}
            // `pub(crate)`, and the ABI of `extern "C"`.
            Ok(TokenTree::Group(group)) if group.delimiter() == Delimiter::Parenthesis => {}
            Ok(TokenTree::Group(group)) if group.delimiter() == Delimiter::None => {}
            Ok(TokenTree::Literal(_)) => {}
            _ => return false,
        }
    }
}

/// Everything up to the end of an item: its block, or a `;`.
fn other(input: ParseStream) -> syn::Result<TokenStream> {
    // A constant ends at its `;` even if its value is a block.
    let ends_with_block = !is_value(input);
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        let tree: TokenTree = input.parse()?;
        let done = match &tree {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => ends_with_block && is_block(group),
            TokenTree::Ident(_) | TokenTree::Literal(_) => false,
        };
        tokens.extend([tree]);
        if done {
            break;
        }
    }
    Ok(tokens)
}

/// Whether a constant, a type or a static stands here.
fn is_value(input: ParseStream) -> bool {
    let ahead = input.fork();
    if ahead.parse::<Visibility>().is_err() {
        return false;
    }
    ahead.peek(Token![const]) || ahead.peek(Token![type]) || ahead.peek(Token![static])
}

/// Braces, or braces that a `macro_rules!` was given as `$body:block`.
fn is_block(group: &Group) -> bool {
    match group.delimiter() {
        Delimiter::Brace => true,
        Delimiter::None => {
            let mut inner = group.stream().into_iter();
            matches!((inner.next(), inner.next()), (Some(TokenTree::Group(inner)), None) if is_block(&inner))
        }
        Delimiter::Parenthesis | Delimiter::Bracket => false,
    }
}
