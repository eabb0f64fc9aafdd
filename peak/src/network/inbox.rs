//! Where messages for one agent arrive, and who gets them.
//!
//! A message goes to the first of: whoever awaits it as a reply, a mailbox whose template matches,
//! the queue that the agent's own task works through. All three stand behind one lock, held for a
//! few instructions and never across an await.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use smol_str::SmolStr;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use super::{Event, Undelivered};
use crate::message::{Field, Jid, Message, News, Performative, Template, log};
use crate::wakers::{Wakers, wait_for};

/// The receiving end of one agent.
pub(crate) struct Inbox {
    jid: Jid,
    /// How many messages the queue, and each mailbox, holds.
    capacity: usize,
    /// Whether something has come since the agent's task began to wait: spares it the lock when it
    /// was woken by its alarm.
    stirred: AtomicBool,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    /// For the agent's own task.
    pub(super) queue: VecDeque<Message>,
    /// The agent's task, when it waits for something to do.
    pub(super) idle: Option<Waker>,
    /// The agent's task, when a handler of it waits for something else.
    busy: Option<Waker>,
    /// Something other than a message is there for the agent's task.
    nudged: bool,
    /// Senders who found no room.
    pub(super) senders: Wakers,
    /// Who awaits a reply, by the `reply-with` that the reply will name.
    pub(super) replies: HashMap<SmolStr, Waiting, foldhash::fast::FixedState>,
    /// When the task that ends overdue waits looks again, if there is one.
    pub(super) watch: Option<(Instant, AbortHandle)>,
    pub(super) next_reply: u64,
    pub(super) mailboxes: Vec<Mailbox>,
    /// Mailboxes of conversations, by the ids of these.
    pub(super) talks: HashMap<SmolStr, Mailbox, foldhash::fast::FixedState>,
    pub(super) next_mailbox: u64,
    /// Whether the agent's own task wants to know of answers of its own that come back.
    keeps_returned: bool,
    /// Messages accepted so far.
    accepted: u64,
    pub(super) closed: bool,
}

/// Somebody awaits a reply.
pub(super) struct Waiting {
    /// Who was asked.
    pub(super) asked: Jid,
    /// A lower one began to wait earlier.
    pub(super) order: u64,
    pub(super) conversation: SmolStr,
    pub(super) deadline: Instant,
    pub(super) reply: Option<Result<Message, ReplyError>>,
    pub(super) waker: Option<Waker>,
}

/// Why there will be no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ReplyError {
    /// None came in time.
    Late,
    /// The message did not reach the receiver.
    Undelivered(Undelivered),
    /// Another request with the same `reply-with` is waiting.
    Duplicate,
}

/// Messages kept for whoever holds the [`Subscription`](super::Subscription).
pub(super) struct Mailbox {
    pub(super) id: u64,
    pub(super) template: Template,
    pub(super) queue: VecDeque<Message>,
    pub(super) waker: Option<Waker>,
}

/// An event that was not taken.
#[derive(Debug)]
pub(crate) enum Refused {
    Full(Message),
    Closed(Message),
}

impl Inbox {
    pub(crate) fn new(jid: Jid, capacity: usize) -> Self {
        Self {
            jid,
            capacity,
            stirred: AtomicBool::new(true),
            state: Mutex::default(),
        }
    }

    pub(crate) fn jid(&self) -> &Jid {
        &self.jid
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes an event from the network.
    pub(crate) fn accept(&self, event: Event) -> Result<(), Refused> {
        let copy = match &event {
            Event::Message(message) if log::is_wanted() => Some(message.clone()),
            _ => None,
        };
        let mut state = self.lock();
        let waker = match event {
            Event::Message(message) => state.take(message, self.capacity)?,
            Event::DeliveryFailed(message, why) => state.undelivered(&message, why),
            Event::News(about, news) => {
                state.learn(&self.jid, Message::of_news(about, news), self.capacity)
            }
        };
        drop(state);
        if let Some(message) = copy {
            log::received(&self.jid, &message);
        }
        self.wake(waker);
        Ok(())
    }

    /// Whether somebody awaits this message as a reply.
    #[cfg(feature = "xmpp")]
    pub(super) fn awaits(&self, message: &Message) -> bool {
        let mut state = self.lock();
        !state.replies.is_empty() && state.awaited_by(message).is_some()
    }

    /// Takes the message as soon as there is room, or leaves it if the inbox closes.
    pub(super) async fn accept_when_room(&self, message: &mut Option<Message>) {
        let copy = if log::is_wanted() {
            message.clone()
        } else {
            None
        };
        let taken = wait_for(
            &self.state,
            |state| &mut state.senders,
            |state| match state.take(message.take()?, self.capacity) {
                Ok(waker) => Some(waker),
                Err(Refused::Closed(back)) => {
                    *message = Some(back);
                    Some(None)
                }
                Err(Refused::Full(back)) => {
                    *message = Some(back);
                    None
                }
            },
        );
        let waker = taken.await;
        if let Some(copy) = copy.filter(|_| message.is_none()) {
            log::received(&self.jid, &copy);
        }
        self.wake(waker);
    }

    /// Wakes whoever waited for what has just been put in.
    pub(super) fn wake(&self, wakers: impl IntoIterator<Item = Waker>) {
        for waker in wakers {
            self.stirred.store(true, Ordering::Release);
            waker.wake();
        }
    }

    /// Tells the agent's task that there is something to do besides messages.
    pub(crate) fn nudge(&self) {
        let mut state = self.lock();
        state.nudged = true;
        let (idle, busy) = (state.idle.take(), state.busy.take());
        drop(state);
        self.wake(idle.into_iter().chain(busy));
    }

    /// Moves what has arrived into the empty `batch`. Ready also if the agent was nudged.
    pub(crate) fn poll_batch(
        &self,
        cx: &mut Context<'_>,
        batch: &mut VecDeque<Message>,
    ) -> Poll<()> {
        // It waits already, with the same waker: the agent's task is the only one that calls this.
        if !self.stirred.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        let mut state = self.lock();
        let nudged = std::mem::take(&mut state.nudged);
        if state.queue.is_empty() {
            if nudged {
                return Poll::Ready(());
            }
            keep(&mut state.idle, cx);
            self.stirred.store(false, Ordering::Relaxed);
            return Poll::Pending;
        }
        std::mem::swap(&mut state.queue, batch);
        let senders = state.senders.take();
        drop(state);
        senders.for_each(Waker::wake);
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

    /// From now on, what this agent has said in answer to others and what comes back is news to its own task:
    /// about the one whom it did not reach, and named as the conversation was.
    pub(crate) fn keep_returned(&self) {
        self.lock().keeps_returned = true;
    }

    /// Takes back messages that were taken and have not been handled.
    pub(crate) fn put_back(
        &self,
        messages: impl IntoIterator<Item = Message, IntoIter: DoubleEndedIterator>,
    ) {
        let mut state = self.lock();
        for message in messages.into_iter().rev() {
            state.queue.push_front(message);
        }
    }

    /// Whether the agent has ended.
    pub(super) fn is_closed(state: &State) -> bool {
        state.closed
    }

    /// Refuses everything from now on; gives back what nobody has taken.
    pub(crate) fn close(&self) -> Vec<Message> {
        let mut state = self.lock();
        state.closed = true;
        let mut left: Vec<Message> = std::mem::take(&mut state.queue).into();
        left.retain(|message| message.news().is_none());
        let mut wakers: Vec<Waker> = state.senders.take().collect();
        let State {
            mailboxes, talks, ..
        } = &mut *state;
        for mailbox in mailboxes.iter_mut().chain(talks.values_mut()) {
            left.extend(mailbox.leave());
            wakers.extend(mailbox.waker.take());
        }
        if let Some((_, watch)) = state.watch.take() {
            watch.abort();
        }
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        left
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
        let talk = match message.field(Field::ConversationId) {
            Some(id) if !self.talks.is_empty() => self.talks.get_mut(id),
            _ => None,
        };
        let mut mailboxes = self.mailboxes.iter_mut();
        let mailbox = talk.or_else(|| mailboxes.find(|mailbox| mailbox.template.matches(&message)));
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

    /// Puts news into the queue of the messages, also if that is full: it is seldom, and nobody can
    /// be made to wait with it. Past twice the capacity it is lost.
    fn learn(&mut self, own: &Jid, news: Message, capacity: usize) -> Option<Waker> {
        if self.closed {
            return None;
        }
        if self.queue.len() >= capacity.saturating_mul(2) {
            tracing::warn!(agent = %own, about = ?news, "lost: the mailbox is twice as full as it may be");
            return None;
        }
        self.queue.push_back(news);
        self.idle.take()
    }

    /// Who awaits this message as a reply and has none yet.
    fn awaited_by(&mut self, message: &Message) -> Option<&mut Waiting> {
        let waiting = match message.field(Field::InReplyTo) {
            Some(key) => self.replies.get_mut(key),
            None => {
                // A foreign agent that answers within the conversation and names nothing. What
                // opens an exchange of its own is no answer.
                if message
                    .performative()
                    .is_some_and(Performative::opens_exchange)
                {
                    return None;
                }
                let conversation = message.field(Field::ConversationId)?;
                let sender = message.sender()?;
                self.replies
                    .values_mut()
                    .filter(|waiting| {
                        waiting.reply.is_none()
                            && waiting.conversation == *conversation
                            && waiting.asked.covers(sender)
                    })
                    .min_by_key(|waiting| waiting.order)
            }
        };
        waiting.filter(|waiting| waiting.reply.is_none())
    }

    /// A message of this agent came back: if it awaits the reply, there will be none.
    fn undelivered(&mut self, message: &Message, why: Undelivered) -> Option<Waker> {
        let key = message.field(Field::ReplyWith);
        if let Some(waiting) = key.and_then(|key| self.replies.get_mut(key))
            && waiting.reply.is_none()
        {
            waiting.reply = Some(Err(ReplyError::Undelivered(why)));
            return waiting.waker.take();
        }
        if let Some(id) = message.field(Field::ConversationId)
            && let Some(talk) = self.talks.get_mut(id)
        {
            let news = Message::of_news(message.to().cloned(), News::Undelivered(why));
            // Past the capacity too: there is no more of it than was sent.
            talk.queue.push_back(news);
            return talk.waker.take();
        }
        if self.keeps_returned && !self.closed && !message.wants_answer() {
            self.queue.push_back(message.returned(why));
            return self.idle.take();
        }
        let sender = message.sender().map(tracing::field::display);
        // Nobody waits for those that want no answer, and at the end of a run there may be many whose
        // receivers have ended.
        if message.wants_answer() || why != Undelivered::Ended {
            tracing::warn!(agent = sender, about = ?message, "not delivered: {why}");
        } else {
            tracing::debug!(agent = sender, about = ?message, "not delivered: {why}");
        }
        None
    }
}

impl Mailbox {
    pub(super) fn new(id: u64, template: Template) -> Self {
        Self {
            id,
            template,
            queue: VecDeque::new(),
            waker: None,
        }
    }

    /// Takes out what nobody has read; what came back is nobody else's business.
    pub(super) fn leave(&mut self) -> VecDeque<Message> {
        let mut left = std::mem::take(&mut self.queue);
        left.retain(|message| message.news().is_none());
        left
    }
}

/// Keeps the waker of the current task, cloning only if it is a new one.
pub(super) fn keep(slot: &mut Option<Waker>, cx: &Context<'_>) {
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
