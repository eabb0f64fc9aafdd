use peak::prelude::*;

#[agent]
struct Greeter;

#[agent]
impl Greeter {}

fn main() -> peak::ExitCode {
    mas!("fail/mas/form.yaml").run()
}
