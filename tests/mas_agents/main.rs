//! Agents in files of their own, for the tests of deployment files.

mod market;
mod readme;
mod receiver;
mod sender;

fn main() -> peak::ExitCode {
    peak::run()
}
