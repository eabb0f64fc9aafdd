//! What a connected agent that waits costs, each system measured in a process of its own.

use std::process::Command;
use std::time::Duration;

use crate::measure::resident;
use crate::place::{DOMAIN, Place};
use crate::{bare, ours, runtime};

const FLAG: &str = "--memory-of";

/// Started before the others, so that code and tables which all share are in memory.
pub(crate) const FIRST: usize = 20;

/// Agents with a connection each.
pub(crate) const CONNECTED: usize = 200;

/// Agents behind a component.
const BEHIND: usize = 2000;

/// A system, as its process is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum System {
    Bare,
    Ours,
    Component,
}

impl System {
    fn name(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::Ours => "peak",
            Self::Component => "component",
        }
    }

    /// Starts agents as the system would, and gives the bytes that each takes.
    async fn measure(self, place: &Place) -> usize {
        match self {
            Self::Bare => {
                bare::idle(bare::connect(place, 0..FIRST).await);
                rest().await;
                let before = resident();
                bare::idle(bare::connect(place, FIRST..FIRST + CONNECTED).await);
                rest().await;
                (resident() - before) / CONNECTED
            }
            Self::Ours => grown(&ours::platform(place), DOMAIN, CONNECTED).await,
            Self::Component => grown(&ours::component(place), &place.component, BEHIND).await,
        }
    }
}

async fn grown(platform: &peak::Platform, domain: &str, agents: usize) -> usize {
    let first = ours::spawn(platform, domain, 0..FIRST).await;
    rest().await;
    let before = resident();
    let others = ours::spawn(platform, domain, FIRST..FIRST + agents).await;
    rest().await;
    let bytes = (resident() - before) / agents;
    drop((first, others));
    bytes
}

/// Lets what the server still has to say come in, and handshakes be forgotten. There is nothing that
/// could be awaited: idle is when nothing happens.
async fn rest() {
    tokio::time::sleep(Duration::from_secs(2)).await;
}

/// Whether this process is one that `of` started; if so it has done its work.
pub(crate) fn is_child(args: &[String]) -> bool {
    let [flag, name] = args else {
        return false;
    };
    if flag != FLAG {
        return false;
    }
    let systems = [System::Bare, System::Ours, System::Component];
    let system = systems.into_iter().find(|system| system.name() == name);
    let system = system.expect("one of the systems");
    let place = Place::told();
    println!("{}", runtime().block_on(system.measure(&place)));
    true
}

/// Bytes of memory that a connected agent of this system takes.
pub(crate) fn of(system: System, place: &Place) -> f64 {
    let (variable, value) = place.variable();
    let output = Command::new(std::env::current_exe().expect("this program"))
        .args([FLAG, system.name()])
        .env(variable, value)
        .output()
        .expect("it starts");
    let said = String::from_utf8_lossy(&output.stdout);
    said.trim().parse().unwrap_or_else(|_| {
        let errors = String::from_utf8_lossy(&output.stderr);
        panic!("the memory of {} was not measured: {errors}", system.name())
    })
}
