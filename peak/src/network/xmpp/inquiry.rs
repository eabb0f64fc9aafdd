//! After a server has crashed: which of the messages that it had acknowledged have arrived?
//!
//! Acknowledged means that the server has the message, not the receiver. A server that crashes loses
//! what was in between. So whoever begins a new session after a lost one asks the receivers of its
//! last messages which of them they miss, and sends these again; agents of this framework answer.
//! The question is a `headline`, which servers neither keep nor return and other agents pass over.

use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;

use crate::message::{Jid, Message};

/// Questions that are open.
#[derive(Debug, Default)]
pub(super) struct Inquiries {
    open: Vec<Inquiry>,
    next: u64,
}

/// One receiver is asked about some messages.
#[derive(Debug)]
struct Inquiry {
    /// What the answer will name.
    id: SmolStr,
    /// Whose messages they are: behind a component are many.
    from: Jid,
    whom: Jid,
    /// What it may not have: name and number of each.
    messages: Vec<(SmolStr, u64, Message)>,
    asked: u32,
    next: Instant,
}

/// What is to be asked now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) id: SmolStr,
    pub(super) from: Jid,
    pub(super) whom: Jid,
    pub(super) names: Vec<SmolStr>,
}

/// One stanza has so many names, lest it be too long for a server.
pub(super) const AT_ONCE: usize = 500;

/// The receiver may have lost its connection as well, so it is asked again, each time after twice
/// the pause: for about a minute in all.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const TIMES: u32 = 8;

impl Inquiries {
    /// Opens questions about these messages. Those that were open are put once more.
    pub(super) fn open(&mut self, uncertain: impl IntoIterator<Item = (SmolStr, u64, Message)>) {
        let now = Instant::now();
        for inquiry in &mut self.open {
            // What it is asked about may grow: an answer to the question before is none.
            self.next += 1;
            inquiry.id = name_of(self.next);
            (inquiry.asked, inquiry.next) = (0, now);
        }
        for (name, number, message) in uncertain {
            let (Some(from), Some(to)) = (message.sender().cloned(), message.to().cloned()) else {
                continue;
            };
            // From the last: that one has room, if any has.
            let mut open = self.open.iter_mut().rev();
            let is_its =
                |it: &&mut Inquiry| it.whom == to && it.from == from && it.messages.len() < AT_ONCE;
            match open.find(is_its) {
                Some(inquiry) => inquiry.messages.push((name, number, message)),
                None => {
                    self.next += 1;
                    self.open.push(Inquiry {
                        id: name_of(self.next),
                        from,
                        whom: to,
                        messages: vec![(name, number, message)],
                        asked: 0,
                        next: now,
                    });
                }
            }
        }
    }

    /// What is to be asked now. Who never answers is not asked any more.
    pub(super) fn due(&mut self) -> Vec<Question> {
        let now = Instant::now();
        self.open.retain(|it| it.asked < TIMES || it.next > now);
        let due = self.open.iter_mut().filter(|it| it.next <= now);
        due.map(|inquiry| {
            inquiry.next = now + FIRST_PAUSE * 2u32.pow(inquiry.asked);
            inquiry.asked += 1;
            Question {
                id: inquiry.id.clone(),
                from: inquiry.from.clone(),
                whom: inquiry.whom.clone(),
                names: inquiry
                    .messages
                    .iter()
                    .map(|(name, ..)| name.clone())
                    .collect(),
            }
        })
        .collect()
    }

    /// When there is something to ask again, or to give up.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.open.iter().map(|inquiry| inquiry.next).min()
    }

    /// Somebody answers that it misses these; gives those that it was asked about, to be sent again.
    pub(super) fn answered(
        &mut self,
        by: &Jid,
        id: &str,
        missing: &[SmolStr],
    ) -> Vec<(u64, Message)> {
        let mut open = self.open.iter();
        let Some(place) = open.position(|it| it.id == id && it.whom.covers(by)) else {
            return Vec::new();
        };
        let asked = self.open.remove(place).messages.into_iter();
        asked
            .filter(|(name, ..)| missing.contains(name))
            .map(|(_, number, message)| (number, message))
            .collect()
    }
}

fn name_of(number: u64) -> SmolStr {
    format!("missing-{number}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(text: &str) -> Jid {
        text.parse().unwrap()
    }

    fn messages<'a>(
        to: impl IntoIterator<Item = &'a str>,
    ) -> impl Iterator<Item = (SmolStr, u64, Message)> {
        let numbered = to.into_iter().zip(0..);
        numbered.map(|(to, number): (_, u64)| {
            let name = number.to_string().into();
            let mut message = Message::inform(to);
            message.set_sender(jid("me@x/main"));
            (name, number, message)
        })
    }

    #[tokio::test(start_paused = true)]
    async fn each_receiver_is_asked_until_it_answers() {
        let mut inquiries = Inquiries::default();
        inquiries.open(messages(["bob@x", "carol@x/main", "bob@x"]));
        let asked = inquiries.due();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].names, ["0", "2"]);
        assert!(inquiries.due().is_empty());

        // Only from whom was asked, and only what was asked.
        let id = &asked[0].id;
        let missing = ["0", "1", "2"].map(SmolStr::from);
        assert!(
            inquiries
                .answered(&jid("carol@x/main"), id, &missing)
                .is_empty()
        );
        let lost = inquiries.answered(&jid("bob@x/main"), id, &missing);
        let numbers: Vec<u64> = lost.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [0, 2]);

        let mut times = 1;
        while let Some(next) = inquiries.next_due() {
            tokio::time::advance(next - Instant::now()).await;
            times += inquiries.due().len() as u32;
        }
        assert_eq!(times, TIMES);
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_has_its_bounds_and_outlives_a_second_loss() {
        let mut inquiries = Inquiries::default();
        inquiries.open(messages(["bob@x"; 1200]));
        let sizes: Vec<usize> = inquiries.due().iter().map(|it| it.names.len()).collect();
        assert_eq!(sizes, [500, 500, 200]);
        inquiries.open(messages(["carol@x"]));
        assert_eq!(inquiries.due().len(), 4);
    }
}
