//! What an idle agent costs, each system measured in a process of its own.

use std::process::Command;

use peak::prelude::*;

use crate::harness::{cpu, runtime};
use crate::{bare, kameo_peer, ours};

const AGENTS: usize = 50_000;

/// Whether this process is one that `run` started; if so it has done its work.
pub(crate) fn is_child(args: &[String]) -> bool {
    let [flag, system] = args else {
        return false;
    };
    if flag != "--memory-of" {
        return false;
    }
    let bytes = runtime().block_on(async {
        let before = resident();
        match system.as_str() {
            "peak" => {
                let platform = Platform::new();
                let mut agents = Vec::with_capacity(AGENTS);
                for nth in 0..AGENTS {
                    agents.push(ours::idle(&platform, &format!("agent{nth}@localhost")).await);
                }
                resident() - before
            }
            "working" => {
                let platform = Platform::new();
                let begun = cpu();
                for nth in 0..10_000 {
                    let spawned =
                        platform.spawn(format!("agent{nth}@localhost"), Working::default());
                    spawned.await.expect("spawned");
                }
                eprintln!("{}", (cpu() - begun).as_millis());
                settle().await;
                (resident() - before) / 10_000 * AGENTS
            }
            "kameo" => {
                let actors: Vec<_> = (0..AGENTS).map(|_| kameo_peer::idle()).collect();
                settle().await;
                let bytes = resident() - before;
                drop(actors);
                bytes
            }
            _ => {
                let tasks: Vec<_> = (0..AGENTS).map(|_| bare::idle()).collect();
                settle().await;
                let bytes = resident() - before;
                drop(tasks);
                bytes
            }
        }
    });
    println!("{}", bytes / AGENTS);
    true
}

/// Lets what was spawned run to where it waits.
async fn settle() {
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
}

/// What a usual agent has: something to do every now and then, and two handlers.
#[agent]
#[derive(Default)]
struct Working {
    ticks: u32,
    heard: u32,
}

#[agent]
impl Working {
    #[behaviour(periodic = "1s")]
    async fn tick(&mut self) {
        self.ticks += 1;
    }

    #[on_message(performative = "inform")]
    async fn learn(&mut self, Text(_): Text) {
        self.heard += 1;
    }

    #[on_message(performative = "query-ref")]
    async fn tell(&self) -> Inform<String> {
        Inform(self.ticks.to_string())
    }
}

pub(crate) fn run() {
    println!("memory of an idle agent");
    for system in ["peak", "kameo", "tokio mpsc", "working"] {
        let program = std::env::current_exe().expect("this program");
        let output = Command::new(program)
            .args(["--memory-of", system])
            .output()
            .expect("measured");
        let bytes = String::from_utf8_lossy(&output.stdout);
        let bytes = bytes.trim();
        if system == "working" {
            let millis = String::from_utf8_lossy(&output.stderr);
            println!("10 000 agents with a periodic behaviour and two handlers");
            println!(
                "  {bytes:>21} bytes each, started in {} ms of processor time",
                millis.trim()
            );
        } else {
            println!("  {system:<12} {bytes:>8} bytes");
        }
    }
}

/// Bytes of this process that are in memory.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|rest| rest.trim().strip_suffix(" kB"))
        .and_then(|number| number.trim().parse::<usize>().ok());
    kilobytes.unwrap_or(0) * 1024
}
