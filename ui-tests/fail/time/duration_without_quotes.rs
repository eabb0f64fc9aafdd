use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(periodic = 5s)]
    async fn unit(&mut self) {}

    #[behaviour(periodic = 5)]
    async fn number(&mut self) {}

    #[behaviour(periodic = 1m30s)]
    async fn units(&mut self) {}

    #[behaviour(periodic = 0.5)]
    async fn fraction(&mut self) {}

    #[behaviour(periodic = true)]
    async fn other(&mut self) {}
}

fn main() {}
