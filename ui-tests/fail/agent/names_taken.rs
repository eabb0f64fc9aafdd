use peak::prelude::*;

#[agent]
struct Lamp {
    #[param]
    level: u8,
    #[param(name = "level")]
    other: u8,
}

#[agent]
impl Lamp {
    #[behaviour(cyclic)]
    async fn tick(&mut self) {}

    #[behaviour(cyclic, name = "tick")]
    async fn tock(&mut self) {}
}

fn main() {}
