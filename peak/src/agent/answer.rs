//! Answers: what a handler returned, and what is said when there is no handler or it failed.

use std::sync::Arc;

use super::outcome::{Outcome, Verdict};
use super::{Agent, Context};
use crate::behaviour::Exit;
use crate::message::reply::{Failure, NotUnderstood, Reply};
use crate::message::{Message, Performative};

/// Answers a message as its handler said; whether the handler ends with it.
pub(super) async fn answer<A: Agent>(
    ctx: &Context<A>,
    name: &str,
    message: &Message,
    outcome: Outcome,
) -> bool {
    if let Some(draft) = outcome.reply {
        send_reply(ctx, message.complete_reply(draft)).await;
    }
    match outcome.verdict {
        Verdict::Flow(flow) => flow.exit_code().is_some(),
        Verdict::Failed(error) => {
            answer_failure(ctx, message, &format!("{error:#}")).await;
            ctx.shared()
                .note_failure(name, Exit::Failed(Arc::new(error)));
            false
        }
        Verdict::Rejected(rejection) => {
            let reason = rejection.reason();
            tracing::warn!(agent = %ctx.jid(), behaviour = name, ?message, "not understood: {reason}");
            // Neither of these may be answered so, or two agents would never stop.
            let final_word = [Performative::NotUnderstood, Performative::Failure];
            if message
                .performative()
                .is_none_or(|act| !final_word.contains(&act))
            {
                reply(ctx, message, NotUnderstood::new(reason)).await;
            }
            false
        }
    }
}

/// Nobody took the message: whoever waits for an answer is told so.
pub(super) async fn nobody_took<A: Agent>(ctx: &Context<A>, message: &Message) {
    tracing::debug!(agent = %ctx.jid(), ?message, "no handler takes this message");
    if message
        .performative()
        .is_some_and(Performative::wants_answer)
    {
        let reason = format!("{} has no handler for this message", A::NAME);
        reply(ctx, message, NotUnderstood::new(reason)).await;
    }
}

/// Answers `failure`, if the message wanted an answer at all.
pub(super) async fn answer_failure<A: Agent>(ctx: &Context<A>, message: &Message, reason: &str) {
    if message
        .performative()
        .is_some_and(Performative::wants_answer)
    {
        reply(ctx, message, Failure::new(reason)).await;
    }
}

async fn reply<A: Agent, R: Reply>(ctx: &Context<A>, message: &Message, answer: R) {
    let draft = answer.write_to(Message::draft(R::ACT));
    send_reply(ctx, message.complete_reply(draft)).await;
}

async fn send_reply<A: Agent>(ctx: &Context<A>, reply: Message) {
    if let Err(error) = ctx.deliver(reply).await {
        tracing::warn!(agent = %ctx.jid(), "a reply was not delivered: {error}");
    }
}
