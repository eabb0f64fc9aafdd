//! Agents on an XMPP server beside bare clients on the same library, and beside SPADE.
//!
//! `cargo bench -p peak-benches --features xmpp --bench xmpp` runs everything; names after `--` choose
//! workloads (`-- flood start`), `flood/peak` one system of it, for a profile. There is one server for the
//! whole run, Prosody with the configuration of `deploy/`, and the systems take turns, round by round:
//! look at the ratios. Needs Prosody, and Python 3.11 for SPADE.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "figures are what a bench is for"
)]

mod aims;
mod bare;
mod measure;
mod memory;
mod ours;
mod place;
#[path = "../selection.rs"]
mod selection;
mod spade;
mod work;
mod workload;

use std::time::Duration;

use peak_tests::servers::Server;

use aims::{Aims, Figures};
use memory::System;
use place::Place;
use selection::Selection;
use spade::{Spade, figure};
use workload::Workload;

const TRIPS: usize = 1000;
const MESSAGES: usize = 10_000;
const AGENTS: usize = memory::CONNECTED;

fn workloads() -> Vec<Workload> {
    vec![
        Workload::new("ping-pong", "round trip", TRIPS)
            .system("bare", bare::ping_pong)
            .system("bare, managed", bare::managed_ping_pong)
            .system("peak send", ours::sends)
            .system("peak request", ours::requests),
        Workload::new("flood", "message", MESSAGES)
            .system("bare", bare::flood)
            .system("bare, managed", bare::managed_flood)
            .system("peak", ours::flood)
            .system("component", ours::component_flood),
        Workload::new("start", "agent", AGENTS)
            .system("bare", bare::start)
            .system("peak", ours::start),
    ]
}

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    if memory::is_child(&args) {
        return;
    }
    let selection = Selection::of(&args);

    let server = Server::prosody().start();
    let place = Place::of(&server);
    let accounts = (0..memory::FIRST + AGENTS).map(work::agent).collect();
    runtime().block_on(bare::register(&place, accounts));

    let mut figures = Figures::default();
    for workload in workloads() {
        if selection.has_workload(workload.name) {
            workload.run(&place, &selection, &mut figures);
        }
    }
    if selection.has_workload("memory") {
        println!("memory of a connected agent that waits");
        for (name, system_of) in [
            ("bare", System::Bare),
            ("peak", System::Ours),
            ("component", System::Component),
        ] {
            if selection.has_system(name) {
                let kib = memory::of(system_of, &place) / 1024.0;
                println!("  {name:<14} {kib:>8.1} KiB");
                figures.note("memory", name, "memory", kib);
            }
        }
    }
    if selection.has_workload("spade") {
        run_spade(&place, &mut figures);
    }
    Aims::print(&figures);
}

/// SPADE at the end, with its own Python.
fn run_spade(place: &Place, figures: &mut Figures) {
    let spade = match Spade::set_up() {
        Ok(spade) => spade,
        Err(error) => return println!("SPADE was not measured: {error}"),
    };
    println!("SPADE");
    let agents = AGENTS.to_string();
    for (case, more, kept) in [
        (
            "pingpong",
            vec![],
            vec![
                ("round_trip_us_p50", "ping-pong", "p50"),
                ("p99", "ping-pong", "p99"),
            ],
        ),
        (
            "flood",
            vec![],
            vec![
                ("messages_per_s", "flood", "speed"),
                ("cpu_us_per_message", "flood", "client"),
            ],
        ),
        (
            "start",
            vec!["--agents", &agents],
            vec![("rss_kib_per_agent", "memory", "memory")],
        ),
    ] {
        let answer = spade.run(place, case, &more);
        println!("  {case:<14} {answer}");
        for (theirs, workload, ours) in kept {
            figures.note(workload, "spade", ours, figure(&answer, theirs));
        }
        if case == "start" {
            let each = figure(&answer, "seconds") / AGENTS as f64;
            figures.note("start", "spade", "each", each * 1e6);
        }
    }
}

/// Two workers, on every machine.
fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("threads")
}

/// A round that takes longer has lost something.
const PATIENCE: Duration = Duration::from_secs(120);
