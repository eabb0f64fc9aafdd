use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(performative = "inform")]
    async fn hear(&mut self, _loud: bool) {}

    #[on_message(performative = "agree")]
    async fn text(&mut self, _name: String) {}

    #[on_message(performative = "request")]
    async fn concurrent(_loud: bool, _ctx: Context<Self>) {}

    #[behaviour(cyclic)]
    async fn tick(&mut self, Text(_text): Text) {}

    #[on_start]
    async fn start(&mut self, _level: u8) {}
}

fn main() {}
