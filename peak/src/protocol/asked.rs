//! What has been asked of a participant.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::SystemTime;

use crate::agent::{Agent, Context, FromMessage, Outcome};
use crate::message::reply::Refuse;
use crate::message::{Jid, Message};

/// What another agent asks for, and the message that says so.
///
/// It gives access to the content as to a value behind a pointer: of an `Asked<Json<Order>>`, `asked.0` is the
/// `Order`. A clone shares everything.
pub struct Asked<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    content: T,
    message: Message,
}

impl<T> Asked<T> {
    /// What is asked for.
    pub fn content(&self) -> &T {
        &self.inner.content
    }

    /// The message.
    pub fn message(&self) -> &Message {
        &self.inner.message
    }

    /// Who asks.
    ///
    /// # Panics
    ///
    /// Never: what has come has a sender.
    pub fn initiator(&self) -> &Jid {
        match self.inner.message.sender() {
            Some(sender) => sender,
            None => unreachable!("a message that has come has a sender"),
        }
    }

    /// Takes the content out of a message.
    ///
    /// # Errors
    ///
    /// The answer to be given, if it has no such content, or comes too late.
    pub(super) fn take<A: Agent>(ctx: &Context<A>, message: &Message) -> Result<Self, Outcome>
    where
        T: for<'a> FromMessage<'a, A>,
    {
        if let Some(due) = overdue(ctx, message) {
            tracing::warn!(
                agent = %ctx.jid(), about = ?message,
                "too late: an answer was wanted by {}", humantime::format_rfc3339_millis(due),
            );
            return Err(Outcome::reply(too_late(due)));
        }
        Self::read(ctx, message)
    }

    /// The same, in time or not.
    ///
    /// # Errors
    ///
    /// The answer to be given, if it has no such content.
    pub(super) fn read<A: Agent>(ctx: &Context<A>, message: &Message) -> Result<Self, Outcome>
    where
        T: for<'a> FromMessage<'a, A>,
    {
        if message.sender().is_none() {
            tracing::warn!(agent = %ctx.jid(), about = ?message, "dropped: nobody sent it");
            return Err(Outcome::default());
        }
        match T::from_message(ctx, message) {
            Ok(content) => Ok(Self {
                inner: Arc::new(Inner {
                    content,
                    message: message.clone(),
                }),
            }),
            Err(rejection) => Err(Outcome::rejected(rejection)),
        }
    }
}

/// When the answer to a message was wanted, if that is past.
pub(super) fn overdue<A: Agent>(ctx: &Context<A>, message: &Message) -> Option<SystemTime> {
    message.reply_by().filter(|due| *due < ctx.now())
}

/// The answer that takes the place of one that would come too late.
pub(super) fn too_late(due: SystemTime) -> Refuse {
    let due = humantime::format_rfc3339_millis(due);
    Refuse::new(format!("too late: an answer was wanted by {due}"))
}

impl<T> Clone for Asked<T> {
    fn clone(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
        }
    }
}

impl<T> Deref for Asked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.content()
    }
}

impl<T: fmt::Debug> fmt::Debug for Asked<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Asked")
            .field("content", self.content())
            .field("message", self.message())
            .finish()
    }
}
