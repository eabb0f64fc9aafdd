//! The rules between the functions of one impl: names, and one hook of a kind.

use crate::diag::Diag;
use crate::model::{Handler, HandlerKind};

/// Reports what cannot stand side by side.
pub(crate) fn together(handlers: &[Handler], diag: &mut Diag) {
    for (index, handler) in handlers.iter().enumerate() {
        let earlier = &handlers[..index];
        hooks(handler, earlier, diag);
        names(handler, earlier, diag);
    }
}

/// Two items may be alternatives of each other: then both have a condition, and not the same one.
fn alternatives(one: &Handler, other: &Handler) -> bool {
    !one.cfg_key.is_empty() && !other.cfg_key.is_empty() && one.cfg_key != other.cfg_key
}

fn hooks(handler: &Handler, earlier: &[Handler], diag: &mut Diag) {
    let word = match handler.kind {
        HandlerKind::OnStart => "on_start",
        HandlerKind::OnStop => "on_stop",
        HandlerKind::Behaviour(_)
        | HandlerKind::State(_)
        | HandlerKind::OnMessage(_)
        | HandlerKind::OnNews(_) => return,
    };
    let first = earlier.iter().find(|other| {
        std::mem::discriminant(&other.kind) == std::mem::discriminant(&handler.kind)
            && !alternatives(other, handler)
    });
    if let Some(first) = first {
        diag.on(
            &handler.ident,
            format_args!("an agent has one `#[{word}]`, and `{0}` is it: call `self.{1}(…).await` from `{0}`", first.ident, handler.ident),
        );
    }
}

/// Whether it can be called by its name: a machine is, by that of the function it begins in.
fn has_a_name(handler: &Handler) -> bool {
    match &handler.kind {
        HandlerKind::State(state_fn) => state_fn.initial.is_some(),
        _ => true,
    }
}

fn names(handler: &Handler, earlier: &[Handler], diag: &mut Diag) {
    if !has_a_name(handler) {
        return;
    }
    let same = earlier.iter().find(|other| {
        has_a_name(other) && other.name == handler.name && !alternatives(other, handler)
    });
    let Some(same) = same else { return };
    // Two functions of one name are the compiler's own error, E0592.
    let place = match (handler.name_given, same.name_given) {
        (Some(place), _) | (None, Some(place)) => place,
        (None, None) => return,
    };
    let (taken, by) = (
        &handler.name,
        if handler.name_given.is_some() {
            &same.ident
        } else {
            &handler.ident
        },
    );
    diag.at(
        place,
        format_args!("the name `{taken}` is taken by `fn {by}`: give this one another"),
    );
}
