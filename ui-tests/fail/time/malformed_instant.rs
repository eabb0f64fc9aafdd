use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(one_shot, start_at = "tomorrow")]
    async fn word(&mut self) {}

    #[behaviour(one_shot, start_at = "2026-12-01T08:00:00+02:00")]
    async fn offset(&mut self) {}

    #[behaviour(one_shot, start_at = "2026-13-01T08:00:00Z")]
    async fn month(&mut self) {}

    #[behaviour(one_shot, start_at = 8)]
    async fn number(&mut self) {}
}

fn main() {}
