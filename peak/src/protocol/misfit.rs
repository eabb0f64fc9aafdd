//! Messages that have no place where a conversation stands.

use crate::agent::{Agent, Context};
use crate::message::{Message, Performative};

/// Tells whoever sent one, if FIPA has such a message answered at all. The conversation goes on.
pub(super) async fn out_of_place<A: Agent>(ctx: &Context<A>, message: &Message) {
    tracing::debug!(agent = %ctx.jid(), about = ?message, "out of place in this conversation");
    if !message.wants_answer() {
        return;
    }
    let reason = "there is no place for this where the conversation stands";
    let answer = message.reply(Performative::NotUnderstood).text(reason);
    if let Err(error) = ctx.send(answer).await {
        tracing::debug!(agent = %ctx.jid(), "not-understood was not delivered: {error}");
    }
}
