use peak::prelude::*;
use std::time::Duration;

#[agent]
struct Lamp {
    #[param(default = "-1s")]
    pause: Duration,
}

#[agent]
impl Lamp {
    #[behaviour(periodic = "-5s")]
    async fn text(&mut self) {}

    #[behaviour(timeout = -5)]
    async fn number(&mut self) {}
}

fn main() {}
