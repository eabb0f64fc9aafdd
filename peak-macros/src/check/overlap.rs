//! Templates that match nothing, and handlers that no message, or no news, reaches.

use super::algebra::Set;
use crate::diag::{Diag, listed};
use crate::model::template::{Condition, PerformativeValue, Template, TextValue};
use crate::model::{Handler, HandlerKind, Part, Topics};
use crate::vocabulary::performative;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::LitStr;

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

/// A handler, or a part, of which it is understood what it takes.
struct Taker<'h> {
    who: Who<'h>,
    observe: bool,
    takes: Takes,
}

enum Who<'h> {
    Handler(&'h Handler),
    Part(&'h Part),
}

/// What a handler takes: messages or news, never both.
enum Takes {
    Messages(Set),
    News(Topics),
}

/// Reports handlers that only match what parts, or earlier handlers, take: like the arms of a `match`, the
/// first that fits gets the message, or the news.
pub(crate) fn unreachable(parts: &[Part], handlers: &[Handler], diag: &mut Diag) {
    let part = |part| {
        Some(Taker {
            who: Who::Part(part),
            observe: false,
            takes: Takes::Messages(Set::of(&opening(part))?),
        })
    };
    let mut earlier: Vec<Taker<'_>> = parts.iter().filter_map(part).collect();
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
            who: Who::Handler(handler),
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

/// What opens the conversations of a part.
fn opening(part: &Part) -> Template {
    let literal = |text: &str| LitStr::new(text, part.span);
    let acts = part.protocol.acts.iter().filter_map(|act| {
        let place = performative(act)?;
        let value = PerformativeValue::Known(place, literal(act));
        Some(Condition::Performative(value))
    });
    let tokens = part.protocol.tokens.iter().map(|token| Condition::Text {
        key: "protocol",
        value: TextValue::Literal(literal(token)),
    });
    let mut conditions = vec![
        Condition::Any(acts.collect()),
        Condition::Any(tokens.collect()),
    ];
    conditions.extend(part.only.iter().flat_map(|only| only.conditions.clone()));
    Template { conditions }
}

impl Taker<'_> {
    fn part(&self) -> Option<&Part> {
        match self.who {
            Who::Part(part) => Some(part),
            Who::Handler(_) => None,
        }
    }

    fn name(&self) -> String {
        match self.who {
            Who::Part(part) => part.protocol.name.to_owned(),
            Who::Handler(handler) => handler.ident.to_string(),
        }
    }

    /// It keeps what it gets, for as long as the agent lives, and exists whenever the later one
    /// does.
    fn takes_before(&self, later: &Handler) -> bool {
        let Who::Handler(handler) = self.who else {
            // What observes sees what the parts take.
            return !matches!(&later.kind, HandlerKind::OnMessage(on_message) if on_message.observe);
        };
        let cfg = &handler.cfg_key;
        let stays = !self.observe && !handler.output.may_end();
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
    let name = &handler.ident;
    let parts: Vec<&Part> = takers.iter().filter_map(|taker| taker.part()).collect();
    if let Some(part) = parts.first() {
        let played = part.protocol.name;
        diag.on(
            source,
            format_args!(
                "no {noun} ever reaches `{name}`: it is part of `plays({played})`, which comes before all handlers; \
                 what it shall do belongs in `impl {played}::Participant`"
            ),
        );
        return;
    }
    let names: Vec<String> = takers.iter().map(|taker| taker.name()).collect();
    let above = listed(&names, "and");
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
