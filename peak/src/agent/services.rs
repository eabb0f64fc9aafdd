//! What all agents of a platform share: the network, the clock, names for conversations, seeds,
//! and the list of who is alive.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rand::SeedableRng;
use smol_str::{SmolStr, SmolStrBuilder};
use tokio::sync::Notify;

use super::{AgentReport, AgentRng, Report};
use crate::message::Jid;
use crate::network::{BoxFuture, Network};
use crate::time::Clock;

/// Everything that an agent needs of its surroundings.
#[derive(Debug)]
pub(crate) struct Services {
    pub(crate) network: Arc<dyn Network>,
    pub(crate) clock: Clock,
    pub(crate) limits: Limits,
    pub(crate) seed: u64,
    pub(crate) roster: Roster,
    /// Whether all agents are being stopped.
    stopping: AtomicBool,
    /// Makes the ids of this platform unlike any other's.
    prefix: SmolStr,
    next_id: AtomicU64,
}

/// How much and how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Messages that wait for one agent.
    pub(crate) mailbox: usize,
    /// Messages that one agent handles at the same time in functions without `self`.
    pub(crate) concurrent: usize,
    /// How long a sender waits for room in a full mailbox.
    pub(crate) send: Duration,
    /// How long, after a stop, a handler may go on, and then the behaviours, and then each hook.
    pub(crate) stop: Duration,
}

impl Services {
    /// `seed`: what all random numbers of a run come from; `None` for another one in every run.
    pub(crate) fn new(
        network: Arc<dyn Network>,
        clock: Clock,
        limits: Limits,
        seed: Option<u64>,
    ) -> Self {
        // The hasher of std is seeded by the operating system.
        let seed = seed.unwrap_or_else(|| RandomState::new().hash_one(0));
        let prefix = base36(&mut [0; DIGITS], mix(seed, 0) % 36u64.pow(7)).to_owned() + "-";
        Self {
            network,
            clock,
            limits,
            seed,
            roster: Roster::default(),
            stopping: AtomicBool::new(false),
            prefix: prefix.into(),
            next_id: AtomicU64::new(0),
        }
    }

    /// While all agents are being stopped, that one finds others gone is no failure of it.
    pub(crate) fn set_stopping(&self, stopping: bool) {
        self.stopping.store(stopping, Ordering::Relaxed);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// A name that no other conversation has.
    pub(crate) fn new_id(&self) -> SmolStr {
        let number = self.next_id.fetch_add(1, Ordering::Relaxed);
        let mut digits = [0; DIGITS];
        let digits = base36(&mut digits, number);
        // Short enough to need no allocation.
        let mut text = SmolStrBuilder::new();
        text.push_str(&self.prefix);
        text.push_str(digits);
        text.finish()
    }

    /// Whether this may be one of its ids.
    pub(crate) fn has_made(&self, id: &str) -> bool {
        id.starts_with(&*self.prefix)
    }

    /// The `nth` generator of random numbers of an agent.
    pub(crate) fn rng(&self, jid: &Jid, nth: u64) -> AgentRng {
        let agent = mix(self.seed, jid.full_hash());
        AgentRng::seed_from_u64(mix(agent, nth))
    }
}

/// A number that depends on every bit of both (the finaliser of SplitMix64).
fn mix(a: u64, b: u64) -> u64 {
    let mut z = a ^ b.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// How many digits a number has at most in base 36.
const DIGITS: usize = 13;

/// Writes the number into the end of the buffer.
fn base36(buffer: &mut [u8; DIGITS], mut number: u64) -> &str {
    let mut begin = DIGITS;
    loop {
        begin -= 1;
        buffer[begin] = b"0123456789abcdefghijklmnopqrstuvwxyz"[(number % 36) as usize];
        number /= 36;
        if number == 0 || begin == 0 {
            break;
        }
    }
    std::str::from_utf8(&buffer[begin..]).unwrap_or_default()
}

/// An agent that is alive, whatever its type.
pub(crate) trait Live: Send + Sync + std::fmt::Debug {
    #[cfg(feature = "cli")]
    fn jid(&self) -> &Jid;
    /// What it did so far.
    #[cfg(feature = "cli")]
    fn counts(&self) -> Counts;
    /// Asks it to stop.
    fn stop(&self);
    /// Waits until it has ended.
    fn ended(&self) -> BoxFuture<'_, ()>;
    /// Ends its task as it is: it had its chance to stop.
    fn abort(&self);
}

/// How many messages agents sent and received, and how often something failed in them.
#[cfg(feature = "cli")]
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) failures: u64,
}

#[cfg(feature = "cli")]
impl Counts {
    pub(crate) fn add(&mut self, other: Self) {
        self.sent += other.sent;
        self.received += other.received;
        self.failures += other.failures;
    }
}

/// Who is told of each agent that ends, and takes no time for it.
#[cfg(feature = "cli")]
pub(crate) trait Watch: Send + Sync + std::fmt::Debug {
    fn has_ended(&self, report: &AgentReport);
}

/// Who is alive, in the order of starting, and what those left behind who have ended.
#[derive(Debug, Default)]
pub(crate) struct Roster {
    state: Mutex<RosterState>,
    changed: Notify,
    /// Who wants to know of agents that start.
    #[cfg(feature = "cli")]
    newcomers: std::sync::OnceLock<fn(&Jid)>,
    #[cfg(feature = "cli")]
    watch: std::sync::OnceLock<Arc<dyn Watch>>,
}

#[derive(Debug, Default)]
struct RosterState {
    next: u64,
    alive: BTreeMap<u64, Arc<dyn Live>>,
    report: Report,
}

/// How many failures are kept in full.
const KEPT_FAILURES: usize = 100;

impl Roster {
    fn lock(&self) -> MutexGuard<'_, RosterState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has every agent that enters told to this function; the first one that asks is told.
    #[cfg(feature = "cli")]
    pub(crate) fn tell_of_newcomers(&self, tell: fn(&Jid)) {
        let _ = self.newcomers.set(tell);
    }

    /// Enters an agent; the number is its place.
    pub(crate) fn enter(&self, agent: Arc<dyn Live>) -> u64 {
        #[cfg(feature = "cli")]
        if let Some(tell) = self.newcomers.get() {
            tell(agent.jid());
        }
        let mut state = self.lock();
        let place = state.next;
        state.next += 1;
        state.alive.insert(place, agent);
        place
    }

    /// Strikes out an agent that has ended, with what it has to say.
    pub(crate) fn leave(&self, place: u64, report: &AgentReport) {
        let mut state = self.lock();
        if state.alive.remove(&place).is_none() {
            return;
        }
        let total = &mut state.report;
        total.ended += 1;
        total.sent += report.sent;
        total.received += report.received;
        total.failure_count += report.failure_count;
        let room = KEPT_FAILURES.saturating_sub(total.failures.len());
        total
            .failures
            .extend(report.failures.iter().take(room).cloned());
        // Before anybody can see that nobody is alive.
        #[cfg(feature = "cli")]
        if let Some(watch) = self.watch.get() {
            watch.has_ended(report);
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// Has this one told of each agent that ends from now on. The first to be told stays the only one.
    #[cfg(feature = "cli")]
    pub(crate) fn set_watch(&self, watch: Arc<dyn Watch>) {
        let _ = self.watch.set(watch);
    }

    /// The agents alive, the latest first.
    pub(crate) fn latest_first(&self) -> Vec<Arc<dyn Live>> {
        self.lock().alive.values().rev().cloned().collect()
    }

    pub(crate) fn alive(&self) -> usize {
        self.lock().alive.len()
    }

    /// Waits until nobody is alive.
    pub(crate) async fn empty(&self) {
        loop {
            let changed = self.changed.notified();
            if self.alive() == 0 {
                return;
            }
            changed.await;
        }
    }

    /// What those who have ended left behind.
    pub(crate) fn report(&self) -> Report {
        self.lock().report.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base_36() {
        for (number, text) in [(0, "0"), (35, "z"), (36, "10"), (u64::MAX, "3w5e11264sgsf")] {
            assert_eq!(base36(&mut [0; DIGITS], number), text);
        }
    }

    #[test]
    fn neighbouring_numbers_mix_far_apart() {
        let values: std::collections::HashSet<u64> = (0..1000)
            .flat_map(|a| (0..10).map(move |b| mix(a, b)))
            .collect();
        assert_eq!(values.len(), 10_000);
    }
}
