//! The `peak` command.

fn main() -> peak::ExitCode {
    peak::run()
}
