//! The outer shape of every option list: `word`, `key = value`, `key(…)`, separated by commas.
//!
//! The reader is tolerant: what it cannot read it reports and steps over, and the rest of the list
//! is still understood.

use crate::diag::Diag;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Lit, LitStr, Token, token};

/// One item of an option list.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) value: Value,
    /// All of it, for errors that underline the whole.
    tokens: TokenStream,
}

/// What stands left of `=` or `(`.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    /// As Rust would spell it: `conversation-id` becomes `conversation_id`.
    pub(crate) text: String,
    pub(crate) span: Span,
    /// Written as a string literal, which only `metadata(…)` allows.
    pub(crate) quoted: bool,
    /// The spelling with dashes, where the user wrote one.
    pub(crate) dashed: Option<String>,
}

/// What stands right of the key.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// Nothing: the key is a word of its own.
    Word,
    /// `= expression`
    Expr(Box<Expr>),
    /// `(…)`
    List(Group),
    /// Something that cannot be read; already reported.
    Broken,
}

impl ToTokens for Entry {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.tokens.to_tokens(tokens);
    }
}

/// Reads an option list to its end.
pub(crate) fn entries(tokens: TokenStream, diag: &mut Diag) -> Vec<Entry> {
    let mut found = Vec::new();
    let read = |input: ParseStream| {
        while !input.is_empty() {
            match entry(input, diag) {
                Ok(entry) => found.push(entry),
                Err(error) => {
                    diag.add(error);
                    skip_to_comma(input)?;
                }
            }
            if input.is_empty() || input.parse::<Option<Token![,]>>()?.is_some() {
                continue;
            }
            diag.add(input.error("expected `,` before the next option"));
            if !input.peek(Ident::peek_any) {
                skip_to_comma(input)?;
                input.parse::<Option<Token![,]>>()?;
            }
        }
        Ok(())
    };
    // The reader above reports by itself; what is left are failures of `syn` to step over a token.
    if let Err(error) = read.parse2(tokens) {
        diag.add(error);
    }
    found
}

fn entry(input: ParseStream, diag: &mut Diag) -> syn::Result<Entry> {
    let mut tokens = TokenStream::new();
    let key = key(input, &mut tokens)?;
    let value = if input.peek(Token![=]) {
        input.parse::<Token![=]>()?.to_tokens(&mut tokens);
        if input.is_empty() || input.peek(Token![,]) {
            diag.on(
                &tokens,
                format_args!("`{0}` has no value: write `{0} = …`", key.text),
            );
            Value::Broken
        } else {
            match input.parse::<Expr>() {
                Ok(value) => {
                    value.to_tokens(&mut tokens);
                    Value::Expr(Box::new(value))
                }
                Err(error) => {
                    diag.add(error);
                    skip_to_comma(input)?;
                    Value::Broken
                }
            }
        }
    } else if input.peek(token::Paren) {
        let group: Group = input.parse()?;
        group.to_tokens(&mut tokens);
        Value::List(group)
    } else {
        Value::Word
    };
    Ok(Entry { key, value, tokens })
}

fn key(input: ParseStream, tokens: &mut TokenStream) -> syn::Result<Key> {
    if input.peek(LitStr) {
        let literal: LitStr = input.parse()?;
        literal.to_tokens(tokens);
        return Ok(Key {
            text: literal.value(),
            span: literal.span(),
            quoted: true,
            dashed: None,
        });
    }
    if !input.peek(Ident::peek_any) {
        return Err(input.error("expected an option: a word, `key = value` or `key(…)`"));
    }
    let first = input.call(Ident::parse_any)?;
    first.to_tokens(tokens);
    let mut text = first.unraw().to_string();
    let mut dashed = None;
    while input.peek(Token![-]) && input.peek2(Ident::peek_any) {
        input.parse::<Token![-]>()?.to_tokens(tokens);
        let next = input.call(Ident::parse_any)?;
        next.to_tokens(tokens);
        let spelled = format!("{}-{next}", dashed.as_ref().unwrap_or(&text));
        text = spelled.replace('-', "_");
        dashed = Some(spelled);
    }
    Ok(Key {
        text,
        span: first.span(),
        quoted: false,
        dashed,
    })
}

fn skip_to_comma(input: ParseStream) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

impl Entry {
    /// The expression after `=`; any other shape is reported with `example`, what to write.
    pub(crate) fn expr(&self, example: &str, diag: &mut Diag) -> Option<&Expr> {
        match &self.value {
            Value::Expr(value) => Some(value),
            Value::Broken => None,
            Value::Word | Value::List(_) => {
                diag.on(
                    self,
                    format_args!("`{}` takes a value: write `{example}`", self.key.text),
                );
                None
            }
        }
    }

    /// A string after `=` that is not empty; anything else is reported.
    pub(crate) fn text(&self, example: &str, diag: &mut Diag) -> Option<LitStr> {
        let value = self.expr(example, diag)?;
        match string(value) {
            Some(text) if text.value().trim().is_empty() => {
                diag.on(
                    text,
                    format_args!("`{}` is empty: write `{example}`", self.key.text),
                );
                None
            }
            Some(text) => Some(text.clone()),
            None => {
                diag.on(
                    value,
                    format_args!("`{}` is a string literal: write `{example}`", self.key.text),
                );
                None
            }
        }
    }

    /// The tokens between the parentheses; any other shape is reported with `example`.
    pub(crate) fn list(&self, example: &str, diag: &mut Diag) -> Option<TokenStream> {
        match &self.value {
            Value::List(group) => Some(group.stream()),
            Value::Broken => None,
            Value::Word | Value::Expr(_) => {
                diag.on(
                    self,
                    format_args!("`{}` takes a list: write `{example}`", self.key.text),
                );
                None
            }
        }
    }

    /// Nothing but the word; any other shape is reported.
    pub(crate) fn word(&self, diag: &mut Diag) -> bool {
        match &self.value {
            Value::Word => true,
            Value::Broken => false,
            Value::Expr(_) | Value::List(_) => {
                diag.on(
                    self,
                    format_args!("`{0}` takes no value: write `{0}` alone", self.key.text),
                );
                false
            }
        }
    }
}

/// Reports options that stand twice in a list; the first of them counts.
pub(crate) fn once(entry: &Entry, seen: &mut Vec<String>, diag: &mut Diag) -> bool {
    if seen.contains(&entry.key.text) {
        diag.on(
            entry,
            format_args!("`{}` is given twice: remove one of them", entry.key.text),
        );
        return false;
    }
    seen.push(entry.key.text.clone());
    true
}

/// The expression without the parentheses and invisible groups around it.
pub(crate) fn peel(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => peel(&group.expr),
        Expr::Paren(paren) => peel(&paren.expr),
        other => other,
    }
}

/// The string literal that this expression is, if it is one.
pub(crate) fn string(expr: &Expr) -> Option<&LitStr> {
    match literal(expr) {
        Some(Lit::Str(text)) => Some(text),
        _ => None,
    }
}

/// The literal that this expression is, if it is one.
pub(crate) fn literal(expr: &Expr) -> Option<&Lit> {
    match peel(expr) {
        Expr::Lit(literal) => Some(&literal.lit),
        _ => None,
    }
}

/// The options of an attribute that was found on an item: `#[name]`, `#[name(…)]`.
pub(crate) fn of_attribute(
    attr: &crate::input::attr::Attr,
    diag: &mut Diag,
) -> Option<TokenStream> {
    use crate::input::attr::Rest;
    match &attr.rest {
        Rest::None => Some(TokenStream::new()),
        Rest::List(group) if group.delimiter() == Delimiter::Parenthesis => Some(group.stream()),
        Rest::List(_) | Rest::Other(_) => {
            diag.on(
                &attr.tokens,
                format_args!("options stand in parentheses: write `#[{}(…)]`", attr.name),
            );
            None
        }
    }
}
