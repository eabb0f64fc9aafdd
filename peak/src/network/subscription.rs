//! Mailboxes beside the agent's own: for behaviours that say what they receive.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use smol_str::SmolStr;

use super::inbox::{Inbox, Mailbox, State, keep};
use crate::message::{Message, Template};
use crate::time::{DurationError, IntoTimeout, after};

impl Inbox {
    /// Opens a mailbox: from now on, matching messages are kept for the subscription.
    pub(crate) fn subscribe(self: &Arc<Self>, template: Template) -> Subscription {
        let mut state = self.lock();
        let id = state.next_mailbox;
        state.next_mailbox += 1;
        state.mailboxes.push(Mailbox::new(id, template));
        Subscription {
            inbox: Arc::clone(self),
            of: Of::Template(id),
        }
    }

    /// Opens a mailbox for a conversation of this agent's own: for its messages, and for news of those that
    /// come back. There is one of an id.
    pub(crate) fn converse(self: &Arc<Self>, id: SmolStr) -> Subscription {
        let template = Template::conversation_id(&id);
        let mut state = self.lock();
        state.talks.insert(id.clone(), Mailbox::new(0, template));
        Subscription {
            inbox: Arc::clone(self),
            of: Of::Conversation(id),
        }
    }
}

impl State {
    fn mailbox(&mut self, of: &Of) -> Option<&mut Mailbox> {
        match of {
            Of::Template(id) => self.mailboxes.iter_mut().find(|mailbox| mailbox.id == *id),
            Of::Conversation(id) => self.talks.get_mut(id),
        }
    }

    fn remove_mailbox(&mut self, of: &Of) -> Option<Mailbox> {
        match of {
            Of::Template(id) => {
                let place = self
                    .mailboxes
                    .iter()
                    .position(|mailbox| mailbox.id == *id)?;
                Some(self.mailboxes.remove(place))
            }
            Of::Conversation(id) => self.talks.remove(id),
        }
    }
}

/// A mailbox of its own, open for as long as this value lives.
///
/// [`Context::subscribe`](crate::Context::subscribe) opens one. From then on every message that
/// matches the template, and that nobody awaits as a reply, is kept here and not handed to the
/// agent's handlers. The mailbox is bounded; when it is full, senders wait. What is left in it at
/// the end goes to the handlers.
#[derive(Debug)]
pub struct Subscription {
    inbox: Arc<Inbox>,
    of: Of,
}

/// What a mailbox is for.
#[derive(Debug)]
enum Of {
    /// Messages that match; its number.
    Template(u64),
    /// A conversation of the agent's own.
    Conversation(SmolStr),
}

/// Why nothing can be received.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// The timeout is malformed.
    #[error(transparent)]
    Timeout(#[from] DurationError),
    /// The behaviour has no mailbox.
    #[error(
        "this behaviour has no mailbox to receive from; say what it takes with \
         `#[behaviour(…, receives(performative = \"…\"))]`, or open one with `ctx.subscribe(…)`"
    )]
    NoMailbox,
    /// The agent has ended.
    #[error("the agent has ended; nothing comes any more")]
    Closed,
}

impl Subscription {
    /// The next message; `None` if none came in time. `"0s"` only looks, `None` waits for ever.
    ///
    /// # Errors
    ///
    /// If the timeout is malformed, or the agent has ended.
    pub async fn receive(
        &self,
        timeout: impl IntoTimeout,
    ) -> Result<Option<Message>, ReceiveError> {
        let timeout = timeout.into_timeout()?;
        let next = poll_fn(|cx| self.poll_next(cx));
        match timeout {
            None => next.await.map(Some),
            Some(timeout) => match tokio::time::timeout_at(after(timeout), next).await {
                Ok(next) => next.map(Some),
                Err(_) => Ok(None),
            },
        }
    }

    /// Has the mailbox take other messages from now on. What is in it already stays.
    ///
    /// ```
    /// # use peak::prelude::*;
    /// # async fn example<A: Agent>(ctx: Context<A>) -> peak::Result<()> {
    /// let offers = ctx.subscribe(template!(performative = "propose"));
    /// let Some(offer) = offers.receive("5s").await? else { return Ok(()) };
    /// if let Some(seller) = offer.sender() {
    ///     // Only this one's, from now on.
    ///     offers.set_template(template!(performative = "propose", sender = seller.clone()));
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn set_template(&self, template: Template) {
        if let Some(mailbox) = self.inbox.lock().mailbox(&self.of) {
            mailbox.template = template;
        }
    }

    /// The next message for which there is a taker, with that; the others stay where they are.
    pub(crate) async fn receive_for<T>(
        &self,
        taker: impl Fn(&Message) -> Option<T>,
    ) -> Result<(T, Message), ReceiveError> {
        poll_fn(|cx| self.poll_next_for(cx, &taker)).await
    }

    /// The next message, as a poll.
    pub(crate) fn poll_next(&self, cx: &Context<'_>) -> Poll<Result<Message, ReceiveError>> {
        let next = self.poll_next_for(cx, |_| Some(()));
        next.map_ok(|((), message)| message)
    }

    fn poll_next_for<T>(
        &self,
        cx: &Context<'_>,
        taker: impl Fn(&Message) -> Option<T>,
    ) -> Poll<Result<(T, Message), ReceiveError>> {
        let mut state = self.inbox.lock();
        let closed = Inbox::is_closed(&state);
        let Some(mailbox) = state.mailbox(&self.of) else {
            return Poll::Ready(Err(ReceiveError::Closed));
        };
        let mut queue = mailbox.queue.iter().enumerate();
        let found = queue.find_map(|(place, message)| Some((place, taker(message)?)));
        let taken = found.and_then(|(place, of)| Some((of, mailbox.queue.remove(place)?)));
        match taken {
            Some(taken) => {
                let senders = state.senders.take();
                drop(state);
                senders.for_each(Waker::wake);
                Poll::Ready(Ok(taken))
            }
            None if closed => Poll::Ready(Err(ReceiveError::Closed)),
            None => {
                keep(&mut mailbox.waker, cx);
                Poll::Pending
            }
        }
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut state = self.inbox.lock();
        let mut task = None;
        if let Some(mut mailbox) = state.remove_mailbox(&self.of) {
            let left = mailbox.leave();
            if !left.is_empty() && !state.closed {
                state.queue.extend(left);
                task = state.idle.take();
            }
        }
        let senders = state.senders.take();
        drop(state);
        self.inbox.wake(task.into_iter().chain(senders));
    }
}
