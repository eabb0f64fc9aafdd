//! Awaiting a reply: it goes to whoever asked, past everything that queues.

use std::collections::hash_map::Entry;
use std::sync::{Arc, Weak};
use std::task::{Context, Poll, Waker};

use smol_str::SmolStr;
use tokio::time::Instant;

use super::inbox::{Inbox, ReplyError, Waiting, keep};
use crate::message::{Jid, Message};

impl Inbox {
    /// Awaits the reply that names `reply_with`, or that belongs to `conversation` and names
    /// nothing. It is expected from this call on, so that none is missed that comes at once.
    ///
    /// The task that calls is woken when it is there.
    pub(crate) fn expect_reply<'a>(
        self: &'a Arc<Self>,
        cx: &Context<'_>,
        asked: &Jid,
        reply_with: SmolStr,
        conversation: SmolStr,
        deadline: Instant,
    ) -> Result<PendingReply<'a>, ReplyError> {
        let mut state = self.lock();
        state.next_reply += 1;
        let order = state.next_reply;
        match state.replies.entry(reply_with.clone()) {
            Entry::Occupied(_) => return Err(ReplyError::Duplicate),
            Entry::Vacant(place) => {
                place.insert(Waiting {
                    asked: asked.clone(),
                    order,
                    conversation,
                    deadline,
                    reply: None,
                    waker: Some(cx.waker().clone()),
                });
            }
        }
        if state
            .watch
            .as_ref()
            .is_none_or(|(watch, _)| deadline < *watch)
        {
            let task = tokio::spawn(watch(Arc::downgrade(self), deadline));
            if let Some((_, later)) = state.watch.replace((deadline, task.abort_handle())) {
                later.abort();
            }
        }
        drop(state);
        Ok(PendingReply {
            inbox: self,
            reply_with,
            done: false,
        })
    }

    /// Ends the waits that are overdue. Gives the instant to watch next, if there is one.
    fn end_overdue(&self) -> Option<Instant> {
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
        match (&mut state.watch, next) {
            (Some((watch, _)), Some(next)) => *watch = next,
            (watch, _) => *watch = None,
        }
        drop(state);
        wakers.into_iter().for_each(Waker::wake);
        next
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
        let next = inbox.upgrade().and_then(|inbox| inbox.end_overdue());
        match next {
            Some(next) => deadline = next,
            None => return,
        }
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
