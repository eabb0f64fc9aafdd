//! Takes turns, and prints the median of each system.

use std::pin::Pin;

use crate::aims::Figures;
use crate::measure::{Round, median, percentile};
use crate::place::Place;
use crate::selection::Selection;
use crate::{PATIENCE, runtime};

type Work = Box<dyn Fn(Place, usize) -> Pin<Box<dyn Future<Output = Round>>>>;

/// The same work, done by several systems.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    /// What there are `count` of in a round.
    unit: &'static str,
    count: usize,
    systems: Vec<(&'static str, Work)>,
}

/// Enough for a median, and few enough for a run of a few minutes.
const ROUNDS: usize = 7;

impl Workload {
    pub(crate) fn new(name: &'static str, unit: &'static str, count: usize) -> Self {
        Self {
            name,
            unit,
            count,
            systems: Vec::new(),
        }
    }

    /// `work` is done so many times; what it takes to prepare it is not in the round.
    pub(crate) fn system<F: Future<Output = Round> + 'static>(
        mut self,
        name: &'static str,
        work: impl Fn(Place, usize) -> F + 'static,
    ) -> Self {
        let work = Box::new(move |place, count| Box::pin(work(place, count)) as Pin<Box<_>>);
        self.systems.push((name, work));
        self
    }

    /// Measures the systems that are chosen.
    pub(crate) fn run(&self, place: &Place, selection: &Selection, figures: &mut Figures) {
        let chosen = |name: &str| selection.has_system(name);
        let systems = || self.systems.iter().filter(|(name, _)| chosen(name));
        let mut all: Vec<Vec<Round>> = vec![Vec::new(); systems().count()];
        for round in 0..=ROUNDS {
            for ((name, work), rounds) in systems().zip(&mut all) {
                let done = runtime().block_on(async {
                    tokio::time::timeout(PATIENCE, work(place.clone(), self.count)).await
                });
                let done =
                    done.unwrap_or_else(|_| panic!("{name} did not end: it has lost something"));
                // The first round warms up.
                if round > 0 {
                    rounds.push(done);
                }
            }
        }
        println!("{}", self.name);
        for ((name, _), rounds) in systems().zip(&all) {
            let mut figure = |what: &'static str, of: &dyn Fn(&Round) -> f64| {
                let value = median(rounds.iter().map(of).collect());
                figures.note(self.name, name, what, value);
                value
            };
            let each = |time: std::time::Duration| time.as_secs_f64() * 1e6 / self.count as f64;
            let client = figure("client", &|round| each(round.client));
            let server = figure("server", &|round| each(round.server));
            let speed = if rounds[0].trips.is_empty() {
                let each = figure("each", &|round| each(round.elapsed));
                let speed = figure("speed", &|round| {
                    self.count as f64 / round.elapsed.as_secs_f64()
                });
                format!("{each:>8.0} µs each {speed:>8.0}/s")
            } else {
                let p50 = figure("p50", &|round| percentile(&round.trips, 0.5));
                let p99 = figure("p99", &|round| percentile(&round.trips, 0.99));
                format!("{p50:>8.0} µs p50 {p99:>8.0} µs p99")
            };
            println!(
                "  {name:<14} {speed}, processor a {}: ours {client:>6.1} µs, server's {server:>6.1} µs",
                self.unit,
            );
        }
    }
}
