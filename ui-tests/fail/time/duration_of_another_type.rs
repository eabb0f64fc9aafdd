use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    const PERIOD: u64 = 5;

    #[behaviour(periodic = Self::PERIOD)]
    async fn tick(&mut self) {}
}

fn main() {}
