//! Where messages for one agent arrive, and who gets them.
//!
//! A message goes to the first of: whoever awaits it as a reply, a mailbox whose template matches,
//! the queue that the agent's own task works through. All three stand behind one lock, held for a
//! few instructions and never across an await.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};

use smol_str::SmolStr;
use tokio::time::Instant;

use super::Event;
use crate::message::{Field, Jid, Message, Template};

/// The receiving end of one agent.
pub(crate) struct Inbox {
    jid: Jid,
    /// How many messages the queue, and each mailbox, holds.
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// For the agent's own task.
    queue: VecDeque<Message>,
    /// The agent's task, when it waits for something to do.
    idle: Option<Waker>,
    /// The agent's task, when a handler of it waits for something else.
    busy: Option<Waker>,
    /// Something other than a message is there for the agent's task.
    nudged: bool,
    /// Senders who found no room.
    senders: Vec<Waker>,
    /// Who awaits a reply, by the `reply-with` that the reply will name.
    replies: HashMap<SmolStr, Waiting, foldhash::fast::FixedState>,
    /// When the task that ends overdue waits looks again, if there is one.
    watch: Option<Instant>,
    mailboxes: Vec<Mailbox>,
    next_mailbox: u64,
    /// Messages accepted so far.
    accepted: u64,
    closed: bool,
}

/// Somebody awaits a reply.
struct Waiting {
    conversation: SmolStr,
    deadline: Instant,
    reply: Option<Result<Message, ReplyError>>,
    waker: Option<Waker>,
}

/// Messages kept for whoever holds the [`Subscription`].
struct Mailbox {
    id: u64,
    template: Template,
    queue: VecDeque<Message>,
    waker: Option<Waker>,
}

/// An event that was not taken.
#[derive(Debug)]
pub(crate) enum Refused {
    Full(Message),
    Closed(Message),
}

/// Why there will be no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReplyError {
    /// None came in time.
    Late,
    /// The receiver ended before it handled the message.
    Undelivered,
    /// Another request with the same `reply-with` is waiting.
    Duplicate,
}

impl Inbox {
    pub(crate) fn new(jid: Jid, capacity: usize) -> Self {
        Self {
            jid,
            capacity,
            state: Mutex::default(),
        }
    }

    pub(crate) fn jid(&self) -> &Jid {
        &self.jid
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event from the network.
    pub(crate) fn accept(&self, event: Event) -> Result<(), Refused> {
        let mut state = self.lock();
        let waker = match event {
            Event::Message(message) => state.take(message, self.capacity)?,
            Event::DeliveryFailed(message) => state.undelivered(message),
        };
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        Ok(())
    }

    /// Takes the message as soon as there is room, or leaves it if the inbox closes.
    pub(super) async fn accept_when_room(&self, message: &mut Option<Message>) {
        poll_fn(|cx| {
            let Some(offered) = message.take() else {
                return Poll::Ready(());
            };
            let mut state = self.lock();
            match state.take(offered, self.capacity) {
                Ok(waker) => {
                    drop(state);
                    if let Some(waker) = waker {
                        waker.wake();
                    }
                    Poll::Ready(())
                }
                Err(Refused::Closed(back)) => {
                    *message = Some(back);
                    Poll::Ready(())
                }
                Err(Refused::Full(back)) => {
                    *message = Some(back);
                    let known = state.senders.iter().any(|w| w.will_wake(cx.waker()));
                    if !known {
                        state.senders.push(cx.waker().clone());
                    }
                    Poll::Pending
                }
            }
        })
        .await;
    }

    /// Tells the agent's task that there is something to do besides messages.
    pub(crate) fn nudge(&self) {
        let mut state = self.lock();
        state.nudged = true;
        let (idle, busy) = (state.idle.take(), state.busy.take());
        drop(state);
        idle.into_iter().chain(busy).for_each(Waker::wake);
    }

    /// Moves what has arrived into the empty `batch`. Ready also if the agent was nudged.
    pub(crate) fn poll_batch(
        &self,
        cx: &mut Context<'_>,
        batch: &mut VecDeque<Message>,
    ) -> Poll<()> {
        let mut state = self.lock();
        let nudged = std::mem::take(&mut state.nudged);
        if state.queue.is_empty() {
            if nudged {
                return Poll::Ready(());
            }
            keep(&mut state.idle, cx);
            return Poll::Pending;
        }
        std::mem::swap(&mut state.queue, batch);
        let senders = std::mem::take(&mut state.senders);
        drop(state);
        senders.into_iter().for_each(Waker::wake);
        Poll::Ready(())
    }

    /// Has the next nudge, but no message, wake this task, whose handler waits for something.
    pub(crate) fn watch_nudges(&self, cx: &Context<'_>) {
        keep(&mut self.lock().busy, cx);
    }

    /// How many messages wait for the agent's task.
    pub(crate) fn queued(&self) -> usize {
        self.lock().queue.len()
    }

    /// How many messages have been accepted so far.
    pub(crate) fn accepted(&self) -> u64 {
        self.lock().accepted
    }

    /// Refuses everything from now on; gives back what nobody has taken.
    pub(crate) fn close(&self) -> Vec<Message> {
        let mut state = self.lock();
        state.closed = true;
        let mut left: Vec<Message> = std::mem::take(&mut state.queue).into();
        for mailbox in &mut state.mailboxes {
            left.extend(std::mem::take(&mut mailbox.queue));
        }
        let senders = std::mem::take(&mut state.senders);
        drop(state);
        senders.into_iter().for_each(Waker::wake);
        left
    }

    /// Opens a mailbox: from now on, matching messages are kept for the subscription.
    pub(crate) fn subscribe(self: &Arc<Self>, template: Template) -> Subscription {
        let mut state = self.lock();
        let id = state.next_mailbox;
        state.next_mailbox += 1;
        state.mailboxes.push(Mailbox {
            id,
            template,
            queue: VecDeque::new(),
            waker: None,
        });
        Subscription {
            inbox: Arc::clone(self),
            id,
        }
    }

    /// Awaits the reply that names `reply_with`, or that belongs to `conversation` and names
    /// nothing. It is expected from this call on, so that none is missed that comes at once.
    ///
    /// The task that calls is woken when it is there.
    pub(crate) fn expect_reply<'a>(
        self: &'a Arc<Self>,
        cx: &Context<'_>,
        reply_with: SmolStr,
        conversation: SmolStr,
        deadline: Instant,
    ) -> Result<PendingReply<'a>, ReplyError> {
        let mut state = self.lock();
        match state.replies.entry(reply_with.clone()) {
            Entry::Occupied(_) => return Err(ReplyError::Duplicate),
            Entry::Vacant(place) => {
                place.insert(Waiting {
                    conversation,
                    deadline,
                    reply: None,
                    waker: Some(cx.waker().clone()),
                });
            }
        }
        if state.watch.is_none_or(|watch| deadline < watch) {
            state.watch = Some(deadline);
            tokio::spawn(watch(Arc::downgrade(self), deadline));
        }
        drop(state);
        Ok(PendingReply {
            inbox: self,
            reply_with,
            done: false,
        })
    }

    /// Ends the waits that are overdue at the watch kept for this instant. Gives the instant to
    /// watch next, if that is still up to the caller.
    fn end_overdue(&self, watched: Instant) -> Option<Instant> {
        let now = Instant::now();
        let mut state = self.lock();
        let mut wakers = Vec::new();
        let mut next: Option<Instant> = None;
        for waiting in state.replies.values_mut() {
            if waiting.reply.is_some() {
                continue;
            }
            if waiting.deadline <= now {
                waiting.reply = Some(Err(ReplyError::Late));
                wakers.extend(waiting.waker.take());
            } else {
                next = Some(next.map_or(waiting.deadline, |next| next.min(waiting.deadline)));
            }
        }
        // An earlier watch has been set since; that one goes on.
        let own = state.watch == Some(watched);
        if own {
            state.watch = next;
        }
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        next.filter(|_| own)
    }
}

/// Keeps watch over the deadlines of one inbox.
///
/// A timer for each request would cost more than the request: it is set and cancelled unused, and
/// setting it wakes the runtime's timer. One watch sleeps until the earliest deadline there was
/// when it began, and then looks for the next.
async fn watch(inbox: Weak<Inbox>, mut deadline: Instant) {
    loop {
        tokio::time::sleep_until(deadline).await;
        let next = inbox
            .upgrade()
            .and_then(|inbox| inbox.end_overdue(deadline));
        match next {
            Some(next) => deadline = next,
            None => return,
        }
    }
}

impl State {
    /// Hands the message to whom it belongs; gives the waker of that task.
    fn take(&mut self, message: Message, capacity: usize) -> Result<Option<Waker>, Refused> {
        if self.closed {
            return Err(Refused::Closed(message));
        }
        if !self.replies.is_empty()
            && let Some(waiting) = self.awaited_by(&message)
        {
            waiting.reply = Some(Ok(message));
            let waker = waiting.waker.take();
            self.accepted += 1;
            return Ok(waker);
        }
        let mailbox = self
            .mailboxes
            .iter_mut()
            .find(|mailbox| mailbox.template.matches(&message));
        let (queue, waker) = match mailbox {
            Some(mailbox) => (&mut mailbox.queue, &mut mailbox.waker),
            None => (&mut self.queue, &mut self.idle),
        };
        if queue.len() >= capacity {
            return Err(Refused::Full(message));
        }
        queue.push_back(message);
        self.accepted += 1;
        Ok(waker.take())
    }

    /// Who awaits this message as a reply and has none yet.
    fn awaited_by(&mut self, message: &Message) -> Option<&mut Waiting> {
        let waiting = match message.field(Field::InReplyTo) {
            Some(key) => self.replies.get_mut(key),
            None => {
                // A foreign agent that answers within the conversation and names nothing. Not the
                // request itself, of an agent that asks itself.
                let conversation = message.field(Field::ConversationId)?;
                let own = message.field(Field::ReplyWith);
                self.replies
                    .iter_mut()
                    .filter(|(key, _)| own != Some(*key))
                    .map(|(_, waiting)| waiting)
                    .find(|waiting| waiting.conversation == *conversation)
            }
        };
        waiting.filter(|waiting| waiting.reply.is_none())
    }

    /// A message of this agent came back: if it awaits the reply, there will be none.
    fn undelivered(&mut self, message: Message) -> Option<Waker> {
        let waiting = message
            .field(Field::ReplyWith)
            .and_then(|key| self.replies.get_mut(key))
            .filter(|waiting| waiting.reply.is_none());
        match waiting {
            Some(waiting) => {
                waiting.reply = Some(Err(ReplyError::Undelivered));
                waiting.waker.take()
            }
            None => {
                tracing::warn!(?message, "not delivered: the receiver has ended");
                None
            }
        }
    }

    fn mailbox(&mut self, id: u64) -> Option<&mut Mailbox> {
        self.mailboxes.iter_mut().find(|mailbox| mailbox.id == id)
    }
}

/// Keeps the waker of the current task, cloning only if it is a new one.
fn keep(slot: &mut Option<Waker>, cx: &Context<'_>) {
    match slot {
        Some(waker) => waker.clone_from(cx.waker()),
        None => *slot = Some(cx.waker().clone()),
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inbox")
            .field("jid", &self.jid)
            .finish_non_exhaustive()
    }
}

/// A reply that is being awaited. Dropping it ends the waiting.
#[derive(Debug)]
pub(crate) struct PendingReply<'a> {
    inbox: &'a Inbox,
    reply_with: SmolStr,
    done: bool,
}

impl PendingReply<'_> {
    /// The reply, once.
    pub(crate) fn poll(&mut self, cx: &Context<'_>) -> Poll<Result<Message, ReplyError>> {
        let mut state = self.inbox.lock();
        let Some(waiting) = state.replies.get_mut(&self.reply_with) else {
            return Poll::Pending;
        };
        match waiting.reply.take() {
            Some(reply) => {
                state.replies.remove(&self.reply_with);
                self.done = true;
                Poll::Ready(reply)
            }
            None => {
                keep(&mut waiting.waker, cx);
                Poll::Pending
            }
        }
    }
}

impl Drop for PendingReply<'_> {
    fn drop(&mut self) {
        if !self.done {
            self.inbox.lock().replies.remove(&self.reply_with);
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
    id: u64,
}

/// Why nothing can be received.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReceiveError {
    /// The timeout is malformed.
    #[error(transparent)]
    Timeout(#[from] crate::time::DurationError),
    /// The behaviour has no mailbox.
    #[error(
        "this behaviour has no mailbox to receive from; say what it takes with \
         `#[behaviour(…, receives(performative = \"…\"))]`, or open one with `ctx.subscribe(…)`"
    )]
    NoMailbox,
}

impl Subscription {
    /// The next message; `None` if none came in time. `"0s"` only looks, `None` waits for ever.
    ///
    /// # Errors
    ///
    /// If the timeout is malformed.
    pub async fn receive(
        &self,
        timeout: impl crate::time::IntoTimeout,
    ) -> Result<Option<Message>, ReceiveError> {
        let timeout = timeout.into_timeout()?;
        let next = poll_fn(|cx| self.poll_next(cx));
        Ok(match timeout {
            None => Some(next.await),
            Some(timeout) => {
                let deadline = Instant::now() + timeout;
                tokio::time::timeout_at(deadline, next).await.ok()
            }
        })
    }

    fn poll_next(&self, cx: &Context<'_>) -> Poll<Message> {
        let mut state = self.inbox.lock();
        let Some(mailbox) = state.mailbox(self.id) else {
            return Poll::Pending;
        };
        match mailbox.queue.pop_front() {
            Some(message) => {
                let senders = std::mem::take(&mut state.senders);
                drop(state);
                senders.into_iter().for_each(Waker::wake);
                Poll::Ready(message)
            }
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
        let place = state
            .mailboxes
            .iter()
            .position(|mailbox| mailbox.id == self.id);
        let mut task = None;
        if let Some(place) = place {
            let left = state.mailboxes.remove(place).queue;
            if !left.is_empty() && !state.closed {
                state.queue.extend(left);
                task = state.idle.take();
            }
        }
        let senders = std::mem::take(&mut state.senders);
        drop(state);
        task.into_iter().chain(senders).for_each(Waker::wake);
    }
}
