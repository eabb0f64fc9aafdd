//! `#[cfg]` on everything.
#![deny(warnings)]
#![allow(unexpected_cfgs)]

use peak::prelude::*;

#[agent]
struct Lamp {
    #[cfg(absent)]
    #[param]
    missing: Missing,
    #[cfg(not(absent))]
    #[param(default = 1)]
    level: u8,
    #[cfg(absent)]
    other: Missing,
}

#[agent]
impl Lamp {
    #[cfg(absent)]
    #[on_start]
    async fn start_otherwise(&mut self, missing: Missing) {}

    #[cfg(not(absent))]
    #[on_start]
    async fn start(&mut self) {
        self.level += 1;
    }

    #[cfg(absent)]
    #[on_message(performative = "inform")]
    async fn hear_otherwise(&mut self, missing: Missing) -> Missing {}

    // Reached, as the one above may not be there.
    #[on_message(performative = "inform")]
    async fn hear(&mut self, #[cfg(absent)] missing: Missing, #[cfg(not(absent))] _text: Text) {}

    #[behaviour(cyclic)]
    #[cfg_attr(all(), cfg(absent))]
    async fn tick(missing: Missing) {}
}

#[cfg(absent)]
#[behaviour(cyclic)]
async fn free_otherwise(missing: Missing) {}

#[behaviour(cyclic)]
#[cfg(absent)]
async fn free_other(missing: Missing) {}

#[agent]
#[cfg(absent)]
struct Fan {
    missing: Missing,
}

#[agent]
#[cfg(absent)]
impl Fan {
    #[behaviour(cyclic)]
    async fn tick(&mut self) {}
}

fn main() {}
