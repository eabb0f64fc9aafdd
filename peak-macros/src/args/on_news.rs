//! The options of `#[on_presence(…)]` and `#[on_connection(…)]`: kinds of news, `observe` and `name`.

use super::entries::{Entry, entries, of_attribute, once};
use crate::diag::{Diag, did_you_mean};
use crate::input::attr::Attr;
use crate::model::{OnNews, Topics};
use crate::paths::CratePath;
use crate::vocabulary::{MarkerKind, NEWS, kinds_of_news, template_keys};
use quote::ToTokens;
use syn::LitStr;

/// What the attribute says; `on_news` is `None` if it cannot be registered.
#[derive(Debug)]
pub(crate) struct OnNewsArgs {
    pub(crate) on_news: Option<OnNews>,
    pub(crate) name: Option<LitStr>,
    pub(crate) krate: Option<CratePath>,
}

impl OnNewsArgs {
    pub(crate) fn read(attr: &Attr, marker: MarkerKind, diag: &mut Diag) -> Self {
        let mark = diag.mark();
        let mut args = Self {
            on_news: None,
            name: None,
            krate: None,
        };
        let Some(tokens) = of_attribute(attr, diag) else {
            return args;
        };
        let source = if tokens.is_empty() {
            attr.path.to_token_stream()
        } else {
            tokens.clone()
        };
        let mut observe = false;
        let mut topics = Topics::default();
        let mut seen = Vec::new();
        for entry in entries(tokens, diag) {
            let key = entry.key.text.as_str();
            match key {
                _ if entry.key.quoted => unknown(&entry, marker, diag),
                "observe" if once(&entry, &mut seen, diag) => observe = entry.word(diag),
                "name" if once(&entry, &mut seen, diag) => {
                    args.name = entry.text("name = \"learn\"", diag);
                }
                "crate" if once(&entry, &mut seen, diag) => {
                    args.krate = CratePath::from_entry(&entry, diag);
                }
                "observe" | "name" | "crate" => {}
                kind if kinds_of_news(marker).any(|word| word == kind) => {
                    if once(&entry, &mut seen, diag) && entry.word(diag) {
                        topics = topics.with(kind);
                    }
                }
                _ => unknown(&entry, marker, diag),
            }
        }
        if diag.clean_since(mark) {
            if topics.is_empty() {
                topics = Topics::all_of(marker);
            }
            args.on_news = Some(OnNews {
                marker,
                topics,
                observe,
                source,
            });
        }
        args
    }
}

fn unknown(entry: &Entry, marker: MarkerKind, diag: &mut Diag) {
    let word = marker.word();
    let key = entry.key.dashed.as_deref().unwrap_or(&entry.key.text);
    let elsewhere = NEWS.iter().find(|(kind, ..)| *kind == key);
    match elsewhere {
        Some((_, _, of)) if entry.key.quoted => diag.on(
            entry,
            format_args!("a kind of news is a word: write `#[{}({key})]`", of.word()),
        ),
        Some((_, _, of)) => diag.on(
            entry,
            format_args!("`{key}` is of another kind of news: write `#[{}({key})]` on a function of its own", of.word()),
        ),
        None if template_keys().any(|known| known == entry.key.text) => diag.on(
            entry,
            format_args!(
                "`{key}` describes messages, and news is told apart by its kind alone: take what you need of it as an \
                 argument, such as `{}`",
                match marker {
                    MarkerKind::OnConnection => "change: ConnectionChange",
                    _ => "Sender(who): Sender",
                }
            ),
        ),
        None => {
            let kinds: Vec<&str> = kinds_of_news(marker).collect();
            let known = kinds.iter().copied().chain(["observe", "name"]);
            diag.on(
                entry,
                format_args!(
                    "unknown kind `{key}` of `#[{word}]`{}\nthe kinds are: {}; the options: observe, name",
                    did_you_mean(key, known),
                    kinds.join(", ")
                ),
            );
        }
    }
}
