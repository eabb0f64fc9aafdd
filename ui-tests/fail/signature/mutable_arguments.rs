use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(performative = "informs")]
    async fn hear(&mut self, _message: &mut Message, _ctx: &mut Context<Self>) {}

    #[on_start]
    async fn start(&mut self, _ctx: &mut Context<Self>) {}

    #[behaviour(periodic = 5)]
    async fn tick(&mut self, _ctx: &mut peak::Context<Self>) {}
}

#[behaviour(cyclic)]
async fn share<A: Agent>(_ctx: &mut Context<A>) {}

fn main() {}
