use peak::prelude::*;

#[agent(crate = "peak")]
struct Lamp;

#[agent(crate = peak)]
impl Lamp {
    #[behaviour(cyclic, crate = "::peak")]
    async fn misplaced(&mut self) {}
}

fn main() {}
