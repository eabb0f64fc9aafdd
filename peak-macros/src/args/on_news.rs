//! The options of `#[on_presence(…)]` and `#[on_connection(…)]`: kinds of news, `observe` and `name`.

use super::entries::Entry;
use super::marker::{Common, MarkerArgs, options};
use crate::diag::{Diag, did_you_mean};
use crate::input::attr::Attr;
use crate::model::{HandlerKind, OnNews, Topics};
use crate::vocabulary::{MarkerKind, NEWS, kinds_of_news, template_keys};

pub(crate) fn read(attr: &Attr, marker: MarkerKind, diag: &mut Diag) -> MarkerArgs {
    let mark = diag.mark();
    let Some((source, entries)) = options(attr, diag) else {
        return MarkerArgs::default();
    };
    let mut common = Common::default();
    let mut topics = Topics::default();
    for entry in entries {
        match entry.key.text.as_str() {
            // Before the options: nothing is quoted here, whatever it says.
            _ if entry.key.quoted => unknown(&entry, marker, diag),
            _ if common.take(&entry, diag) => {}
            kind if kinds_of_news(marker).any(|word| word == kind) => {
                if common.once(&entry, diag) && entry.word(diag) {
                    topics = topics.with(kind);
                }
            }
            _ => unknown(&entry, marker, diag),
        }
    }
    if topics.is_empty() {
        topics = Topics::all_of(marker);
    }
    let on_news = diag.clean_since(mark).then_some(OnNews {
        marker,
        topics,
        observe: common.observe,
        source,
    });
    common.of(on_news.map(HandlerKind::OnNews))
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
