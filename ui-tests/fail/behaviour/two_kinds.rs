use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(cyclic, one_shot)]
    async fn two(&mut self) {}

    #[behaviour(periodic = "5s", periodic = "6s")]
    async fn twice(&mut self) {}
}

fn main() {}
