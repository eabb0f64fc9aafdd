//! Agents beside kameo's actors and bare tokio channels, in one run.
//!
//! `cargo bench -p peak-benches` runs everything; names after `--` choose workloads
//! (`cargo bench -p peak-benches -- tell ring`), `tell/peak` one system of it. The systems take turns, round by round, and each
//! figure is the median of its rounds: what the machine does meanwhile hits all of them, and the
//! ratios hold.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures are what a bench is for"
)]

mod bare;
mod contract_net;
mod harness;
mod kameo_peer;
mod memory;
mod ours;
mod periodic;
#[path = "../selection.rs"]
mod selection;

use harness::Workload;
use selection::Selection;

/// The workloads, and how many messages (or agents) one round of each takes.
fn workloads() -> Vec<Workload> {
    vec![
        Workload::new("tell", 200_000)
            .system("peak", ours::tell)
            .system("kameo", kameo_peer::tell)
            .system("tokio mpsc", bare::tell),
        Workload::new("request-reply", 50_000)
            .system("peak", ours::request)
            .system("kameo", kameo_peer::request)
            .system("tokio mpsc", bare::request),
        Workload::new("ring of 1000", 200_000)
            .system("peak", ours::ring)
            .system("kameo", kameo_peer::ring)
            .system("tokio mpsc", bare::ring),
        Workload::new("10 000 pairs", 400_000)
            .system("peak", ours::pairs)
            .system("kameo", kameo_peer::pairs)
            .system("tokio mpsc", bare::pairs),
        Workload::new("fan-out to 1000", 400_000)
            .system("peak", ours::fan_out)
            .system("kameo", kameo_peer::fan_out)
            .system("tokio mpsc", bare::fan_out),
        // Of messages: those of a round are three to a participant here, and two to an actor.
        Workload::new("contract net of 1000", 600_000)
            .system("peak", contract_net::ours)
            .system("kameo", kameo_peer::ask_all),
        Workload::new("spawn and stop", 20_000)
            .system("peak", ours::spawn)
            .system("kameo", kameo_peer::spawn)
            .system("tokio mpsc", bare::spawn),
    ]
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if memory::is_child(&args) {
        return;
    }
    let selection = Selection::of(&args);
    for workload in workloads() {
        if selection.has_workload(workload.name()) {
            workload.run(&selection);
        }
    }
    if selection.has_workload("memory") {
        memory::run();
    }
    if selection.has_workload("periodic") {
        periodic::run();
    }
}
