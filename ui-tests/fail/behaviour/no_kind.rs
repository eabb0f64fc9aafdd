use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour]
    async fn nothing(&mut self) {}

    #[behaviour(delay = "5s")]
    async fn option(&mut self) {}

    #[behaviour(fsm)]
    async fn later(&mut self) {}
}

fn main() {}
