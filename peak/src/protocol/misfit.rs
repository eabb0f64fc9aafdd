//! Messages that have no place where a conversation stands.

use crate::agent::{Agent, Context, Outcome};
use crate::message::Message;
use crate::message::reply::NotUnderstood;

/// Ends the conversation of a participant with it. Whoever sent it is told, if FIPA has such a message answered at all.
pub(super) fn end<A: Agent>(ctx: &Context<A>, message: &Message) -> Outcome {
    tracing::warn!(
        agent = %ctx.jid(), about = ?message,
        "out of place in this conversation, which has ended with it",
    );
    if !message.wants_answer() {
        return Outcome::default();
    }
    Outcome::reply(NotUnderstood::new(
        "there was no place for this where the conversation stood, and it has ended",
    ))
}
