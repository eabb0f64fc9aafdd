use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(periodic = "0s")]
    async fn period(&mut self) {}

    #[behaviour(timeout = "0")]
    async fn timeout(&mut self) {}

    // No delay is a delay.
    #[behaviour(cyclic, delay = "0s")]
    async fn delay(&mut self) {}
}

fn main() {}
