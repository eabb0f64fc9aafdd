//! Answers: what a handler returned, and what is said when there is no handler or it failed.

use std::sync::Arc;

use super::outcome::{Outcome, Verdict};
use super::{Agent, Context};
use crate::behaviour::Exit;
use crate::message::reply::{Failure, NotUnderstood, Reply};
use crate::message::{Message, Performative};
use crate::network::{BoxFuture, SendError, Sending};

/// What is left to do of an answer: nothing, unless the receiver's mailbox is full. A future of its
/// own would make every agent larger by it.
#[must_use]
pub(super) struct Answering(Option<BoxFuture<'static, Result<(), SendError>>>);

impl Answering {
    const DONE: Self = Self(None);

    /// Waits until the answer is sent, or cannot be.
    pub(super) async fn sent<A: Agent>(self, ctx: &Context<A>) {
        if let Some(waiting) = self.0
            && let Err(error) = waiting.await
        {
            warn(ctx, &error);
        }
    }
}

/// Answers a message as its handler said; whether the handler ends with it.
pub(super) fn answer<A: Agent>(
    ctx: &Context<A>,
    name: &str,
    message: &Message,
    outcome: Outcome,
) -> (bool, Answering) {
    let mut answering = match outcome.reply {
        Some(draft) => send(ctx, message.complete_reply(draft)),
        None => Answering::DONE,
    };
    let ends = match outcome.verdict {
        Verdict::Flow(flow) => flow.exit_code().is_some(),
        Verdict::Failed(error) => {
            answering = answer_failure(ctx, message, &format!("{error:#}"));
            ctx.shared()
                .note_failure(name, Exit::Failed(Arc::new(error)));
            false
        }
        Verdict::Rejected(rejection) => {
            let reason = rejection.reason();
            tracing::warn!(agent = %ctx.jid(), behaviour = name, about = ?message, "not understood: {reason}");
            // Neither of these may be answered so, or two agents would never stop.
            let final_word = [Performative::NotUnderstood, Performative::Failure];
            if message
                .performative()
                .is_none_or(|act| !final_word.contains(&act))
            {
                answering = reply(ctx, message, NotUnderstood::new(reason));
            }
            false
        }
    };
    (ends, answering)
}

/// Nobody took the message: whoever waits for an answer is told so.
pub(super) fn nobody_took<A: Agent>(ctx: &Context<A>, message: &Message) -> Answering {
    tracing::debug!(agent = %ctx.jid(), about = ?message, "no handler takes this message");
    if message
        .performative()
        .is_some_and(Performative::wants_answer)
    {
        let reason = format!("{} has no handler for this message", A::NAME);
        reply(ctx, message, NotUnderstood::new(reason))
    } else {
        Answering::DONE
    }
}

/// Answers `failure`, if the message wanted an answer at all.
pub(super) fn answer_failure<A: Agent>(
    ctx: &Context<A>,
    message: &Message,
    reason: &str,
) -> Answering {
    if message
        .performative()
        .is_some_and(Performative::wants_answer)
    {
        reply(ctx, message, Failure::new(reason))
    } else {
        Answering::DONE
    }
}

fn reply<A: Agent, R: Reply>(ctx: &Context<A>, message: &Message, answer: R) -> Answering {
    let draft = answer.write_to(Message::draft(R::ACT));
    send(ctx, message.complete_reply(draft))
}

fn send<A: Agent>(ctx: &Context<A>, reply: Message) -> Answering {
    match ctx.begin_send(reply) {
        Sending::Done => Answering::DONE,
        Sending::Failed(error) => {
            warn(ctx, &error);
            Answering::DONE
        }
        Sending::Waiting(waiting) => Answering(Some(waiting)),
    }
}

fn warn<A: Agent>(ctx: &Context<A>, error: &SendError) {
    tracing::warn!(agent = %ctx.jid(), "a reply was not delivered: {error}");
}
