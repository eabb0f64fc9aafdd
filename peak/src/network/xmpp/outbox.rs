//! What waits to go out over one connection: a bounded queue between the agents and the task that
//! owns the stream.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio_xmpp::minidom::Element;

use crate::message::{Jid, Message};
use crate::network::SendError;
use crate::wakers::{Wakers, wait_for};

/// A stanza that goes out.
#[derive(Debug, Clone)]
pub(super) enum Out {
    /// A message, and the number in its name.
    Message(u64, Message),
    /// What an agent wants done, such as a subscription.
    Element(Element),
    /// What means something in this session only, such as the answer to a question.
    Answer(Element),
    /// A message that came back, whose sender knows. It is only counted.
    Returned,
}

/// A queue that senders fill, also while there is no connection.
#[derive(Debug)]
pub(super) struct Outbox {
    /// How many messages wait before senders must.
    capacity: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    queue: VecDeque<Out>,
    senders: Wakers,
    /// The task that owns the stream, when it waits.
    task: Option<Waker>,
    is_online: bool,
    /// Whether the server has learnt that the agent is there, once.
    is_known: bool,
    /// Nobody uses it any more: what is in it goes out, and that is all.
    is_closing: bool,
    /// Nothing goes out any more, and why.
    ended: Option<String>,
    /// Who waits for that, or for the server to know of the agent.
    waiting: Wakers,
}

/// Why a message was not taken.
pub(super) enum Refused {
    Full(Message),
    Ended(String, Message),
}

impl Outbox {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            capacity,
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a message into the queue.
    pub(super) fn push(&self, number: u64, message: Message) -> Result<(), Refused> {
        let mut state = self.lock();
        let waker = state.push(number, message, self.capacity)?;
        drop(state);
        waker.into_iter().for_each(Waker::wake);
        Ok(())
    }

    /// Puts it in as soon as there is room, and gives it back if there is none for long.
    pub(super) async fn push_when_room(
        &self,
        number: u64,
        to: Jid,
        message: Message,
        patience: Duration,
    ) -> Result<(), SendError> {
        let mut offered = Some(message);
        let waited = {
            let pushed = wait_for(
                &self.state,
                |state| &mut state.senders,
                |state| match state.push(number, offered.take()?, self.capacity) {
                    Ok(waker) => Some(Ok(waker)),
                    Err(Refused::Ended(reason, message)) => Some(Err((reason, message))),
                    Err(Refused::Full(message)) => {
                        offered = Some(message);
                        None
                    }
                },
            );
            tokio::time::timeout(patience, pushed).await
        };
        match (waited, offered) {
            (Ok(Ok(waker)), _) => {
                waker.into_iter().for_each(Waker::wake);
                Ok(())
            }
            (Ok(Err((reason, message))), _) => Err(SendError::Offline {
                to,
                reason,
                message,
            }),
            (Err(_), Some(message)) => Err(self.full(to, message)),
            // It has just been taken.
            (Err(_), None) => Ok(()),
        }
    }

    fn full(&self, to: Jid, message: Message) -> SendError {
        let why = match self.lock().is_online {
            true => "the server takes messages more slowly than they come",
            false => "there is no connection to the server",
        };
        SendError::Offline {
            to,
            reason: format!("{why}, and {} messages wait already", self.capacity),
            message,
        }
    }

    /// Puts a stanza in that is not an agent's message; there are few, and they always fit.
    pub(super) fn push_element(&self, element: Element) {
        let mut state = self.lock();
        if state.ended.is_some() {
            return;
        }
        state.queue.push_back(Out::Element(element));
        let waker = state.task.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    pub(super) fn push_elements(&self, elements: impl IntoIterator<Item = Element>) {
        elements.into_iter().for_each(|it| self.push_element(it));
    }

    /// The next stanza; if there is none, the task is woken when there is.
    pub(super) fn poll_next(&self, cx: &Context<'_>) -> Poll<Out> {
        let mut state = self.lock();
        match state.queue.pop_front() {
            Some(out) => {
                // Not for each: senders that were woken for one place each would wake in vain.
                let senders = (state.queue.len() <= self.capacity / 2)
                    .then(|| state.senders.take())
                    .into_iter()
                    .flatten();
                drop(state);
                senders.for_each(Waker::wake);
                Poll::Ready(out)
            }
            None => {
                state.watch(cx);
                Poll::Pending
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.lock().queue.is_empty()
    }

    /// Whether it is to be closed; if not, the task is woken when it is.
    pub(super) fn poll_closing(&self, cx: &Context<'_>) -> Poll<()> {
        let mut state = self.lock();
        if state.is_closing {
            return Poll::Ready(());
        }
        state.watch(cx);
        Poll::Pending
    }

    /// Lets what is in it go out, and then no more.
    pub(super) fn close(&self) {
        let mut state = self.lock();
        state.is_closing = true;
        let waker = state.task.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    pub(super) fn is_online(&self) -> bool {
        self.lock().is_online
    }

    pub(super) fn set_online(&self, is_online: bool) {
        self.lock().is_online = is_online;
    }

    /// Nothing goes out any more; gives what is left in the queue.
    pub(super) fn end(&self, reason: String) -> VecDeque<Out> {
        let mut state = self.lock();
        state.ended = Some(reason);
        state.is_online = false;
        let (left, senders) = (std::mem::take(&mut state.queue), state.senders.take());
        let waiting = state.waiting.take();
        drop(state);
        senders.chain(waiting).for_each(Waker::wake);
        left
    }

    /// Waits until nothing goes out any more.
    pub(super) async fn ended(&self) {
        let ended = wait_for(
            &self.state,
            |state| &mut state.waiting,
            |state| state.ended.is_some().then_some(()),
        );
        ended.await;
    }

    /// The server has learnt that the agent is there.
    pub(super) fn set_known(&self) {
        let mut state = self.lock();
        state.is_known = true;
        let waiting = state.waiting.take();
        drop(state);
        waiting.for_each(Waker::wake);
    }

    /// Waits until the server has learnt that the agent is there, or never will.
    pub(super) async fn known(&self) {
        let known = wait_for(
            &self.state,
            |state| &mut state.waiting,
            |state| (state.is_known || state.ended.is_some()).then_some(()),
        );
        known.await;
    }
}

impl State {
    fn push(
        &mut self,
        number: u64,
        message: Message,
        capacity: usize,
    ) -> Result<Option<Waker>, Refused> {
        if let Some(reason) = &self.ended {
            return Err(Refused::Ended(reason.clone(), message));
        }
        if self.queue.len() >= capacity {
            return Err(Refused::Full(message));
        }
        self.queue.push_back(Out::Message(number, message));
        Ok(self.task.take())
    }

    /// Has the task woken by whatever comes next.
    fn watch(&mut self, cx: &Context<'_>) {
        match &mut self.task {
            Some(waker) => waker.clone_from(cx.waker()),
            None => self.task = Some(cx.waker().clone()),
        }
    }
}
