//! An `impl` block under `#[agent]`: its head parsed, its items split.

use super::attr::{Attr, cfgs};
use super::item::{Item, items};
use proc_macro2::{Delimiter, Group, TokenStream};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Generics, Path, Token, Type, WhereClause};

/// The block as written; [`ImplBlock::into_tokens`] gives it back.
#[derive(Debug)]
pub(crate) struct ImplBlock {
    pub(crate) attrs: Vec<Attr>,
    /// `unsafe`, `default` and whatever else stands before `impl`.
    modifiers: TokenStream,
    impl_token: Token![impl],
    pub(crate) generics: Generics,
    /// `Trait for`, if it is no inherent impl.
    pub(crate) of_trait: Option<OfTrait>,
    pub(crate) self_ty: Type,
    where_clause: Option<WhereClause>,
    body: Group,
    pub(crate) items: Vec<Item>,
}

#[derive(Debug)]
pub(crate) struct OfTrait {
    bang: Option<Token![!]>,
    pub(crate) path: Path,
    for_token: Token![for],
}

impl ToTokens for OfTrait {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.bang.to_tokens(tokens);
        self.path.to_tokens(tokens);
        self.for_token.to_tokens(tokens);
    }
}

impl ImplBlock {
    pub(crate) fn read(tokens: TokenStream) -> syn::Result<Self> {
        Self::parse.parse2(tokens)
    }

    fn parse(input: ParseStream) -> syn::Result<Self> {
        let attrs = Attr::outer(input)?;
        let mut modifiers = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![impl]) {
            input
                .parse::<proc_macro2::TokenTree>()?
                .to_tokens(&mut modifiers);
        }
        let impl_token = input.parse()?;
        let mut generics: Generics = if input.peek(Token![<]) {
            input.parse()?
        } else {
            Generics::default()
        };
        let bang = input.parse()?;
        let first: Type = input.parse()?;
        let (of_trait, self_ty) = if input.peek(Token![for]) {
            let path = match first {
                Type::Path(path) if path.qself.is_none() => path.path,
                other => return Err(syn::Error::new_spanned(other, "expected a trait")),
            };
            (
                Some(OfTrait {
                    bang,
                    path,
                    for_token: input.parse()?,
                }),
                input.parse()?,
            )
        } else {
            (None, first)
        };
        let where_clause: Option<WhereClause> = input.parse()?;
        let body: Group = input.parse()?;
        if body.delimiter() != Delimiter::Brace {
            return Err(syn::Error::new(
                body.span(),
                "expected the block of the impl",
            ));
        }
        generics.where_clause.clone_from(&where_clause);
        let items = items(body.stream());
        Ok(Self {
            attrs,
            modifiers,
            impl_token,
            generics,
            of_trait,
            self_ty,
            where_clause,
            body,
            items,
        })
    }

    /// `#[cfg]`s on the whole block.
    pub(crate) fn cfg(&self) -> Vec<TokenStream> {
        cfgs(&self.attrs)
    }

    /// The block again, with the items as they now are.
    pub(crate) fn to_item(&self) -> TokenStream {
        let mut tokens = TokenStream::new();
        for attr in &self.attrs {
            attr.to_tokens(&mut tokens);
        }
        self.modifiers.to_tokens(&mut tokens);
        self.impl_token.to_tokens(&mut tokens);
        // Without its where clause, which stands further down.
        let mut head = self.generics.clone();
        head.where_clause = None;
        head.to_tokens(&mut tokens);
        self.of_trait.to_tokens(&mut tokens);
        self.self_ty.to_tokens(&mut tokens);
        self.where_clause.to_tokens(&mut tokens);
        let content = self.items.iter().map(ToTokens::to_token_stream).collect();
        let mut body = Group::new(Delimiter::Brace, content);
        body.set_span(self.body.span());
        body.to_tokens(&mut tokens);
        tokens
    }
}
