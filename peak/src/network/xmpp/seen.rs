//! Which messages have come, so that none is handled twice.
//!
//! What was not acknowledged when a connection broke is sent again, though it may have arrived. A
//! sender's messages are numbered upwards (see [`ids`](super::ids)), with gaps for what went to
//! others, and come in that order, but for those that are sent again.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};

use super::ids;
use crate::message::Jid;

/// How many ranges of numbers are kept of one sender, as many as a sender keeps messages to send
/// again. A lower number than all of these has come long ago.
const KEPT: usize = 4096;

/// How many senders are remembered.
const SENDERS: usize = 16_384;

/// The messages that have come.
#[derive(Debug, Default)]
pub(super) struct Seen {
    senders: HashMap<(Jid, u32), Numbers>,
    /// Goes up with each message.
    time: u64,
}

#[derive(Debug, Default)]
struct Numbers {
    /// Ranges, the last number included, in ascending order and with gaps in between.
    ranges: VecDeque<(u64, u64)>,
    /// Everything below has come.
    floor: u64,
    last_used: u64,
}

impl Seen {
    /// Whether this message comes for the first time. A name that is not this framework's tells
    /// nothing: there are clients that give the same one to all they send.
    pub(super) fn is_new(&mut self, sender: &Jid, name: &str) -> bool {
        let Some((run, number)) = ids::parse(name) else {
            return true;
        };
        self.time += 1;
        if self.senders.len() >= SENDERS {
            self.forget_the_oldest();
        }
        let numbers = self.senders.entry((sender.clone(), run)).or_default();
        numbers.last_used = self.time;
        numbers.add(number)
    }

    /// Whether it has come.
    pub(super) fn contains(&self, sender: &Jid, name: &str) -> bool {
        let Some((run, number)) = ids::parse(name) else {
            return false;
        };
        let numbers = self.senders.get(&(sender.clone(), run));
        numbers.is_some_and(|numbers| {
            number < numbers.floor || numbers.ranges.binary_search_by(around(number)).is_ok()
        })
    }

    /// It was not taken after all.
    pub(super) fn forget(&mut self, sender: &Jid, name: &str) {
        if let Some((run, number)) = ids::parse(name)
            && let Some(numbers) = self.senders.get_mut(&(sender.clone(), run))
        {
            numbers.remove(number);
        }
    }

    /// Half of the senders, those that have been quiet for longest.
    fn forget_the_oldest(&mut self) {
        let mut times: Vec<u64> = self.senders.values().map(|it| it.last_used).collect();
        let middle = times.len() / 2;
        let (_, median, _) = times.select_nth_unstable(middle);
        let median = *median;
        self.senders.retain(|_, it| it.last_used >= median);
    }
}

impl Numbers {
    fn add(&mut self, number: u64) -> bool {
        if number < self.floor {
            return false;
        }
        let Err(place) = self.ranges.binary_search_by(around(number)) else {
            return false;
        };
        // Nearly always it follows the last one.
        let follows = place
            .checked_sub(1)
            .is_some_and(|before| self.ranges[before].1 + 1 == number);
        let precedes = self
            .ranges
            .get(place)
            .is_some_and(|(first, _)| number + 1 == *first);
        match (follows, precedes) {
            (true, true) => {
                self.ranges[place - 1].1 = self.ranges[place].1;
                self.ranges.remove(place);
            }
            (true, false) => self.ranges[place - 1].1 = number,
            (false, true) => self.ranges[place].0 = number,
            (false, false) => self.ranges.insert(place, (number, number)),
        }
        if self.ranges.len() > KEPT
            && let Some((_, last)) = self.ranges.pop_front()
        {
            self.floor = last + 1;
        }
        true
    }
}

impl Numbers {
    fn remove(&mut self, number: u64) {
        let Ok(place) = self.ranges.binary_search_by(around(number)) else {
            return;
        };
        let (first, last) = self.ranges[place];
        match (first == number, last == number) {
            (true, true) => drop(self.ranges.remove(place)),
            (true, false) => self.ranges[place].0 = number + 1,
            (false, true) => self.ranges[place].1 = number - 1,
            (false, false) => {
                self.ranges[place].1 = number - 1;
                self.ranges.insert(place + 1, (number + 1, last));
            }
        }
    }
}

/// Finds the range that a number is in.
fn around(number: u64) -> impl FnMut(&(u64, u64)) -> Ordering {
    move |(first, last)| {
        if *last < number {
            Ordering::Less
        } else if *first > number {
            Ordering::Greater
        } else {
            Ordering::Equal
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::ids::Ids;
    use super::*;

    fn jid(text: &str) -> Jid {
        text.parse().unwrap()
    }

    #[test]
    fn a_message_is_new_once() {
        let (mut seen, ids, bob) = (Seen::default(), Ids::default(), jid("bob@x/main"));
        for number in [3, 1, 2, 7] {
            assert!(seen.is_new(&bob, &ids.name(number)), "{number}");
            assert!(!seen.is_new(&bob, &ids.name(number)), "{number}");
        }
        assert!(seen.is_new(&jid("bob@x/other"), &ids.name(3)));
        assert!(seen.contains(&bob, &ids.name(2)));
        assert!(!seen.contains(&bob, &ids.name(4)));
        // Always the same name: not ours.
        assert!(seen.is_new(&bob, "msg") && seen.is_new(&bob, "msg"));
    }

    #[test]
    fn what_is_older_than_what_is_kept_has_come() {
        let (mut seen, ids, bob) = (Seen::default(), Ids::default(), jid("bob@x/main"));
        for number in 0..10_000 {
            assert!(seen.is_new(&bob, &ids.name(number * 2)));
        }
        assert!(!seen.is_new(&bob, &ids.name(10)));
        assert!(seen.contains(&bob, &ids.name(11)));
        // A gap among the recent ones.
        assert!(!seen.contains(&bob, &ids.name(19_001)));
    }

    #[test]
    fn what_was_lost_is_known_to_be_missing_however_much_comes_after_it() {
        let (mut seen, ids, bob) = (Seen::default(), Ids::default(), jid("bob@x/main"));
        for number in (0..3000).chain(7000..20_000) {
            assert!(seen.is_new(&bob, &ids.name(number)));
        }
        for number in 3000..7000 {
            assert!(!seen.contains(&bob, &ids.name(number)));
            assert!(seen.is_new(&bob, &ids.name(number)));
        }
        let numbers = seen.senders.values().next().unwrap();
        assert_eq!(numbers.ranges, [(0, 19_999)]);
    }

    #[test]
    fn quiet_senders_are_forgotten() {
        let (mut seen, ids) = (Seen::default(), Ids::default());
        for number in 0..SENDERS + 10 {
            let sender = jid(&format!("a{number}@x/main"));
            assert!(seen.is_new(&sender, &ids.name(1)));
        }
        assert!(seen.senders.len() <= SENDERS);
        assert!(seen.contains(&jid(&format!("a{}@x/main", SENDERS + 9)), &ids.name(1)));
    }

    proptest! {
        #[test]
        fn each_number_is_new_once_in_any_order(numbers in proptest::collection::vec((0..200u64, any::<bool>()), 0..300)) {
            let (mut seen, ids, bob) = (Seen::default(), Ids::default(), jid("bob@x/main"));
            let mut known = std::collections::HashSet::new();
            for (number, is_refused) in numbers {
                prop_assert_eq!(seen.is_new(&bob, &ids.name(number)), known.insert(number));
                if is_refused {
                    seen.forget(&bob, &ids.name(number));
                    known.remove(&number);
                }
            }
        }
    }
}
