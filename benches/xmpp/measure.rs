//! What a round costs: time, and processor time on both sides.

use std::fs;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

/// What one round of a system took.
#[derive(Debug, Clone, Default)]
pub(crate) struct Round {
    pub(crate) elapsed: Duration,
    /// Processor time of this process, sending and receiving together.
    pub(crate) client: Duration,
    /// Processor time of the server.
    pub(crate) server: Duration,
    /// Each round trip, of rounds that have any.
    pub(crate) trips: Vec<Duration>,
}

/// Measures from its making to its end.
pub(crate) struct Meter {
    server: u32,
    begun: Instant,
    client_before: Duration,
    server_before: Duration,
}

impl Meter {
    /// `server` is the number of the server's process.
    pub(crate) fn start(server: u32) -> Self {
        Self {
            server,
            server_before: server_time(server),
            client_before: own_time(),
            begun: Instant::now(),
        }
    }

    pub(crate) fn stop(self, trips: Vec<Duration>) -> Round {
        Round {
            elapsed: self.begun.elapsed(),
            client: own_time() - self.client_before,
            server: server_time(self.server) - self.server_before,
            trips,
        }
    }
}

/// Processor time of this process, in the kernel as well. The files in /proc have hundredths of a
/// second, too little for a thousand messages.
fn own_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).expect("it does not run backwards")
}

/// Processor time of another process, in hundredths of a second.
fn server_time(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).expect("the server runs");
    // After the name in parentheses: field 12 is user, 13 system time.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = |nth: usize| -> u64 {
        let word = after.split_whitespace().nth(nth);
        word.and_then(|word| word.parse().ok())
            .expect("proc(5) says that it is a number")
    };
    Duration::from_millis((ticks(11) + ticks(12)) * 10)
}

/// Bytes of this process that are in memory.
pub(crate) fn resident() -> usize {
    let status = fs::read_to_string("/proc/self/status").expect("this is Linux");
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .and_then(|number| number.trim().parse::<usize>().ok());
    kilobytes.expect("proc(5) says that it is a number") * 1024
}

/// The value in the middle.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// The trip that this share of all trips is faster than, in microseconds.
pub(crate) fn percentile(trips: &[Duration], share: f64) -> f64 {
    let mut trips: Vec<f64> = trips.iter().map(|trip| trip.as_secs_f64() * 1e6).collect();
    trips.sort_by(f64::total_cmp);
    trips[((trips.len() - 1) as f64 * share) as usize]
}
