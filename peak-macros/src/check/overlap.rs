//! Templates that match nothing, and handlers that no message, or no news, reaches.

use super::algebra::Set;
use crate::diag::{Diag, listed};
use crate::model::template::Template;
use crate::model::{Handler, HandlerKind, Topics};
use proc_macro2::TokenStream;
use quote::ToTokens;

/// Reports a template that no message can match; `place` is what the error points at.
pub(crate) fn possible(template: &Template, place: &impl ToTokens, diag: &mut Diag) -> bool {
    let Some(set) = Set::of(template) else {
        return true;
    };
    match set.conflict() {
        None => true,
        Some(conflict) => {
            diag.on(
                place,
                format_args!("no message can match this template: {conflict}; for one or the other write `any(…, …)`"),
            );
            false
        }
    }
}

/// A handler of which it is understood what it takes.
struct Taker<'h> {
    handler: &'h Handler,
    observe: bool,
    takes: Takes,
}

/// What a handler takes: messages or news, never both.
enum Takes {
    Messages(Set),
    News(Topics),
}

/// Reports handlers that only match what earlier ones take: like the arms of a `match`, the first
/// that fits gets the message, or the news.
pub(crate) fn unreachable(handlers: &[Handler], diag: &mut Diag) {
    let mut earlier: Vec<Taker<'_>> = Vec::new();
    for handler in handlers {
        let (takes, observe, source) = match &handler.kind {
            HandlerKind::OnMessage(on_message) => {
                let set = Set::of(&on_message.template).map(Takes::Messages);
                (set, on_message.observe, &on_message.source)
            }
            HandlerKind::OnNews(on_news) => {
                let topics = Takes::News(on_news.topics);
                (Some(topics), on_news.observe, &on_news.source)
            }
            HandlerKind::OnStart
            | HandlerKind::OnStop
            | HandlerKind::Behaviour(_)
            | HandlerKind::State(_) => continue,
        };
        let Some(takes) = takes else { continue };
        let before: Vec<&Taker<'_>> = earlier
            .iter()
            .filter(|other| other.takes_before(handler))
            .collect();
        if let Some(takers) = takers(&takes, &before) {
            report(handler, takes.noun(), source, &takers, diag);
        }
        earlier.push(Taker {
            handler,
            observe,
            takes,
        });
    }
}

impl Takes {
    fn noun(&self) -> &'static str {
        match self {
            Self::Messages(_) => "message",
            Self::News(_) => "news",
        }
    }

    /// Whether all of it is in one of the others.
    fn is_covered_by(&self, others: &[&Self]) -> bool {
        match self {
            Self::Messages(set) => {
                let sets = others.iter().filter_map(|other| match other {
                    Self::Messages(set) => Some(set),
                    Self::News(_) => None,
                });
                set.is_covered_by(&sets.collect::<Vec<_>>())
            }
            Self::News(topics) => {
                let all = others
                    .iter()
                    .fold(Topics::default(), |all, other| match other {
                        Self::News(topics) => all.and(*topics),
                        Self::Messages(_) => all,
                    });
                topics.is_within(all)
            }
        }
    }
}

impl Taker<'_> {
    /// It keeps what it gets, for as long as the agent lives, and exists whenever the later one
    /// does.
    fn takes_before(&self, later: &Handler) -> bool {
        let cfg = &self.handler.cfg_key;
        let stays = !self.observe && !self.handler.output.may_end();
        stays && (cfg.is_empty() || *cfg == later.cfg_key)
    }
}

/// The fewest earlier handlers that leave nothing: one if one suffices.
fn takers<'t, 'h>(takes: &Takes, before: &[&'t Taker<'h>]) -> Option<Vec<&'t Taker<'h>>> {
    let alone = |taker: &&&Taker<'_>| takes.is_covered_by(&[&taker.takes]);
    if let Some(alone) = before.iter().find(alone) {
        return Some(vec![alone]);
    }
    let all = |takers: &[&Taker<'_>]| {
        takes.is_covered_by(&takers.iter().map(|taker| &taker.takes).collect::<Vec<_>>())
    };
    if !all(before) {
        return None;
    }
    let mut needed = before.to_vec();
    let mut index = 0;
    while index < needed.len() {
        let mut fewer = needed.clone();
        fewer.remove(index);
        if all(&fewer) {
            needed = fewer;
        } else {
            index += 1;
        }
    }
    Some(needed)
}

fn report(
    handler: &Handler,
    noun: &str,
    source: &TokenStream,
    takers: &[&Taker<'_>],
    diag: &mut Diag,
) {
    let names: Vec<String> = takers
        .iter()
        .map(|taker| taker.handler.ident.to_string())
        .collect();
    let above = listed(&names, "and");
    let name = &handler.ident;
    let message = match names.as_slice() {
        [only] => format!(
            "no {noun} ever reaches `{name}`: {above} above takes all that it would match; write `{name}` before it, \
             or add `observe` to `{only}`"
        ),
        _ => format!(
            "no {noun} ever reaches `{name}`: {above} above together take all that it would match; write `{name}` \
             before them, or add `observe` to them"
        ),
    };
    diag.on(source, message);
}
