use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(cyclic, receives(performative = "inform"))]
    async fn tick(&mut self) {}
}

fn main() {}
