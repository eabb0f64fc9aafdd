//! 10 000 periodic behaviours of 100 ms: how late they run, and what processor time that takes.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use peak::prelude::*;

use crate::harness::{cpu, runtime};

const BEHAVIOURS: usize = 10_000;
const TICKS: usize = 30;
const PERIOD: Duration = Duration::from_millis(100);

/// Microseconds of lateness, one place for each tick of each behaviour.
struct Lateness {
    places: Vec<AtomicU32>,
    next: AtomicUsize,
}

impl Lateness {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            places: (0..BEHAVIOURS * TICKS).map(|_| AtomicU32::new(0)).collect(),
            next: AtomicUsize::new(0),
        })
    }

    fn note(&self, late: Duration) {
        let place = self.next.fetch_add(1, Ordering::Relaxed);
        if let Some(place) = self.places.get(place) {
            let micros = u32::try_from(late.as_micros()).unwrap_or(u32::MAX);
            place.store(micros, Ordering::Relaxed);
        }
    }

    fn print(&self, system: &str, cpu: Duration) {
        let noted = self.next.load(Ordering::Relaxed).min(self.places.len());
        let mut all: Vec<u32> = self.places[..noted]
            .iter()
            .map(|place| place.load(Ordering::Relaxed))
            .collect();
        all.sort_unstable();
        let at = |share: f64| f64::from(all[((noted - 1) as f64 * share) as usize]) / 1000.0;
        println!(
            "  {system:<12} late by {:>6.2} ms (p50) {:>6.2} ms (p99), {:>5.1} % of a core, {noted} ticks",
            at(0.5),
            at(0.99),
            cpu.as_secs_f64() / (PERIOD.as_secs_f64() * TICKS as f64) * 100.0,
        );
    }
}

static SHARED: OnceLock<Arc<Lateness>> = OnceLock::new();

#[agent]
struct Ticker {
    begun: Option<Instant>,
    ticks: u32,
}

#[agent]
impl Ticker {
    #[behaviour(periodic = "100ms")]
    async fn tick(&mut self) -> Flow {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        let due = begun + PERIOD * self.ticks;
        if let Some(lateness) = SHARED.get() {
            lateness.note(Instant::now().saturating_duration_since(due));
        }
        self.ticks += 1;
        if self.ticks as usize == TICKS {
            Flow::Stop
        } else {
            Flow::Continue
        }
    }
}

pub(crate) fn run() {
    println!("10 000 periodic behaviours of 100 ms");
    let ours = Lateness::new();
    let _ = SHARED.set(Arc::clone(&ours));
    let before = cpu();
    runtime().block_on(async {
        let platform = Platform::new();
        for nth in 0..BEHAVIOURS {
            let ticker = Ticker {
                begun: None,
                ticks: 0,
            };
            let spawned = platform
                .spawn(format!("ticker{nth}@localhost"), ticker)
                .await;
            spawned.expect("spawned");
        }
        tokio::time::sleep(PERIOD * (TICKS as u32 + 2)).await;
    });
    ours.print("peak", cpu() - before);

    let theirs = Lateness::new();
    let before = cpu();
    runtime().block_on(async {
        for _ in 0..BEHAVIOURS {
            let lateness = Arc::clone(&theirs);
            tokio::spawn(async move {
                let begun = Instant::now();
                let mut interval = tokio::time::interval(PERIOD);
                for tick in 0..TICKS {
                    interval.tick().await;
                    let due = begun + PERIOD * tick as u32;
                    lateness.note(Instant::now().saturating_duration_since(due));
                }
            });
        }
        tokio::time::sleep(PERIOD * (TICKS as u32 + 2)).await;
    });
    theirs.print("tokio", cpu() - before);
}
