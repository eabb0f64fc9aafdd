//! A subscription that goes on, as the one who is told has it.

use std::fmt;

use crate::agent::Agent;
use crate::message::{Jid, Message, Performative};
use crate::network::ReceiveError;
use crate::protocol::talk::{Heard, Talk};
use crate::protocol::{Cancelled, Unreachable};
use crate::time::{IntoDuration, IntoTimeout, after};

/// A subscription to which the publisher has agreed: see [`Context::subscribe_to`](crate::Context::subscribe_to).
///
/// News is kept in a mailbox of its own until it is taken with [`next`](Self::next); when that is full, the publisher
/// waits. Dropped, the subscription is cancelled.
#[must_use = "the subscription is cancelled when this is dropped"]
pub struct Feed<A: Agent> {
    talk: Talk<A>,
    /// Who publishes; once it has answered, the very session.
    publisher: Jid,
    has_agreed: bool,
    /// News that took the place of an `agree`.
    first: Option<Message>,
    state: State,
}

/// What is told by a publisher: see [`Feed::next`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Told {
    /// News: an `inform`.
    News(Message),
    /// Nothing came in time. The subscription goes on.
    Nothing,
    /// The publisher has ended it, and says why: a `failure`.
    Failed(Message),
    /// It has ended: the publisher did not understand something.
    NotUnderstood(Message),
    /// The publisher said something that has no place there. It was told so, and that was the end.
    Broken(Message),
    /// It has ended: the publisher was not reached.
    Unreachable(Unreachable),
    /// It has ended: this agent has [cancelled](Feed::cancel) it.
    Cancelled,
}

impl Told {
    /// The news, if it is some.
    pub fn news(self) -> Option<Message> {
        match self {
            Self::News(message) => Some(message),
            _ => None,
        }
    }
}

/// Where a subscription stands.
enum State {
    /// News may come.
    Active,
    /// It has come to nothing.
    Void,
    /// It has ended so.
    Over(Told),
}

impl<A: Agent> Feed<A> {
    /// A subscription that is not answered yet.
    pub(super) fn new(talk: Talk<A>, publisher: Jid) -> Self {
        Self {
            talk,
            publisher,
            has_agreed: false,
            first: None,
            state: State::Active,
        }
    }

    /// Who publishes.
    pub fn publisher(&self) -> &Jid {
        &self.publisher
    }

    /// The next news, or that the subscription has ended; or [`Told::Nothing`], if neither comes in time. `"0s"` only
    /// looks, `None` waits for ever. What has ended, ends the same way each time it is asked for.
    ///
    /// # Errors
    ///
    /// If the timeout is malformed, or this agent has ended.
    pub async fn next(&mut self, timeout: impl IntoTimeout) -> crate::Result<Told> {
        let due = timeout.into_timeout()?.map(after);
        loop {
            if let State::Over(told) = &self.state {
                return Ok(told.clone());
            }
            if let Some(first) = self.first.take() {
                return Ok(Told::News(first));
            }
            let Some(heard) = self.talk.hear(due).await else {
                let has_ended = due.is_none() || self.talk.ctx().shared().has_ended();
                return match has_ended {
                    true => Err(ReceiveError::Closed.into()),
                    false => Ok(Told::Nothing),
                };
            };
            match self.told(heard) {
                None => {}
                Some(Told::News(message)) => return Ok(Told::News(message)),
                Some(ended) => self.state = State::Over(ended),
            }
        }
    }

    /// Cancels the subscription, and waits, for so long at most, for what the publisher says to that.
    ///
    /// If it cannot or will not end it ([`Cancelled::Failed`]), or says nothing in time, there may still be news to
    /// [take](Self::next).
    ///
    /// # Errors
    ///
    /// If the duration is malformed.
    pub async fn cancel(&mut self, time: impl IntoDuration) -> crate::Result<Cancelled> {
        let with = std::slice::from_ref(&self.publisher);
        let said = self.talk.cancel(with, time).await?;
        let said = said.into_iter().map(|(_, said)| said).next();
        let said = said.unwrap_or(Cancelled::Late);
        let goes_on = matches!(said, Cancelled::Failed(_) | Cancelled::Late);
        if matches!(self.state, State::Active) && !goes_on {
            self.state = State::Over(Told::Cancelled);
        }
        Ok(said)
    }

    /// What follows from something that is heard; `None` if nothing does.
    fn told(&mut self, heard: Heard) -> Option<Told> {
        let (sender, act, message) = match heard {
            Heard::Said(sender, act, message) => (sender, act, message),
            Heard::Undelivered(unreachable) => return Some(Told::Unreachable(unreachable)),
        };
        if !self.is_of(&sender) {
            self.talk.out_of_place(&message);
            return None;
        }
        match act {
            Performative::Inform => Some(Told::News(message)),
            // It comes after the first news, from whoever tells that at once.
            Performative::Agree if !self.has_agreed => {
                self.has_agreed = true;
                None
            }
            Performative::Failure => Some(Told::Failed(message)),
            Performative::NotUnderstood => Some(Told::NotUnderstood(message)),
            _ => {
                self.break_off(&message);
                Some(Told::Broken(message))
            }
        }
    }

    pub(super) fn talk(&self) -> &Talk<A> {
        &self.talk
    }

    /// Whether this is the publisher.
    pub(super) fn is_of(&self, sender: &Jid) -> bool {
        self.publisher.same_account(sender)
    }

    /// The publisher agrees.
    pub(super) fn agree(&mut self, agree: &Message) {
        self.has_agreed = true;
        self.answered_by(agree);
    }

    /// The publisher tells the first news at once.
    pub(super) fn begin_with(&mut self, news: Message) {
        self.answered_by(&news);
        self.first = Some(news);
    }

    fn answered_by(&mut self, answer: &Message) {
        if let Some(sender) = answer.sender() {
            self.publisher = sender.clone();
        }
    }

    /// It has come to nothing, and the publisher knows that.
    pub(super) fn end(&mut self) {
        self.state = State::Void;
    }

    /// The publisher said something that has no place here, and learns that it has ended with that: it gets
    /// `not-understood`, or else a `cancel`, so that it does not go on telling.
    pub(super) fn break_off(&mut self, message: &Message) {
        self.talk.out_of_place(message);
        let told = message.wants_answer();
        self.talk.abandon((!told).then(|| self.publisher.clone()));
        self.end();
    }
}

impl<A: Agent> Drop for Feed<A> {
    fn drop(&mut self) {
        match &self.state {
            State::Active => self.talk.abandon([self.publisher.clone()]),
            // What crosses with it is nobody's business any more.
            State::Over(Told::Cancelled) => self.talk.abandon([]),
            State::Void | State::Over(_) => {}
        }
    }
}

impl<A: Agent> fmt::Debug for Feed<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed")
            .field("publisher", &self.publisher)
            .finish_non_exhaustive()
    }
}
