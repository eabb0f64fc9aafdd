//! What is left of an item that cannot be understood: its tokens, without our attributes.

use crate::input::attr::Attr;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::parse::Parser;

/// The item with every marker cut out, so that none of them complains about its place as well.
pub(crate) fn without_markers(tokens: TokenStream) -> TokenStream {
    without(tokens, &|attr| attr.marker().is_some())
}

/// The item without the attributes that `unwanted` picks, at any depth.
pub(crate) fn without(tokens: TokenStream, unwanted: &dyn Fn(&Attr) -> bool) -> TokenStream {
    let mut out = TokenStream::new();
    let mut trees = tokens.into_iter().peekable();
    while let Some(tree) = trees.next() {
        match tree {
            TokenTree::Punct(ref pound) if pound.as_char() == '#' => {
                let ours = matches!(trees.peek(), Some(TokenTree::Group(group)) if is_attr(group, unwanted));
                if ours {
                    trees.next();
                } else {
                    out.extend([tree]);
                }
            }
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), without(group.stream(), unwanted));
                inner.set_span(group.span());
                out.extend([TokenTree::Group(inner)]);
            }
            other => out.extend([other]),
        }
    }
    out
}

fn is_attr(group: &Group, unwanted: &dyn Fn(&Attr) -> bool) -> bool {
    if group.delimiter() != Delimiter::Bracket {
        return false;
    }
    let stream = group.stream();
    // A bracket group behind `#` always reads as an attribute.
    let attrs = Attr::outer.parse2(quote!(#[#stream])).unwrap_or_default();
    attrs.iter().any(unwanted)
}
