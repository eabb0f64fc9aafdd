//! The runtime under another name.

mod framework {
    pub mod inner {
        pub use ::peak as agents;
    }
}

use crate::framework::inner::agents::prelude::{Agent, Context};

mod peak {}

#[crate::framework::inner::agents::agent(crate = "crate::framework::inner::agents")]
struct Lamp {
    #[param(default = 1)]
    level: u8,
}

#[crate::framework::inner::agents::agent(crate = "crate::framework::inner::agents", behaviours(free))]
impl Lamp {
    #[on_start]
    async fn start(&mut self) {
        self.level += 1;
    }

    #[behaviour(cyclic, delay = "1s")]
    async fn tick(ctx: Context<Self>) {
        ctx.stop();
    }

    #[on_message(performative = "inform", sender = "bob@localhost")]
    async fn hear(&mut self) {}
}

#[crate::framework::inner::agents::behaviour(cyclic, crate = "crate::framework::inner::agents")]
async fn free<A: Agent>(ctx: &Context<A>) {
    ctx.stop();
}

fn main() {
    let _ = framework::inner::agents::template!(performative = "inform");
}
