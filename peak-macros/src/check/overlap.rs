//! Templates that match nothing, and handlers that no message reaches.

use super::algebra::Set;
use crate::diag::{Diag, listed};
use crate::model::template::Template;
use crate::model::{Handler, HandlerKind, OnMessage};
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

/// A handler whose template was understood.
struct Taker<'h> {
    handler: &'h Handler,
    on_message: &'h OnMessage,
    set: Set,
}

/// Reports handlers that only match what earlier ones take: like the arms of a `match`, the first
/// that fits gets the message.
pub(crate) fn unreachable(handlers: &[Handler], diag: &mut Diag) {
    let mut earlier: Vec<Taker<'_>> = Vec::new();
    for handler in handlers {
        let HandlerKind::OnMessage(on_message) = &handler.kind else {
            continue;
        };
        let Some(set) = Set::of(&on_message.template) else {
            continue;
        };
        let before: Vec<&Taker<'_>> = earlier
            .iter()
            .filter(|other| other.takes_before(handler))
            .collect();
        if let Some(takers) = takers(&set, &before) {
            report(handler, on_message, &takers, diag);
        }
        earlier.push(Taker {
            handler,
            on_message,
            set,
        });
    }
}

impl Taker<'_> {
    /// It keeps the messages it gets, for as long as the agent lives, and exists whenever the later
    /// one does.
    fn takes_before(&self, later: &Handler) -> bool {
        let cfg = &self.handler.cfg_key;
        let stays = !self.on_message.observe && !self.handler.output.may_end();
        stays && (cfg.is_empty() || *cfg == later.cfg_key)
    }
}

/// The fewest earlier handlers that leave nothing: one if one suffices.
fn takers<'t, 'h>(set: &Set, before: &[&'t Taker<'h>]) -> Option<Vec<&'t Taker<'h>>> {
    if let Some(alone) = before.iter().find(|taker| set.is_covered_by(&[&taker.set])) {
        return Some(vec![alone]);
    }
    let all = |takers: &[&Taker<'_>]| {
        set.is_covered_by(&takers.iter().map(|taker| &taker.set).collect::<Vec<_>>())
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

fn report(handler: &Handler, on_message: &OnMessage, takers: &[&Taker<'_>], diag: &mut Diag) {
    let names: Vec<String> = takers
        .iter()
        .map(|taker| taker.handler.ident.to_string())
        .collect();
    let above = listed(&names, "and");
    let name = &handler.ident;
    let message = match names.as_slice() {
        [only] => format!(
            "no message ever reaches `{name}`: {above} above takes all that it would match; write `{name}` before it, \
             or add `observe` to `{only}`"
        ),
        _ => format!(
            "no message ever reaches `{name}`: {above} above together take all that it would match; write `{name}` \
             before them, or add `observe` to them"
        ),
    };
    diag.on(&on_message.source, message);
}
