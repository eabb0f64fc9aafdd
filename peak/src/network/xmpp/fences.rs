//! How far the receivers of many messages have come.
//!
//! What a server has acknowledged it may still lose, if it crashes; so it is kept, to be sent again
//! (see [`inquiry`](super::inquiry)). Kept for how long? A server takes more from a sender than it
//! hands to the receiver in the same time. So every so often the receiver of many messages gets an
//! empty question. As stanzas come in the order in which they were sent, whoever answers it has got
//! everything before it; and as long as an answer is due, only so much is sent on.

use std::collections::HashMap;
use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;

use crate::message::Jid;

/// What the names of these questions begin with.
const MARK: &str = "fence-";

/// A question follows so many messages to one receiver.
const EVERY: usize = 512;

/// How long the answer of somebody is waited for who has answered before, or has not been asked.
const PATIENCE: Duration = Duration::from_secs(5);
const PATIENCE_AT_FIRST: Duration = Duration::from_secs(2);

/// More receivers than this are not kept apart.
const RECEIVERS: usize = 4096;

/// The receivers of messages, as they were addressed.
#[derive(Debug, Default)]
pub(super) struct Fences {
    receivers: HashMap<Jid, Receiver>,
    next: u64,
}

#[derive(Debug, Default)]
struct Receiver {
    /// Messages since the last question.
    since: usize,
    manner: Manner,
    open: Option<Open>,
}

/// Whether somebody answers: only agents of this framework do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Manner {
    #[default]
    Unknown,
    Answers,
    Silent,
}

impl Manner {
    fn patience(self) -> Duration {
        match self {
            Self::Unknown => PATIENCE_AT_FIRST,
            Self::Answers => PATIENCE,
            Self::Silent => Duration::ZERO,
        }
    }
}

#[derive(Debug)]
struct Open {
    id: SmolStr,
    /// The place of the last message before the question.
    last: u64,
    asked: Instant,
}

impl Fences {
    /// A message has been sent, in this place among all stanzas; gives the name of the question that
    /// is to follow it, if one is.
    pub(super) fn sent(&mut self, to: &Jid, place: u64) -> Option<SmolStr> {
        if self.receivers.len() >= RECEIVERS && !self.receivers.contains_key(to) {
            self.receivers.clear();
        }
        let receiver = match self.receivers.get_mut(to) {
            Some(receiver) => receiver,
            None => self.receivers.entry(to.clone()).or_default(),
        };
        receiver.since += 1;
        if receiver.since < EVERY || receiver.awaited_until().is_some() {
            return None;
        }
        if receiver.open.is_some() {
            // It had its time.
            receiver.manner = Manner::Silent;
        }
        receiver.since = 0;
        self.next += 1;
        let id: SmolStr = format!("{MARK}{}", self.next).into();
        receiver.open = Some(Open {
            id: id.clone(),
            last: place,
            asked: Instant::now(),
        });
        Some(id)
    }

    /// Somebody has answered a question; gives whom it was put to, and the place of the last message
    /// before it.
    pub(super) fn answered(&mut self, by: &Jid, id: &str) -> Option<(Jid, u64)> {
        if !id.starts_with(MARK) {
            return None;
        }
        let (to, receiver) = self
            .receivers
            .iter_mut()
            .find(|(to, it)| to.covers(by) && it.open.as_ref().is_some_and(|open| open.id == id))?;
        receiver.manner = Manner::Answers;
        let open = receiver.open.take()?;
        Some((to.clone(), open.last))
    }

    /// Until when answers are waited for, if any is due.
    pub(super) fn awaited_until(&self) -> Option<Instant> {
        self.receivers
            .values()
            .filter_map(Receiver::awaited_until)
            .min()
    }

    /// A new session begins: nobody answers what was asked in the old one.
    pub(super) fn restart(&mut self) {
        for receiver in self.receivers.values_mut() {
            receiver.open = None;
            receiver.since = 0;
        }
    }
}

impl Receiver {
    fn awaited_until(&self) -> Option<Instant> {
        let until = self.open.as_ref()?.asked + self.manner.patience();
        (until > Instant::now()).then_some(until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(text: &str) -> Jid {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_follows_many_messages_to_one_receiver() {
        let (bob, carol) = (jid("bob@x"), jid("carol@x"));
        let mut fences = Fences::default();
        let mut asked = Vec::new();
        for number in 0..2 * EVERY as u64 {
            let to = if number % 2 == 0 { &bob } else { &carol };
            asked.extend(fences.sent(to, number));
        }
        assert_eq!(asked.len(), 2);
        assert!(fences.awaited_until().is_some());
        assert_eq!(fences.answered(&jid("carol@x/main"), &asked[0]), None);
        let last = 2 * (EVERY as u64 - 1);
        let answered = fences.answered(&jid("bob@x/main"), &asked[0]);
        assert_eq!(answered, Some((bob.clone(), last)));

        // Carol never answers, and after a while is not waited for any more.
        tokio::time::advance(PATIENCE_AT_FIRST).await;
        assert_eq!(fences.awaited_until(), None);

        let more = (0..EVERY as u64).find_map(|number| fences.sent(&bob, number));
        assert!(more.is_some());
        assert!(fences.awaited_until().is_some());
        tokio::time::advance(PATIENCE).await;
        assert_eq!(fences.awaited_until(), None);
    }
}
