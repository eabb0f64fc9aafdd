use peak::prelude::*;
use std::time::Duration;

#[agent]
struct Lamp {
    #[param(default = "5 secnds")]
    pause: Duration,
}

#[agent]
impl Lamp {
    #[behaviour(periodic = "5 parsecs")]
    async fn unit(&mut self) {}

    #[behaviour(periodic = "5")]
    async fn no_unit(&mut self) {}

    #[behaviour(periodic = "soon")]
    async fn no_number(&mut self) {}

    #[behaviour(cyclic, delay = "1m 30;s")]
    async fn character(&mut self) {}

    #[behaviour(timeout = "")]
    async fn empty(&mut self) {}

    #[behaviour(timeout = "99999999999999999999h")]
    async fn long(&mut self) {}
}

fn main() {}
