//! What a participant does once it is agreed: beside the agent, until it is done, fails, or is cancelled.

use std::sync::{Arc, OnceLock};

use super::conversations::{Conversations, Ticket};
use crate::agent::{Agent, Context, Outcome};
use crate::behaviour::BehaviourHandle;
use crate::message::reply::{Failure, Inform, Reply, draft};
use crate::message::{IntoBody, Jid, Message, Performative};
use crate::network::Sending;

/// The work of a conversation, as whoever may end it holds it.
#[derive(Debug, Clone, Default)]
pub(super) struct Work(Arc<OnceLock<BehaviourHandle>>);

impl Work {
    /// Begins it in a conversation that has only just been taken out of those that go on, and that stands there
    /// from now on.
    pub(super) fn take_up<A, S, C>(
        ctx: &Context<A>,
        name: &'static str,
        all: &Arc<Conversations<S>>,
        message: &Message,
        standing: impl FnOnce(Self) -> S,
        work: impl Future<Output = Result<C, Failure>> + Send + 'static,
    ) -> Outcome
    where
        A: Agent,
        S: Send + 'static,
        C: IntoBody + Send,
    {
        let begun = Self::default();
        match all.begin(message, standing(begun.clone())) {
            Ok(ticket) => {
                begun.begin(ctx, name, all, ticket, message, work);
                Outcome::default()
            }
            // Its place has been taken in between.
            Err(_) => Outcome::reply(Failure::new("there is no room for this conversation")),
        }
    }

    /// Begins it. The sender of `message` is told how it ends, whatever becomes of it; unless the conversation
    /// is over before.
    pub(super) fn begin<A, S, C>(
        &self,
        ctx: &Context<A>,
        name: &'static str,
        all: &Arc<Conversations<S>>,
        ticket: Ticket,
        message: &Message,
        work: impl Future<Output = Result<C, Failure>> + Send + 'static,
    ) where
        A: Agent,
        S: Send + 'static,
        C: IntoBody + Send,
    {
        let unfinished = Unfinished {
            ctx: ctx.clone(),
            all: Arc::clone(all),
            ticket,
            message: message.clone(),
        };
        let handle = ctx.spawn_named(name, async move {
            let done = work.await;
            if !unfinished.finish() {
                return Outcome::default();
            }
            let (ctx, message) = (&unfinished.ctx, &unfinished.message);
            let mut outcome =
                done.map_or_else(Outcome::negative, |content| Outcome::reply(Inform(content)));
            if let Some(answer) = outcome.reply.take()
                && let Err(error) = ctx.send(message.complete_reply(answer)).await
            {
                tracing::warn!(agent = %ctx.jid(), "the result was not delivered: {error}");
            }
            outcome
        });
        // Begun once.
        let _ = self.0.set(handle);
    }

    /// Ends it, where it waits.
    pub(super) fn end(&self) {
        if let Some(handle) = self.0.get() {
            handle.kill(0);
        }
    }
}

/// Ends a conversation with what is done in it, since the initiator has cancelled it. What it answers.
pub(super) fn cancel<S>(
    all: &Conversations<S>,
    ticket: &Ticket,
    work: impl FnOnce(S) -> Option<Work>,
) -> Outcome {
    let Some(standing) = all.end(ticket) else {
        return done_before();
    };
    if let Some(work) = work(standing) {
        work.end();
    }
    Outcome::reply(Inform(()))
}

/// The answer to who cancels what has been done in that very moment.
pub(super) fn done_before() -> Outcome {
    Outcome::reply(Failure::new("it was done before it could be cancelled"))
}

/// Work that is not done: whoever waits for it is told, if it ends without a result.
struct Unfinished<A: Agent, S> {
    ctx: Context<A>,
    all: Arc<Conversations<S>>,
    ticket: Ticket,
    message: Message,
}

impl<A: Agent, S> Unfinished<A, S> {
    /// The conversation ends with this; whether it had not before.
    fn finish(&self) -> bool {
        self.all.end(&self.ticket).is_some()
    }
}

impl<A: Agent, S> Drop for Unfinished<A, S> {
    fn drop(&mut self) {
        if self.finish() {
            // It panicked, or the agent stops.
            let failure = Failure::new("it was ended before it was done");
            tell(&self.ctx, &self.message, failure);
        }
    }
}

/// Answers where nothing can be awaited.
pub(super) fn tell<A: Agent>(ctx: &Context<A>, message: &Message, answer: impl Reply) {
    post(ctx, message.complete_reply(draft(answer)));
}

/// Sends where nothing can be awaited. What is not delivered is mentioned in the log.
pub(super) fn post<A: Agent>(ctx: &Context<A>, message: Message) {
    settle(ctx, ctx.begin_send_other(message));
}

/// Answers these messages in the same words, which are shared where that can be.
pub(super) fn answer_all<'m, A: Agent>(
    ctx: &Context<A>,
    messages: impl IntoIterator<Item = &'m Message>,
    act: Performative,
) {
    let mut messages = messages.into_iter().peekable();
    while let Some(first) = messages.next() {
        let answer = first.reply(act);
        let mut to: Vec<Jid> = answer.to().into_iter().cloned().collect();
        while let Some(next) = messages.next_if(|next| next.is_answered_like(first)) {
            to.extend(next.sender().cloned());
        }
        for sending in ctx.begin_send_all(to, answer) {
            settle(ctx, sending);
        }
    }
}

fn settle<A: Agent>(ctx: &Context<A>, sending: Sending) {
    match sending {
        Sending::Done => {}
        Sending::Failed(error) => {
            tracing::debug!(agent = %ctx.jid(), "not delivered: {error}");
        }
        Sending::Waiting(sending) => {
            let jid = ctx.jid().clone();
            // Without a runtime there is nobody left to be told.
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(async move {
                    if let Err(error) = sending.await {
                        tracing::debug!(agent = %jid, "not delivered: {error}");
                    }
                });
            }
        }
    }
}
