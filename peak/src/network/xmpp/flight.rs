//! What has been written and may yet be lost: stanzas that the server has not acknowledged, and
//! messages that it has, but of which nobody knows whether they have arrived should it crash.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;
use tokio_xmpp::minidom::Element;

use super::outbox::Out;
use crate::message::{Jid, Message};

/// How many messages are kept that are acknowledged, how many of them that are confirmed, and for how
/// long.
#[derive(Debug, Clone, Copy)]
pub(super) struct Keep {
    pub(super) messages: usize,
    pub(super) confirmed: usize,
    pub(super) time: Duration,
}

/// Stanzas on their way, in the order in which they were sent.
#[derive(Debug)]
pub(super) struct Flight {
    keep: Keep,
    /// Not acknowledged.
    pending: VecDeque<Out>,
    /// How many of them have been written on this connection; the rest is to be written again.
    written: usize,
    /// How many have been acknowledged in this session, as the server counts: modulo 2³².
    acknowledged: u32,
    /// How many stanzas have gone before the first that is pending, in all sessions.
    before: u64,
    /// Acknowledged by the server.
    recent: VecDeque<Kept>,
    /// Confirmed by the receiver. It may still give them back.
    confirmed: VecDeque<Kept>,
}

/// A message that is pending no more.
#[derive(Debug)]
struct Kept {
    /// When it was acknowledged.
    since: Instant,
    /// How many stanzas went before it.
    place: u64,
    number: u64,
    message: Message,
}

impl Flight {
    pub(super) fn new(keep: Keep) -> Self {
        Self {
            keep,
            pending: VecDeque::new(),
            written: 0,
            acknowledged: 0,
            before: 0,
            recent: VecDeque::new(),
            confirmed: VecDeque::new(),
        }
    }

    /// How many wait for an acknowledgement.
    pub(super) fn unacknowledged(&self) -> usize {
        self.pending.len()
    }

    /// What is to be written again, the next of it.
    pub(super) fn to_repeat(&self) -> Option<&Out> {
        self.pending.get(self.written)
    }

    /// It has been written.
    pub(super) fn repeated(&mut self) {
        self.written += 1;
    }

    /// Takes up what has just been written for the first time.
    pub(super) fn add(&mut self, out: Out) {
        debug_assert_eq!(self.written, self.pending.len());
        self.pending.push_back(out);
        self.written += 1;
    }

    /// Takes up what has just been written out of its turn.
    pub(super) fn add_answer(&mut self, answer: Element) {
        self.pending.insert(self.written, Out::Answer(answer));
        self.written += 1;
    }

    /// The place that the next stanza will have among all.
    pub(super) fn place(&self) -> u64 {
        self.before + self.written as u64
    }

    /// How many stanzas the server will have counted when it has got all.
    pub(super) fn total(&self) -> u32 {
        self.acknowledged.wrapping_add(self.written as u32)
    }

    /// The server has handled so many stanzas of this session. False if it cannot have.
    pub(super) fn acknowledge(&mut self, handled: u32) -> bool {
        let more = handled.wrapping_sub(self.acknowledged) as usize;
        // What has not been written on this connection cannot have arrived by it.
        if more > self.written {
            return false;
        }
        self.acknowledged = handled;
        self.written -= more;
        let since = Instant::now();
        for (place, out) in (self.before..).zip(self.pending.drain(..more)) {
            if let Out::Message(number, message) = out {
                self.recent.push_back(Kept {
                    since,
                    place,
                    number,
                    message,
                });
            }
        }
        self.before += more as u64;
        self.forget();
        true
    }

    /// Strikes out what has been kept for long enough.
    pub(super) fn forget(&mut self) {
        forget(&mut self.recent, self.keep.messages, self.keep.time);
        forget(&mut self.confirmed, self.keep.confirmed, self.keep.time);
    }

    /// The session goes on, on a new connection: everything that is pending is written again, but for
    /// what came back, which the server has got.
    pub(super) fn resume(&mut self) {
        self.repeat(|out| !matches!(out, Out::Returned));
    }

    /// A new session begins, in which the server counts from nothing.
    pub(super) fn restart(&mut self) {
        self.repeat(|out| !matches!(out, Out::Answer(_) | Out::Returned));
        self.acknowledged = 0;
    }

    fn repeat(&mut self, which: impl FnMut(&Out) -> bool) {
        let all = self.pending.len();
        self.pending.retain(which);
        self.before += (all - self.pending.len()) as u64;
        self.written = 0;
    }

    /// So many messages have been acknowledged and are kept.
    pub(super) fn uncertain_count(&self) -> usize {
        self.recent.len()
    }

    /// The receiver has got everything up to this place.
    pub(super) fn confirm(&mut self, to: &Jid, last: u64) {
        for _ in 0..self.recent.len() {
            let Some(kept) = self.recent.pop_front() else {
                break;
            };
            let is_confirmed = kept.place <= last && kept.message.to() == Some(to);
            match is_confirmed {
                true => self.confirmed.push_back(kept),
                false => self.recent.push_back(kept),
            }
        }
        self.forget();
    }

    /// Has these sent before what is pending.
    pub(super) fn send_again(&mut self, messages: impl IntoIterator<Item = (u64, Message)>) {
        for (place, (number, message)) in messages.into_iter().enumerate() {
            let out = Out::Message(number, message);
            self.pending.insert(self.written + place, out);
        }
    }

    /// Acknowledged messages, of which it is not certain that they have arrived. They are not kept
    /// here any more.
    pub(super) fn take_uncertain(&mut self) -> impl Iterator<Item = (u64, Message)> {
        let recent = std::mem::take(&mut self.recent).into_iter();
        recent.map(|kept| (kept.number, kept.message))
    }

    /// The message with this number, which came back, if it may have done so from where it did.
    pub(super) fn returned(
        &mut self,
        number: u64,
        may: impl Fn(&Message) -> bool,
    ) -> Option<Message> {
        let is_it = |known: u64, message: &Message| known == number && may(message);
        for kept in [&mut self.recent, &mut self.confirmed] {
            let place = kept.iter().position(|it| is_it(it.number, &it.message));
            if let Some(returned) = place.and_then(|place| kept.remove(place)) {
                return Some(returned.message);
            }
        }
        let mut pending = self.pending.iter();
        let place = pending.position(
            |out| matches!(out, Out::Message(known, message) if is_it(*known, message)),
        )?;
        let returned = if place < self.written {
            let out = self.pending.get_mut(place)?;
            std::mem::replace(out, Out::Returned)
        } else {
            self.pending.remove(place)?
        };
        match returned {
            Out::Message(_, message) => Some(message),
            Out::Element(_) | Out::Answer(_) | Out::Returned => None,
        }
    }

    /// Everything that has not been acknowledged, for whoever gives up.
    pub(super) fn give_up(&mut self) -> VecDeque<Out> {
        self.written = 0;
        std::mem::take(&mut self.pending)
    }
}

/// Strikes out the oldest.
fn forget(kept: &mut VecDeque<Kept>, messages: usize, time: Duration) {
    let surplus = kept.len().saturating_sub(messages);
    kept.drain(..surplus);
    while let Some(first) = kept.front()
        && first.since.elapsed() > time
    {
        kept.pop_front();
    }
    if kept.is_empty() {
        kept.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEEP: Keep = Keep {
        messages: 4,
        confirmed: 2,
        time: Duration::from_secs(60),
    };

    fn message(number: u64) -> Out {
        Out::Message(number, Message::inform("a@x"))
    }

    fn numbers<'a>(outs: impl IntoIterator<Item = &'a Out>) -> Vec<u64> {
        let numbers = outs.into_iter().filter_map(|out| match out {
            Out::Message(number, _) => Some(*number),
            Out::Element(_) | Out::Answer(_) | Out::Returned => None,
        });
        numbers.collect()
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_acknowledged_is_kept_for_a_while() {
        let mut flight = Flight::new(KEEP);
        (0..6).for_each(|number| flight.add(message(number)));
        assert!(flight.acknowledge(5));
        assert_eq!(flight.unacknowledged(), 1);
        assert_eq!(flight.uncertain_count(), 4);
        flight.confirm(&"b@x".parse().unwrap(), 9);
        flight.confirm(&"a@x".parse().unwrap(), 1);
        assert_eq!(flight.uncertain_count(), 3);
        tokio::time::advance(Duration::from_secs(61)).await;
        flight.forget();
        assert_eq!(flight.uncertain_count(), 0);
        assert!(!flight.acknowledge(9), "more than was sent");
    }

    #[tokio::test(start_paused = true)]
    async fn a_resumed_session_repeats_what_is_pending_and_counts_on() {
        let mut flight = Flight::new(KEEP);
        (0..4).for_each(|number| flight.add(message(number)));
        assert!(flight.acknowledge(2));
        flight.resume();
        let mut again = Vec::new();
        while let Some(out) = flight.to_repeat().cloned() {
            again.push(out);
            flight.repeated();
        }
        assert_eq!(numbers(&again), [2, 3]);
        flight.add(message(4));
        assert_eq!(flight.total(), 5);
        assert!(flight.acknowledge(5));
        assert_eq!(flight.unacknowledged(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_was_lost_goes_out_before_what_was_not_written() {
        let mut flight = Flight::new(KEEP);
        (0..4).for_each(|number| flight.add(message(number)));
        assert!(flight.acknowledge(3));
        flight.restart();
        let uncertain: Vec<_> = flight.take_uncertain().skip(1).collect();
        flight.send_again(uncertain);
        assert_eq!(numbers(&flight.give_up()), [1, 2, 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn answers_are_counted_and_end_with_their_session() {
        let mut flight = Flight::new(KEEP);
        (0..2).for_each(|number| flight.add(message(number)));
        flight.resume();
        flight.add_answer(Element::bare("iq", "jabber:client"));
        assert_eq!(flight.total(), 1);
        assert!(flight.acknowledge(1));
        flight.repeated();
        flight.add_answer(Element::bare("iq", "jabber:client"));
        assert_eq!(flight.unacknowledged(), 3);
        flight.restart();
        assert_eq!(numbers(&flight.give_up()), [0, 1]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_count_goes_round() {
        let mut flight = Flight::new(KEEP);
        flight.acknowledged = u32::MAX;
        flight.add(message(1));
        flight.add(message(2));
        assert_eq!(flight.total(), 1);
        assert!(flight.acknowledge(1));
        assert_eq!(flight.unacknowledged(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_comes_back_is_not_sent_again() {
        let mut flight = Flight::new(KEEP);
        (0..4).for_each(|number| flight.add(message(number)));
        assert!(flight.returned(9, |_| true).is_none());
        assert!(flight.returned(1, |_| false).is_none());
        assert!(flight.returned(1, |_| true).is_some());
        assert!(flight.returned(1, |_| true).is_none());
        // It is counted all the same.
        assert!(flight.acknowledge(1));
        assert!(flight.returned(0, |_| true).is_some());
        assert_eq!((flight.unacknowledged(), flight.uncertain_count()), (3, 0));
        flight.resume();
        assert_eq!(numbers(&flight.pending), [2, 3]);
        assert!(flight.returned(2, |_| true).is_some());
        assert_eq!(numbers(flight.to_repeat()), [3]);
        flight.restart();
        assert_eq!(numbers(&flight.give_up()), [3]);
    }

    /// A mailbox may be full for long after the receiver's end has got the message.
    #[tokio::test(start_paused = true)]
    async fn what_is_confirmed_may_come_back() {
        let mut flight = Flight::new(KEEP);
        (0..4).for_each(|number| flight.add(message(number)));
        assert!(flight.acknowledge(4));
        flight.confirm(&"a@x".parse().unwrap(), 3);
        assert_eq!(flight.uncertain_count(), 0);
        assert!(flight.returned(1, |_| true).is_none(), "more than are kept");
        assert!(flight.returned(3, |_| true).is_some());
        tokio::time::advance(Duration::from_secs(61)).await;
        flight.forget();
        assert!(
            flight.returned(2, |_| true).is_none(),
            "it has had its time"
        );
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_sent_again_after_a_question_is_not_confirmed_by_its_answer() {
        let mut flight = Flight::new(KEEP);
        (0..3).for_each(|number| flight.add(message(number)));
        let last = flight.place() - 1;
        let lost = flight.returned(1, |_| true).unwrap();
        flight.send_again([(1, lost)]);
        assert_eq!(numbers(flight.to_repeat()), [1]);
        flight.repeated();
        assert!(flight.acknowledge(4));
        flight.confirm(&"a@x".parse().unwrap(), last);
        let uncertain: Vec<u64> = flight.take_uncertain().map(|(number, _)| number).collect();
        assert_eq!(uncertain, [1]);
    }

    proptest! {
        /// Any order of events leaves every message pending, kept, or let go after being
        /// acknowledged, and what is to be written in ascending order.
        #[test]
        fn nothing_pending_is_lost(events in proptest::collection::vec(0..5u8, 0..80)) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            let _guard = runtime.enter();
            let mut flight = Flight::new(KEEP);
            let (mut next, mut done) = (0, std::collections::HashSet::new());
            for event in events {
                match event {
                    0 | 1 if flight.to_repeat().is_none() => { flight.add(message(next)); next += 1; }
                    0 | 1 => flight.repeated(),
                    2 => {
                        let some = flight.written as u32 / 2;
                        let pending = numbers(flight.pending.iter().take(some as usize));
                        prop_assert!(flight.acknowledge(flight.acknowledged.wrapping_add(some)));
                        done.extend(pending);
                    }
                    3 => flight.resume(),
                    _ => flight.restart(),
                }
                let pending = numbers(&flight.pending);
                prop_assert!(pending.is_sorted());
                for number in 0..next {
                    prop_assert!(done.contains(&number) || pending.contains(&number));
                }
            }
        }
    }
}
