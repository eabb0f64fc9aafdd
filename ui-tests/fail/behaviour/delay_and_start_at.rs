use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(cyclic, delay = "1s", start_at = "2026-12-01T08:00:00Z")]
    async fn tick(&mut self) {}
}

fn main() {}
