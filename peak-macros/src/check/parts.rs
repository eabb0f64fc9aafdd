//! Which arguments there can be: a message has a body, news has a change in it.

use crate::diag::Diag;
use crate::input::item::FnItem;
use crate::model::{HandlerKind, OnNews, Topics, Trigger};
use crate::types::last_word;
use crate::vocabulary::MarkerKind;
use syn::{FnArg, Type};

/// Arguments that only messages have.
const OF_MESSAGES: [&str; 6] = [
    "Json",
    "Text",
    "Thread",
    "Metadata",
    "Performative",
    "Message",
];

/// Reports arguments that can never be taken from what the function is called with. Types are told
/// by their last word; one with another meaning has to be taken under another name.
pub(crate) fn fitting(item: &FnItem, kind: &HandlerKind, diag: &mut Diag) {
    for arg in &item.sig.inputs {
        let FnArg::Typed(arg) = arg else { continue };
        let Some(word) = named(&arg.ty) else { continue };
        let mistake = match kind {
            HandlerKind::OnMessage(_) => in_message(&word),
            HandlerKind::OnNews(on_news) => in_news(&word, on_news),
            HandlerKind::State(state_fn) if matches!(state_fn.trigger, Trigger::On(..)) => {
                in_message(&word)
            }
            HandlerKind::OnStart
            | HandlerKind::OnStop
            | HandlerKind::Behaviour(_)
            | HandlerKind::State(_) => None,
        };
        if let Some(mistake) = mistake {
            diag.on(&arg.ty, mistake);
        }
    }
}

/// The last word of the type, or of what it refers to.
fn named(ty: &Type) -> Option<String> {
    match ty {
        Type::Reference(reference) => named(&reference.elem),
        other => last_word(other).map(ToString::to_string),
    }
}

fn in_message(word: &str) -> Option<String> {
    let marker = match word {
        "Presence" | "PresenceChange" => MarkerKind::OnPresence,
        "ConnectionChange" => MarkerKind::OnConnection,
        _ => return None,
    };
    Some(format!(
        "no message has a `{word}`: take it in a function with `#[{}(…)]`",
        marker.word()
    ))
}

fn in_news(word: &str, on_news: &OnNews) -> Option<String> {
    let (of, change) = match on_news.marker {
        MarkerKind::OnConnection => ("the connection", "ConnectionChange"),
        _ => ("an agent's presence", "PresenceChange"),
    };
    let is_of_presence = on_news.marker == MarkerKind::OnPresence;
    match word {
        "Presence" if is_of_presence => {
            let available = Topics::default().with("available");
            (on_news.topics != available).then(|| {
                "only an agent that is there has a `Presence`: write `#[on_presence(available)]`, or take \
                 `change: PresenceChange`"
                    .to_owned()
            })
        }
        "Sender" if !is_of_presence => Some(
            "the connection is the agent's own, so nobody has sent this: `ctx.jid()` is its address".to_owned(),
        ),
        "Presence" | "PresenceChange" | "ConnectionChange" if word != change => Some(format!(
            "news of {of} has no `{word}`: take `change: {change}`"
        )),
        _ if OF_MESSAGES.contains(&word) => Some(format!(
            "news of {of} is no message and has no `{word}`: take `change: {change}`"
        )),
        _ => None,
    }
}
