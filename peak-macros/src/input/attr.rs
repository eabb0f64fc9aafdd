//! Attributes by their tokens: `#[path]`, `#[path(…)]`, `#[path = …]`.
//!
//! Only the name has to be readable, so no attribute of another crate, and no half-typed one, can
//! make an item unreadable.

use crate::vocabulary::MarkerKind;
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::parse::ParseStream;
use syn::{Expr, Lit, Token, token};

/// One outer attribute.
#[derive(Debug, Clone)]
pub(crate) struct Attr {
    /// The attribute as written.
    pub(crate) tokens: TokenStream,
    /// The last word of its path: `behaviour` for `#[peak::behaviour]`.
    pub(crate) name: String,
    pub(crate) path: TokenStream,
    pub(crate) rest: Rest,
}

/// What follows the path of an attribute.
#[derive(Debug, Clone)]
pub(crate) enum Rest {
    None,
    List(Group),
    Other(TokenStream),
}

impl ToTokens for Attr {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

impl Attr {
    /// Reads the attributes at the start of an item.
    pub(crate) fn outer(input: ParseStream) -> syn::Result<Vec<Self>> {
        let mut attrs = Vec::new();
        while input.peek(Token![#]) && input.peek2(token::Bracket) {
            let pound: Token![#] = input.parse()?;
            let group: Group = input.parse()?;
            attrs.push(Self::new(&pound, &group));
        }
        Ok(attrs)
    }

    /// An attribute macro's own invocation, as it stood on the item: `#[name(args)]`.
    pub(crate) fn invocation(kind: MarkerKind, args: &TokenStream) -> Self {
        let name = proc_macro2::Ident::new(kind.word(), proc_macro2::Span::call_site());
        let rest = if args.is_empty() {
            Rest::None
        } else {
            Rest::List(Group::new(Delimiter::Parenthesis, args.clone()))
        };
        // The arguments carry the user's spans; the brackets around them are the invocation's.
        Self {
            tokens: quote!(#name),
            name: kind.word().to_owned(),
            path: quote!(#name),
            rest,
        }
    }

    /// `#[allow(lints)]`, of ours.
    pub(crate) fn allow(lints: &TokenStream) -> Self {
        Self {
            tokens: quote!(#[allow(#lints)]),
            name: "allow".to_owned(),
            path: quote!(allow),
            rest: Rest::List(Group::new(Delimiter::Parenthesis, lints.clone())),
        }
    }

    fn new(pound: &Token![#], group: &Group) -> Self {
        let mut path = Vec::new();
        let mut rest = Vec::new();
        for tree in visible(group.stream()) {
            let in_path = match &tree {
                TokenTree::Ident(_) => true,
                TokenTree::Punct(punct) => punct.as_char() == ':',
                TokenTree::Group(_) | TokenTree::Literal(_) => false,
            };
            if in_path && rest.is_empty() {
                path.push(tree);
            } else {
                rest.push(tree);
            }
        }
        let name = match path.last() {
            Some(TokenTree::Ident(name)) => name.to_string(),
            _ => String::new(),
        };
        let rest = match rest.as_slice() {
            [] => Rest::None,
            [TokenTree::Group(group)] => Rest::List(group.clone()),
            _ => Rest::Other(rest.into_iter().collect()),
        };
        Self {
            tokens: quote!(#pound #group),
            name,
            path: path.into_iter().collect(),
            rest,
        }
    }

    /// The marker that this attribute is, if it is one of ours.
    pub(crate) fn marker(&self) -> Option<Marker> {
        MarkerKind::of(&self.name).map(|kind| Marker {
            kind,
            attr: self.clone(),
        })
    }

    fn list(&self) -> Option<TokenStream> {
        match &self.rest {
            Rest::List(group) => Some(group.stream()),
            Rest::None | Rest::Other(_) => None,
        }
    }

    /// For `#[cfg_attr(condition, a, b)]`: the condition, and the attributes with their names.
    fn conditional(&self) -> Option<(TokenStream, Vec<(String, TokenStream)>)> {
        if self.name != "cfg_attr" {
            return None;
        }
        let mut parts: Vec<TokenStream> = vec![TokenStream::new()];
        for tree in self.list()? {
            if matches!(&tree, TokenTree::Punct(punct) if punct.as_char() == ',') {
                parts.push(TokenStream::new());
            } else if let Some(part) = parts.last_mut() {
                part.extend([tree]);
            }
        }
        let mut parts = parts.into_iter();
        let condition = parts.next()?;
        let attrs = parts.filter(|part| !part.is_empty()).map(|part| {
            let mut name = String::new();
            for tree in part.clone() {
                match tree {
                    TokenTree::Ident(ident) => name = ident.to_string(),
                    TokenTree::Punct(punct) if punct.as_char() == ':' => {}
                    _ => break,
                }
            }
            (name, part)
        });
        Some((condition, attrs.collect()))
    }

    /// The marker that hides inside a `#[cfg_attr(…)]`.
    pub(crate) fn conditional_marker(&self) -> Option<MarkerKind> {
        let (_, attrs) = self.conditional()?;
        attrs.iter().find_map(|(name, _)| MarkerKind::of(name))
    }

    /// Whether an attribute of that name stands inside this `#[cfg_attr(…)]`.
    pub(crate) fn hides(&self, name: &str) -> bool {
        self.conditional()
            .is_some_and(|(_, attrs)| attrs.iter().any(|(inner, _)| inner == name))
    }

    /// This attribute, cut down to those named, `cfg_attr` included.
    fn only(&self, names: &[&str]) -> Option<TokenStream> {
        if names.contains(&self.name.as_str()) {
            return Some(self.tokens.clone());
        }
        let (condition, attrs) = self.conditional()?;
        let kept: Vec<TokenStream> = attrs
            .into_iter()
            .filter(|(name, _)| names.contains(&name.as_str()))
            .map(|(_, tokens)| tokens)
            .collect();
        (!kept.is_empty()).then(|| quote!(#[cfg_attr(#condition, #(#kept),*)]))
    }
}

/// The tokens of an attribute that a `macro_rules!` was given as `$meta:meta`.
fn visible(stream: TokenStream) -> TokenStream {
    let mut trees = stream.clone().into_iter();
    match (trees.next(), trees.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            visible(group.stream())
        }
        _ => stream,
    }
}

/// The `#[cfg]`s among the attributes, to be repeated on what is generated.
pub(crate) fn cfgs(attrs: &[Attr]) -> Vec<TokenStream> {
    attrs
        .iter()
        .filter_map(|attr| attr.only(&["cfg"]))
        .collect()
}

/// The `#[cfg]`s and `#[allow]`s among the attributes.
pub(crate) fn cfgs_and_allows(attrs: &[Attr]) -> Vec<TokenStream> {
    attrs
        .iter()
        .filter_map(|attr| attr.only(&["cfg", "allow"]))
        .collect()
}

/// The doc comments as one text; a line's first space belongs to the comment sign.
pub(crate) fn doc(attrs: &[Attr]) -> String {
    let lines: Vec<String> = attrs
        .iter()
        .filter(|attr| attr.name == "doc")
        .filter_map(doc_line)
        .collect();
    lines.join("\n").trim().to_owned()
}

fn doc_line(attr: &Attr) -> Option<String> {
    let Rest::Other(rest) = &attr.rest else {
        return None;
    };
    let mut trees = rest.clone().into_iter();
    if !matches!(trees.next(), Some(TokenTree::Punct(equals)) if equals.as_char() == '=') {
        return None;
    }
    // `#[doc = include_str!(…)]` is not text yet when macros run.
    let Ok(Expr::Lit(literal)) = syn::parse2::<Expr>(trees.collect()) else {
        return None;
    };
    let Lit::Str(text) = literal.lit else {
        return None;
    };
    let text = text.value();
    Some(text.strip_prefix(' ').unwrap_or(&text).to_owned())
}

/// The parts of an attribute that were found on a function.
#[derive(Debug, Clone)]
pub(crate) struct Marker {
    pub(crate) kind: MarkerKind,
    pub(crate) attr: Attr,
}
