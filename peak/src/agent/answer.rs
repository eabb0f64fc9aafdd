//! Answers: what a handler returned, and what is said when there is no handler or it failed.

use std::sync::Arc;

use super::outcome::{Outcome, Verdict};
use super::spans::{self, Role};
use super::{Agent, Context};
use crate::behaviour::Exit;
use crate::message::reply::{Failure, NotUnderstood, Reply, draft};
use crate::message::{Message, News, Performative};
use crate::network::{BoxFuture, SendError, Sending, Undelivered};

/// What became of the handling of a message.
#[must_use]
pub(super) struct Handled {
    /// How the handler ends, if it does.
    pub(super) ends: Option<Exit>,
    answering: Answering,
}

impl Handled {
    /// Waits until the answer is sent, or cannot be.
    pub(super) async fn sent<A: Agent>(&mut self, ctx: &Context<A>) {
        self.answering.sent(ctx).await;
    }
}

/// What is left to do of an answer: nothing, unless the receiver's mailbox is full. A future of its
/// own would make every agent larger by it.
#[must_use]
pub(super) struct Answering(Option<BoxFuture<'static, Result<(), SendError>>>);

impl Answering {
    const DONE: Self = Self(None);

    /// Waits until the answer is sent, or cannot be.
    pub(super) async fn sent<A: Agent>(&mut self, ctx: &Context<A>) {
        if let Some(waiting) = self.0.take()
            && let Err(error) = waiting.await
        {
            warn(ctx, &error);
        }
    }
}

/// Answers a message as its handler said. A handler that observes answers nothing: that is up to
/// the one that takes the message.
pub(super) fn answer<A: Agent>(
    ctx: &Context<A>,
    name: &str,
    message: &Message,
    observe: bool,
    outcome: Outcome,
) -> Handled {
    if spans::are_wanted() {
        return spans::resume(|| answer_now(ctx, name, message, observe, outcome));
    }
    answer_now(ctx, name, message, observe, outcome)
}

fn answer_now<A: Agent>(
    ctx: &Context<A>,
    name: &str,
    message: &Message,
    observe: bool,
    outcome: Outcome,
) -> Handled {
    let answered = outcome.reply.is_some();
    let mut answering = match outcome.reply {
        Some(reply) if !observe => send(ctx, message.complete_reply(reply)),
        _ => Answering::DONE,
    };
    let mut ends = None;
    match outcome.verdict {
        Verdict::Flow(flow) => ends = flow.exit_code().map(Exit::Finished),
        Verdict::Failed(error) => {
            if !observe && !answered {
                answering = answer_failure(ctx, message, &format!("{error:#}"));
            }
            let exit = Exit::Failed(Arc::new(error));
            ctx.shared().note_failure(name, exit, "the handler goes on");
        }
        Verdict::Rejected(rejection) => {
            let reason = rejection.reason();
            tracing::warn!(agent = %ctx.jid(), behaviour = name, about = ?message, "not understood: {reason}");
            // Neither of these may be answered so, or two agents would never stop.
            let final_word = [Performative::NotUnderstood, Performative::Failure];
            let answerable = message
                .performative()
                .is_none_or(|act| !final_word.contains(&act));
            if answerable && !observe && message.news().is_none() {
                answering = reply(ctx, message, NotUnderstood::new(reason));
            }
        }
    }
    Handled { ends, answering }
}

/// What follows from the panic of a handler.
pub(super) const HANDLER_ENDED: &str = "the handler has ended";

/// A handler, or a role, panicked; `then` is what follows from that.
#[cold]
pub(super) fn panicked<A: Agent>(
    ctx: &Context<A>,
    name: &str,
    message: &Message,
    observe: bool,
    what: Arc<str>,
    then: &str,
) -> Handled {
    let exit = Exit::Panicked(what);
    ctx.shared().note_failure(name, exit.clone(), then);
    let answering = if observe {
        Answering::DONE
    } else {
        spans::resume(|| answer_failure(ctx, message, "internal error"))
    };
    Handled {
        ends: Some(exit),
        answering,
    }
}

/// Answers a message as a function of a state said, which may have had none.
///
/// # Errors
///
/// What it failed with: its machine ends with that.
pub(super) async fn answer_step<A: Agent>(
    ctx: &Context<A>,
    name: &str,
    message: Option<&Message>,
    outcome: Outcome,
) -> anyhow::Result<()> {
    match (message, outcome.verdict) {
        (Some(message), Verdict::Failed(error)) => {
            answer_broken(ctx, message, format!("{error:#}")).await;
            Err(error)
        }
        (None, Verdict::Failed(error)) => Err(error),
        (None, Verdict::Flow(_) | Verdict::Rejected(_)) => Ok(()),
        (Some(message), verdict) => {
            let reply = outcome.reply;
            let outcome = Outcome { reply, verdict };
            answer(ctx, name, message, false, outcome).sent(ctx).await;
            Ok(())
        }
    }
}

/// Answers that a function has failed, for this reason.
pub(super) async fn answer_broken<A: Agent>(ctx: &Context<A>, message: &Message, reason: String) {
    answer_failure(ctx, message, &reason).sent(ctx).await;
}

/// Nobody took the message: whoever waits for an answer is told so.
#[inline(never)]
pub(super) fn nobody_took<A: Agent>(ctx: &Context<A>, message: &Message) -> Answering {
    if let Some(news) = message.news() {
        // Most agents do not care.
        log_returned(ctx, message, news);
        return Answering::DONE;
    }
    let what = match message.in_reply_to() {
        Some(id) if ctx.shared().services.has_made(id) => "too late: nobody awaits this answer",
        _ => "no handler takes this message",
    };
    if ctx.shared().first_unhandled() {
        let further = "further ones are mentioned at debug level";
        tracing::warn!(agent = %ctx.jid(), about = ?message, "{what}; {further}");
    } else {
        tracing::debug!(agent = %ctx.jid(), about = ?message, "{what}");
    }
    if !spans::are_wanted() {
        return not_taken(ctx, message);
    }
    spans::handling(ctx.jid(), "no handler", message).in_scope(|| {
        spans::note_untaken();
        not_taken(ctx, message)
    })
}

/// Something that was said outside of any conversation has come back.
fn log_returned<A: Agent>(ctx: &Context<A>, message: &Message, news: &News) {
    match news {
        // At the end of a run there may be many whose receivers have ended.
        News::Undelivered(Undelivered::Ended) => {
            tracing::debug!(agent = %ctx.jid(), about = ?message, "not delivered");
        }
        News::Undelivered(why) => {
            tracing::warn!(agent = %ctx.jid(), about = ?message, "not delivered: {why}");
        }
        News::Presence(_) | News::Connection(_) => {}
    }
}

fn not_taken<A: Agent>(ctx: &Context<A>, message: &Message) -> Answering {
    if message.wants_answer() {
        let reason = format!("{} has no handler for this message", A::NAME);
        reply(ctx, message, NotUnderstood::new(reason))
    } else {
        Answering::DONE
    }
}

/// Answers `failure`, if the message wanted an answer at all.
fn answer_failure<A: Agent>(ctx: &Context<A>, message: &Message, reason: &str) -> Answering {
    if message.wants_answer() {
        reply(ctx, message, Failure::new(reason))
    } else {
        Answering::DONE
    }
}

fn reply<A: Agent, R: Reply>(ctx: &Context<A>, message: &Message, answer: R) -> Answering {
    send(ctx, message.complete_reply(draft(answer)))
}

fn send<A: Agent>(ctx: &Context<A>, reply: Message) -> Answering {
    match ctx.begin_send(reply, Role::Answer) {
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
