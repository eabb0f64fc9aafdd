use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(cyclic)]
    #[on_message(performative = "inform")]
    async fn both(&mut self) {}

    #[on_message(performative = "inform")]
    #[on_message(performative = "request")]
    async fn twice(&mut self) {}

    #[cfg_attr(all(), on_message(performative = "cfp"))]
    async fn conditional(&mut self) {}
}

fn main() {}
