//! A thermostat and the agents it talks to: every attribute once.
//!
//! - [`thermostat`]: the agent itself
//! - [`house`]: a logger, a sensor, a vendor of heat, and the controller that begins and ends it all
//!
//! Here is what they have in common: the content of messages, and behaviours of more than one agent.

mod house;
mod thermostat;

use house::{Controller, Logger, Sensor, Vendor};
use peak::prelude::*;
use serde::{Deserialize, Serialize};
use thermostat::Thermostat;

/// What a room's temperature is.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Reading {
    celsius: f64,
}

/// What it shall be.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct SetTarget {
    celsius: f64,
}

/// What the target is now.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Done {
    target: f64,
}

/// How long it takes until then.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Forecast {
    minutes: f64,
}

/// Heat, up to this temperature.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Offer {
    up_to: f64,
}

/// Tells the logger every second that the agent is alive.
#[behaviour(periodic = "1s")]
async fn heartbeat<A: Agent>(ctx: &Context<A>) -> peak::Result<()> {
    let beat = Message::inform("logger@localhost").with_ontology("heartbeat");
    ctx.send(beat).await
}

/// Leaves the house when asked to.
#[on_message(performative = "request", ontology = "house")]
async fn leave<A: Agent>(ctx: &Context<A>) -> Agree {
    ctx.stop();
    Agree
}

fn main() -> peak::ExitCode {
    mas!("thermostat/mas.yaml").run()
}
