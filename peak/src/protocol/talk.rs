//! A conversation as the one who begins it holds it.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::{Instant, Sleep};

use super::cancel::Cancelled;
use super::work::post;
use crate::agent::{Agent, Context};
use crate::behaviour::compose;
use crate::message::{Jid, Message, News, Performative};
use crate::network::{SendAllError, SendError, Sending, Subscription};
use crate::time::{IntoDuration, after};

/// A conversation with its mailbox. Nothing of it goes to the agent's handlers while this value lives.
pub(super) struct Talk<A: Agent> {
    ctx: Context<A>,
    protocol: &'static str,
    id: SmolStr,
    /// Until the conversation is abandoned.
    mailbox: Option<Subscription>,
    /// When what is waited for is too late. Kept from one message to the next: setting a timer costs more than
    /// looking at it.
    alarm: Mutex<Option<Pin<Box<Sleep>>>>,
}

/// How long those who are told that a conversation is cancelled have to answer that.
const AFTERMATH: Duration = Duration::from_secs(10);

/// What is heard in a conversation.
pub(super) enum Heard {
    /// Somebody says something. It has a sender.
    Said(Jid, Performative, Message),
    /// What this agent has said did not reach somebody.
    Undelivered(Unreachable),
}

/// An agent that a message of a conversation did not reach.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unreachable {
    /// Who it is.
    pub jid: Jid,
    /// Why it is not reached, in words.
    pub reason: String,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` was not reached: {}", self.jid, self.reason)
    }
}

impl<A: Agent> Talk<A> {
    /// A new conversation of this protocol.
    pub(super) fn new(ctx: &Context<A>, protocol: &'static str) -> Self {
        let id = ctx.shared().services.new_id();
        Self {
            mailbox: Some(ctx.shared().inbox.converse(id.clone())),
            alarm: Mutex::default(),
            ctx: ctx.clone(),
            protocol,
            id,
        }
    }

    /// The same conversation without ears, to take the place of one that goes on elsewhere.
    pub(super) fn closed(&self) -> Self {
        Self {
            ctx: self.ctx.clone(),
            protocol: self.protocol,
            id: self.id.clone(),
            mailbox: None,
            alarm: Mutex::default(),
        }
    }

    pub(super) fn ctx(&self) -> &Context<A> {
        &self.ctx
    }

    /// The name of the conversation, which answers to what has no other name have in `in-reply-to`.
    pub(super) fn id(&self) -> &str {
        &self.id
    }

    /// The message as one of this conversation. Answers to it name the message, or else the conversation.
    pub(super) fn of(&self, message: Message) -> Message {
        let message = message
            .with_protocol(self.protocol)
            .with_conversation_id(&self.id);
        match message.reply_with() {
            Some(_) => message,
            None => message.with_reply_with(&self.id),
        }
    }

    /// Sends a message of this conversation to one agent; says so if it does not reach it.
    ///
    /// # Errors
    ///
    /// If the message itself is malformed.
    pub(super) async fn send(&self, message: Message) -> crate::Result<Option<Unreachable>> {
        match self.ctx.send(self.of(message)).await {
            Ok(()) => Ok(None),
            Err(error) => match error.downcast::<SendError>()? {
                error @ SendError::Invalid { .. } => Err(error.into()),
                error => Ok(Unreachable::of(&error)),
            },
        }
    }

    /// Sends a message of this conversation to many; gives those that it does not reach.
    ///
    /// # Errors
    ///
    /// If the message itself is malformed.
    pub(super) async fn send_all(
        &self,
        to: &[Jid],
        message: Message,
    ) -> crate::Result<Vec<Unreachable>> {
        send_all(&self.ctx, to, self.of(message)).await
    }

    /// Sends these messages, nobody waiting for another's mailbox; gives those whom theirs did not reach.
    pub(super) async fn tell(&self, messages: Vec<Message>) -> Vec<Unreachable> {
        let mut waiting = Vec::new();
        let mut errors = Vec::new();
        for message in messages {
            match self.ctx.begin_send_other(message) {
                Sending::Done => {}
                Sending::Failed(error) => errors.push(error),
                Sending::Waiting(sending) => waiting.push(sending),
            }
        }
        let waited = compose::all(waiting).await;
        errors.extend(waited.into_iter().filter_map(Result::err));
        errors.iter().filter_map(Unreachable::of).collect()
    }

    /// What is heard next; `None` if nothing is until then, if there is such a time, or the agent has ended.
    pub(super) async fn hear(&self, due: impl Into<Option<Instant>>) -> Option<Heard> {
        let due = due.into();
        loop {
            let message = poll_fn(|cx| self.poll_next(due, cx)).await?;
            let sender = message.sender().cloned();
            match (message.news(), message.performative(), sender) {
                (Some(News::Undelivered(why)), _, Some(jid)) => {
                    let reason = why.to_string();
                    return Some(Heard::Undelivered(Unreachable { jid, reason }));
                }
                (None, Some(act), Some(sender)) => return Some(Heard::Said(sender, act, message)),
                _ => tracing::debug!(
                    agent = %self.ctx.jid(), about = ?message, "out of place in this conversation"
                ),
            }
        }
    }

    fn poll_next(&self, due: Option<Instant>, cx: &mut TaskContext<'_>) -> Poll<Option<Message>> {
        let Some(mailbox) = &self.mailbox else {
            return Poll::Ready(None);
        };
        if let Poll::Ready(message) = mailbox.poll_next(cx) {
            return Poll::Ready(message.ok());
        }
        let mut alarm = self.alarm.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(due) = due else {
            *alarm = None;
            return Poll::Pending;
        };
        let alarm = alarm.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(due)));
        if alarm.deadline() != due {
            alarm.as_mut().reset(due);
        }
        alarm.as_mut().poll(cx).map(|()| None)
    }

    /// Whoever said this has no business to where the conversation stands: they are told so, if FIPA has such
    /// a message answered at all.
    pub(super) fn out_of_place(&self, message: &Message) {
        tracing::warn!(agent = %self.ctx.jid(), about = ?message, "out of place in this conversation");
        if message.wants_answer() {
            let reason = "there is no place for this where the conversation stands";
            let answer = message.reply(Performative::NotUnderstood).text(reason);
            post(&self.ctx, answer);
        }
    }

    /// Cancels the conversation with these agents, and waits, for so long at most, for what each says to that.
    ///
    /// # Errors
    ///
    /// If the duration is malformed.
    pub(super) async fn cancel(
        &self,
        with: &[Jid],
        time: impl IntoDuration,
    ) -> crate::Result<Vec<(Jid, Cancelled)>> {
        let due = after(time.into_duration()?);
        let asked = with.iter().map(async |jid| {
            let said = self.cancel_one(jid, due).await;
            (jid.clone(), said)
        });
        Ok(compose::all(asked).await)
    }

    async fn cancel_one(&self, jid: &Jid, due: Instant) -> Cancelled {
        let cancel = Message::cancel(jid)
            .with_protocol(self.protocol)
            .with_conversation_id(&self.id);
        let left = due.saturating_duration_since(Instant::now());
        Cancelled::of(jid, self.ctx.request(cancel, left).await)
    }

    /// Cancels the conversation with these agents where nothing can be awaited: somebody has dropped it, or has
    /// waited for long enough. What they say to that, and what crosses with it, is nobody's business any more.
    pub(super) fn abandon(&mut self, with: impl IntoIterator<Item = Jid>) {
        let Some(mailbox) = self.mailbox.take() else {
            return;
        };
        for jid in with {
            let cancel = Message::cancel(jid)
                .with_protocol(self.protocol)
                .with_conversation_id(&self.id);
            post(&self.ctx, cancel);
        }
        let agent = self.ctx.jid().clone();
        // Beside the agent, which may be about to end; its end is the end of this.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(tokio::time::timeout(AFTERMATH, async move {
                while let Ok(Some(late)) = mailbox.receive(None).await {
                    tracing::debug!(%agent, about = ?late, "comes after the conversation was abandoned");
                }
            }));
        }
    }
}

/// Sends a message to many; gives those that it does not reach.
///
/// # Errors
///
/// If the message itself is malformed.
pub(super) async fn send_all<A: Agent>(
    ctx: &Context<A>,
    to: &[Jid],
    message: Message,
) -> crate::Result<Vec<Unreachable>> {
    let Err(errors) = ctx.send_all(to, message).await else {
        return Ok(Vec::new());
    };
    let mut unreachable = Vec::new();
    for error in errors.downcast::<SendAllError>()?.into_errors() {
        if matches!(error, SendError::Invalid { .. }) {
            return Err(error.into());
        }
        unreachable.extend(Unreachable::of(&error));
    }
    Ok(unreachable)
}

impl Unreachable {
    /// Whom a message did not reach that could not be sent.
    pub(super) fn of(error: &SendError) -> Option<Self> {
        let jid = error.message().to()?.clone();
        let reason = error.to_string();
        Some(Self { jid, reason })
    }
}

impl<A: Agent> fmt::Debug for Talk<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Talk")
            .field("protocol", &self.protocol)
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
