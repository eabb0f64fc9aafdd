//! The agents of the book's programs, with the command line that readers use on their own.

mod elsewhere;

include!(concat!(env!("OUT_DIR"), "/programs.rs"));

fn main() -> peak::ExitCode {
    peak::run()
}
