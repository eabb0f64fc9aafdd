//! The `peak` command: what every program of agents can do, and beside that what makes such
//! programs.

mod add;
mod failure;
mod files;
mod new;
mod source;
mod words;

use std::ffi::OsString;
use std::io::Write as _;

use clap::{ArgMatches, Command};
use peak::__private::{run_with, tool::Tool};

/// The commands that only this tool has.
struct Peak;

impl Tool for Peak {
    fn grammar(&self, command: Command) -> Command {
        command
            .subcommand(new::grammar())
            .subcommand(add::grammar())
    }

    fn run(&self, _: &[OsString], matches: &ArgMatches) -> Option<peak::ExitCode> {
        let done = match matches.subcommand()? {
            ("new", matches) => new::run(matches),
            ("add", matches) => add::run(matches),
            _ => return None,
        };
        Some(match done {
            Ok(()) => peak::ExitCode::SUCCESS,
            Err(failure) => failure.told(),
        })
    }
}

fn main() -> peak::ExitCode {
    run_with(&Peak)
}

/// Writes to the standard output. Whoever reads it may have had enough.
fn say(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
