//! Proposals that are accepted, and what becomes of them.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::Instant;

use super::NotAProposer;
use crate::agent::Agent;
use crate::message::{Jid, Message, Performative};
use crate::network::BoxFuture;
use crate::protocol::participants::{Participants, Standing};
use crate::protocol::talk::{Heard, Talk};
use crate::protocol::work::post;
use crate::protocol::{Cancelled, Unreachable};
use crate::time::{DurationError, after};

/// Proposals that are about to be accepted: see [`Proposals::award`](super::Proposals::award).
#[must_use = "nothing is accepted before it is awaited"]
pub struct Award<A: Agent> {
    /// Nobody, if somebody shall win who has not proposed anything.
    to: Result<Winners<A>, NotAProposer>,
    /// What each of them is told.
    accepted: Vec<Message>,
    time: Result<Duration, DurationError>,
    cancel: BoxFuture<'static, ()>,
}

/// Those who have been told that they win. Who has not told the result when this is dropped is told that
/// nobody waits for it.
struct Winners<A: Agent> {
    talk: Talk<A>,
    who: Participants,
    results: Awarded,
}

impl<A: Agent> Award<A> {
    pub(super) fn new(
        talk: Talk<A>,
        who: Participants,
        accepted: Vec<Message>,
        time: Result<Duration, DurationError>,
    ) -> Self {
        let results = Awarded::default();
        Self {
            to: Ok(Winners { talk, who, results }),
            accepted,
            time,
            cancel: Box::pin(std::future::pending()),
        }
    }

    pub(super) fn of_nobody(error: NotAProposer) -> Self {
        Self {
            to: Err(error),
            accepted: Vec::new(),
            time: Ok(Duration::ZERO),
            cancel: Box::pin(std::future::pending()),
        }
    }

    /// Cancels it when this is done first: whoever has not told the result by then is told so, and what they say to
    /// that is in [`Awarded::cancelled`].
    pub fn cancel_on(mut self, event: impl Future<Output: Send> + Send + 'static) -> Self {
        self.cancel = Box::pin(async move {
            event.await;
        });
        self
    }
}

impl<A: Agent> IntoFuture for Award<A> {
    type Output = crate::Result<Awarded>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (mut winners, time) = (self.to?, self.time?);
            let due = after(time);
            let lost = winners.talk.tell(self.accepted).await;
            lost.into_iter()
                .for_each(|one| winners.note_unreachable(one));
            tokio::select! {
                biased;
                () = winners.hear(due) => winners.results.late = winners.who.silent(),
                () = self.cancel => {
                    let silent = winners.who.silent();
                    winners.results.cancelled = winners.talk.cancel(&silent, time).await?;
                    winners.who = Participants::default();
                }
            }
            Ok(std::mem::take(&mut winners.results))
        })
    }
}

impl<A: Agent> Winners<A> {
    /// Takes results until all have told theirs, or time is over.
    async fn hear(&mut self, due: Instant) {
        while !self.who.is_complete() {
            match self.talk.hear(due).await {
                Some(Heard::Said(sender, act, message)) => self.note(&sender, act, message),
                Some(Heard::Undelivered(unreachable)) => self.note_unreachable(unreachable),
                None => return,
            }
        }
    }

    fn note(&mut self, sender: &Jid, act: Performative, message: Message) {
        if act == Performative::Propose {
            // It came after the deadline.
            post(self.talk.ctx(), message.reply(Performative::RejectProposal));
            return;
        }
        match (self.who.answer(sender), act) {
            (Standing::First, Performative::Inform) => self.results.done.push(message),
            (
                Standing::First,
                Performative::Failure | Performative::NotUnderstood | Performative::Refuse,
            ) => self.results.failed.push(message),
            (Standing::First, _) => {
                self.talk.out_of_place(&message);
                self.results.broken.push(message);
            }
            (Standing::Again | Standing::Stranger, _) => self.talk.out_of_place(&message),
        }
    }

    fn note_unreachable(&mut self, unreachable: Unreachable) {
        if self.who.answer(&unreachable.jid) == Standing::First {
            self.results.unreachable.push(unreachable);
        }
    }
}

impl<A: Agent> Drop for Winners<A> {
    fn drop(&mut self) {
        if !self.who.is_complete() {
            self.talk.abandon(self.who.silent());
        }
    }
}

impl<A: Agent> fmt::Debug for Award<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Award")
            .field("accepted", &self.accepted)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}

/// What the winners of a contract net have told: see [`Proposals::award`](super::Proposals::award).
#[derive(Debug, Default)]
pub struct Awarded {
    done: Vec<Message>,
    failed: Vec<Message>,
    broken: Vec<Message>,
    late: Vec<Jid>,
    unreachable: Vec<Unreachable>,
    cancelled: Vec<(Jid, Cancelled)>,
}

impl Awarded {
    /// Who has done it, and says so: messages `inform`.
    pub fn done(&self) -> &[Message] {
        &self.done
    }

    /// Who could not, in their words.
    pub fn failed(&self) -> &[Message] {
        &self.failed
    }

    /// What had no place there, in the words of who said it, and was told so.
    pub fn broken(&self) -> &[Message] {
        &self.broken
    }

    /// Who has said nothing in time. They are told that nobody waits any more (`cancel`).
    pub fn late(&self) -> &[Jid] {
        &self.late
    }

    /// Who was not reached.
    pub fn unreachable(&self) -> &[Unreachable] {
        &self.unreachable
    }

    /// With whom it was [cancelled](Award::cancel_on), and what they said to that.
    pub fn cancelled(&self) -> &[(Jid, Cancelled)] {
        &self.cancelled
    }
}
