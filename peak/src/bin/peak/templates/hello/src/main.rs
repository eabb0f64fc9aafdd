//! Two agents that talk: a visitor says its name, and a greeter says hello.

mod greeter;
mod visitor;

fn main() -> peak::ExitCode {
    peak::run()
}
