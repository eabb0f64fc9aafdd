//! Takes turns, measures, and prints each system's median beside its ratio to ours.

use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use crate::selection::Selection;

type Round = Box<dyn Fn(usize) -> Pin<Box<dyn Future<Output = Duration>>>>;

/// The same work, done by several systems.
pub(crate) struct Workload {
    name: &'static str,
    count: usize,
    systems: Vec<(&'static str, Round)>,
}

/// Enough for a median that holds from run to run.
const ROUNDS: usize = 15;

impl Workload {
    pub(crate) fn new(name: &'static str, count: usize) -> Self {
        Self {
            name,
            count,
            systems: Vec::new(),
        }
    }

    /// `round` does the work so many times and says how long it took, without its preparations.
    pub(crate) fn system<F: Future<Output = Duration> + 'static>(
        mut self,
        name: &'static str,
        round: impl Fn(usize) -> F + 'static,
    ) -> Self {
        let round = Box::new(move |count| Box::pin(round(count)) as Pin<Box<_>>);
        self.systems.push((name, round));
        self
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Measures the systems that are chosen.
    pub(crate) fn run(&self, selection: &Selection) {
        let chosen = |name: &str| selection.has_system(name);
        let systems = || self.systems.iter().filter(|(name, _)| chosen(name));
        let mut times: Vec<Vec<Duration>> = vec![Vec::new(); systems().count()];
        for round in 0..=ROUNDS {
            for ((_, system), times) in systems().zip(&mut times) {
                let time = runtime().block_on(system(self.count));
                // The first round warms up.
                if round > 0 {
                    times.push(time);
                }
            }
        }
        let medians: Vec<f64> = times
            .iter_mut()
            .map(|times| {
                times.sort();
                times[times.len() / 2].as_secs_f64()
            })
            .collect();
        println!("{}", self.name);
        for ((name, _), median) in systems().zip(&medians) {
            println!(
                "  {name:<12} {:>8.0} ns each  {:>6.2} M/s  peak runs at {:>5.2} of its speed",
                median / self.count as f64 * 1e9,
                self.count as f64 / median / 1e6,
                median / medians[0],
            );
        }
    }
}

/// Two workers, on every machine.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads")
}

/// The body that every message carries.
pub(crate) fn body() -> String {
    "x".repeat(100)
}

/// How long the future takes.
pub(crate) async fn timed(work: impl Future<Output = ()>) -> Duration {
    let start = Instant::now();
    work.await;
    start.elapsed()
}

/// Processor time that this process has used.
pub(crate) fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // After the name in parentheses: field 12 is user, 13 system time, in hundredths of a second.
    let after = stat.rsplit(')').next().unwrap_or_default();
    let field = |nth: usize| -> u64 {
        let word = after.split_whitespace().nth(nth);
        word.and_then(|word| word.parse().ok()).unwrap_or(0)
    };
    Duration::from_millis((field(11) + field(12)) * 10)
}
