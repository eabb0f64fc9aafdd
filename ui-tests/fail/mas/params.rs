use peak::prelude::*;
use std::time::Duration;

#[agent]
struct Greeter {
    #[param]
    to: Jid,
    #[param(default = 2)]
    times: u8,
    #[param(default = "5s")]
    period: Duration,
    #[param(default)]
    name: Option<String>,
    #[param(default)]
    words: Vec<String>,
}

#[agent]
impl Greeter {}

#[agent(name = "house")]
struct Building;

#[agent]
impl Building {}

fn main() -> peak::ExitCode {
    mas!("fail/mas/params.yaml").run()
}
