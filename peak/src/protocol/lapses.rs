//! When conversations lapse in which nobody says anything.

use std::collections::VecDeque;

use tokio::time::Instant;

use super::conversations::{Conversations, Ticket};

/// Conversations in the order in which they lapse, since each has the same time.
#[derive(Debug)]
pub(super) struct Lapses {
    queue: VecDeque<(Instant, Ticket)>,
    /// With more than this, those that are over are looked for.
    limit: usize,
}

const LIMIT: usize = 64;

impl Lapses {
    /// A conversation lapses at this instant.
    pub(super) fn add<S>(&mut self, due: Instant, ticket: Ticket, all: &Conversations<S>) {
        if self.queue.len() >= self.limit {
            self.queue.retain(|(_, ticket)| all.goes_on(ticket));
            self.limit = LIMIT.max(self.queue.len() * 2);
        }
        self.queue.push_back((due, ticket));
    }

    /// When there is something to do.
    pub(super) fn next(&self) -> Option<Instant> {
        self.queue.front().map(|(due, _)| *due)
    }

    /// Ends the next conversation that has lapsed; gives where it stood.
    pub(super) fn take<S>(&mut self, now: Instant, all: &Conversations<S>) -> Option<S> {
        while self.next().is_some_and(|due| due <= now) {
            let (_, ticket) = self.queue.pop_front()?;
            if let Some(state) = all.end(&ticket) {
                return Some(state);
            }
        }
        None
    }
}

impl Default for Lapses {
    fn default() -> Self {
        Self {
            queue: VecDeque::new(),
            limit: LIMIT,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::message::Message;

    fn begin(all: &Conversations<usize>, number: usize) -> Ticket {
        let mut message = Message::cfp("b@x").with_conversation_id(number.to_string());
        message.set_sender("a@x/main".parse().unwrap());
        all.begin(&message, number).unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn those_that_are_over_do_not_lapse() {
        let (all, mut lapses) = (Conversations::default(), Lapses::default());
        let due = Instant::now() + Duration::from_secs(1);
        let tickets: Vec<Ticket> = (0..3).map(|number| begin(&all, number)).collect();
        for ticket in &tickets {
            lapses.add(due, ticket.clone(), &all);
        }
        all.end(&tickets[1]);
        assert_eq!(lapses.take(Instant::now(), &all), None);
        assert_eq!(lapses.take(due, &all), Some(0));
        assert_eq!(lapses.take(due, &all), Some(2));
        assert_eq!(lapses.take(due, &all), None);
        assert_eq!(lapses.next(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_queue_does_not_keep_what_is_over() {
        let (all, mut lapses) = (Conversations::default(), Lapses::default());
        let due = Instant::now();
        for number in 0..10 * LIMIT {
            let ticket = begin(&all, number);
            lapses.add(due, ticket.clone(), &all);
            all.end(&ticket);
            assert!(lapses.queue.len() <= LIMIT);
        }
    }
}
