//! Generated code gives nobody a warning.
#![deny(warnings, missing_docs, missing_debug_implementations, unreachable_pub)]
#![deny(unused_qualifications, unused_results, unused_lifetimes, single_use_lifetimes)]
#![deny(let_underscore_drop, trivial_casts, trivial_numeric_casts, non_local_definitions)]
#![forbid(unsafe_code)]

use peak::prelude::*;
use std::time::Duration;

/// A lamp.
#[agent(name = "light")]
#[derive(Debug, Clone, PartialEq)]
pub struct Lamp {
    /// How bright.
    #[param(default = 50)]
    pub level: u8,
    #[param(name = "colour", default = "white")]
    tint: String,
    #[param(default = "1m30s")]
    pause: Duration,
    #[param(default = Self::LIMIT)]
    limit: Duration,
    #[param(default)]
    rooms: Vec<String>,
    #[deprecated]
    #[param(default = 1)]
    old: u8,
    seen: u64,
}

#[agent(behaviours(heartbeat, only_lamps))]
impl Lamp {
    /// The longest wait.
    pub const LIMIT: Duration = Duration::from_secs(60);

    /// Starts.
    #[on_start]
    pub async fn start(&mut self) -> peak::Result<()> {
        self.seen += 1;
        println!("{:?} {:?} {:?}", self.tint, self.pause, self.limit);
        println!("{:?}", self.rooms);
        Ok(())
    }

    /// Ticks.
    #[behaviour(periodic = Self::LIMIT)]
    pub async fn tick(&self, ctx: Context<Self>) -> Flow {
        ctx.stop();
        Flow::Stop
    }

    #[deprecated]
    #[on_message(performative = "inform", observe)]
    async fn hear(&mut self, _text: Option<Text>, _thread: Result<Thread, peak::Rejection>) {}

    #[must_use]
    #[on_message(performative = "request")]
    async fn set(&mut self, Json(level): Json<u8>, _message: &Message) -> Agree {
        self.level = level;
        Agree
    }
}

/// Beats.
#[behaviour(cyclic)]
pub async fn heartbeat<A: Agent>(ctx: &Context<A>) {
    ctx.stop();
}

#[behaviour(one_shot)]
async fn only_lamps(ctx: &Context<Lamp>) {
    ctx.stop();
}

fn main() {
    // An agent may be declared anywhere.
    #[agent]
    struct Local;

    #[agent]
    impl Local {
        #[behaviour(cyclic)]
        async fn tick(&mut self) {}
    }
}
