use peak::prelude::*;

#[agent]
struct Greeter {
    #[param]
    to: Jid,
}

#[agent]
impl Greeter {}

struct Plain;

fn main() -> peak::ExitCode {
    mas!("fail/mas/types.yaml").run()
}
