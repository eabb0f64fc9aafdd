//! What is aimed at, as ratios of one run.

use std::collections::BTreeMap;

/// Every figure of a run, by workload, system and what it is of.
#[derive(Debug, Default)]
pub(crate) struct Figures(BTreeMap<(&'static str, &'static str, &'static str), f64>);

impl Figures {
    pub(crate) fn note(
        &mut self,
        workload: &'static str,
        system: &'static str,
        what: &'static str,
        value: f64,
    ) {
        self.0.insert((workload, system, what), value);
    }

    fn get(&self, workload: &'static str, system: &'static str, what: &'static str) -> Option<f64> {
        self.0.get(&(workload, system, what)).copied()
    }

    /// One system's figure, divided by another's; none if either was not measured.
    fn ratio(
        &self,
        workload: &'static str,
        what: &'static str,
        one: &'static str,
        other: &'static str,
    ) -> Option<f64> {
        Some(self.get(workload, one, what)? / self.get(workload, other, what)?)
    }
}

/// How far something may go.
#[derive(Debug, Clone, Copy)]
enum Aim {
    AtMost(f64),
    AtLeast(f64),
}

/// What is printed at the end.
pub(crate) struct Aims;

impl Aims {
    /// Prints those of which all figures are there.
    pub(crate) fn print(figures: &Figures) {
        use Aim::{AtLeast, AtMost};
        let ratio = |workload, what, one, other| figures.ratio(workload, what, one, other);
        let aims = [
            (
                "round trip, send, to bare's",
                ratio("ping-pong", "p50", "peak send", "bare"),
                AtMost(1.1),
            ),
            (
                "round trip, request, to bare's",
                ratio("ping-pong", "p50", "peak request", "bare"),
                AtMost(1.1),
            ),
            (
                "flood, to bare's",
                ratio("flood", "speed", "peak", "bare"),
                AtLeast(0.9),
            ),
            (
                "our processor a message, to bare's",
                ratio("flood", "client", "peak", "bare"),
                AtMost(0.5),
            ),
            (
                "flood through a component, to bare's",
                ratio("flood", "speed", "component", "bare"),
                AtLeast(0.9),
            ),
            (
                "its processor a message, to bare's",
                ratio("flood", "client", "component", "bare"),
                AtMost(0.5),
            ),
            (
                "start of an agent, to bare's",
                ratio("start", "each", "peak", "bare"),
                AtMost(1.3),
            ),
            (
                "memory of a connected agent, KiB",
                figures.get("memory", "peak", "memory"),
                AtMost(64.0),
            ),
            (
                "memory behind a component, KiB",
                figures.get("memory", "component", "memory"),
                AtMost(4.0),
            ),
            (
                "flood, to SPADE's",
                ratio("flood", "speed", "peak", "spade"),
                AtLeast(3.0),
            ),
            (
                "our processor a message, to SPADE's",
                ratio("flood", "client", "peak", "spade"),
                AtMost(0.05),
            ),
        ];
        println!("aims");
        for (what, value, aim) in aims {
            let Some(value) = value else {
                continue;
            };
            let (is_reached, sign, limit) = match aim {
                AtMost(limit) => (value <= limit, "at most", limit),
                AtLeast(limit) => (value >= limit, "at least", limit),
            };
            let verdict = if is_reached { "reached" } else { "NOT REACHED" };
            println!("  {what:<38} {value:>7.3}  {sign} {limit}: {verdict}");
        }
    }
}
