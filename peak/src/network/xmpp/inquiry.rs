//! After a server has crashed: which of the messages that it had acknowledged have arrived?
//!
//! Acknowledged means that the server has the message, not the receiver. A server that crashes loses
//! what was in between. So whoever begins a new session after a lost one asks the receivers of its
//! last messages which of them they miss, and sends these again; agents of this framework answer.
//! The question is a `headline`, which servers neither keep nor return and other agents pass over.

use std::time::Duration;

use smol_str::SmolStr;
use tokio::time::Instant;

use crate::message::Jid;

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
    whom: Jid,
    names: Vec<SmolStr>,
    asked: u32,
    next: Instant,
}

/// What is to be asked now.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    pub(super) id: SmolStr,
    pub(super) whom: Jid,
    pub(super) names: Vec<SmolStr>,
}

/// One stanza has so many names, lest it be too long for a server.
const AT_ONCE: usize = 500;

/// The receiver may have lost its connection as well, so it is asked again, each time after twice
/// the pause: for about a minute in all.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const TIMES: u32 = 8;

impl Inquiries {
    /// Opens questions about these messages, and forgets older ones.
    pub(super) fn open<'a>(&mut self, uncertain: impl Iterator<Item = (SmolStr, &'a Jid)>) {
        self.open.clear();
        let now = Instant::now();
        for (name, to) in uncertain {
            // From the last: that one has room, if any has.
            let mut open = self.open.iter_mut().rev();
            match open.find(|it| it.whom == *to && it.names.len() < AT_ONCE) {
                Some(inquiry) => inquiry.names.push(name),
                None => {
                    self.next += 1;
                    self.open.push(Inquiry {
                        id: format!("missing-{}", self.next).into(),
                        whom: to.clone(),
                        names: vec![name],
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
                whom: inquiry.whom.clone(),
                names: inquiry.names.clone(),
            }
        })
        .collect()
    }

    /// When there is something to ask again, or to give up.
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.open.iter().map(|inquiry| inquiry.next).min()
    }

    /// Somebody answers that it misses these; gives those that it was asked about.
    pub(super) fn answered(&mut self, by: &Jid, id: &str, missing: &[SmolStr]) -> Vec<SmolStr> {
        let mut open = self.open.iter();
        let Some(place) = open.position(|it| it.id == id && it.whom.covers(by)) else {
            return Vec::new();
        };
        let asked = self.open.swap_remove(place);
        let missing = missing.iter().filter(|name| asked.names.contains(name));
        missing.cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jid(text: &str) -> Jid {
        text.parse().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn each_receiver_is_asked_until_it_answers() {
        let (bob, carol) = (jid("bob@x"), jid("carol@x/main"));
        let names = ["1", "2", "3"].map(SmolStr::from);
        let mut inquiries = Inquiries::default();
        inquiries.open(names.iter().cloned().zip([&bob, &carol, &bob]));
        let asked = inquiries.due();
        assert_eq!(asked.len(), 2);
        assert_eq!(asked[0].names, [names[0].clone(), names[2].clone()]);
        assert!(inquiries.due().is_empty());

        // Only from whom was asked, and only what was asked.
        let id = &asked[0].id;
        assert!(inquiries.answered(&carol, id, &names).is_empty());
        let lost = inquiries.answered(&jid("bob@x/main"), id, &names);
        assert_eq!(lost, [names[0].clone(), names[2].clone()]);

        let mut times = 1;
        while let Some(next) = inquiries.next_due() {
            tokio::time::advance(next - Instant::now()).await;
            times += inquiries.due().len() as u32;
        }
        assert_eq!(times, TIMES);
    }

    #[tokio::test(start_paused = true)]
    async fn a_question_has_its_bounds() {
        let bob = jid("bob@x");
        let names: Vec<SmolStr> = (0..1200).map(|n: u32| n.to_string().into()).collect();
        let mut inquiries = Inquiries::default();
        inquiries.open(names.iter().map(|name| (name.clone(), &bob)));
        let sizes: Vec<usize> = inquiries.due().iter().map(|it| it.names.len()).collect();
        assert_eq!(sizes, [500, 500, 200]);
    }
}
