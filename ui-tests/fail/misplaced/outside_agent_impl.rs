use peak::prelude::*;

struct Lamp;

impl Lamp {
    #[behaviour(cyclic)]
    async fn tick(&mut self) {}

    #[on_message(performative = "inform")]
    async fn hear(_ctx: Context<Self>) {}

    #[on_start]
    async fn start(&mut self) {}

    #[on_stop]
    async fn stop(&mut self) {}
}

fn main() {
    // The functions are still there.
    let _ = Lamp::tick;
    let _ = Lamp::hear;
}
