//! The `peak` command: what every program of agents can do, and beside that what makes such
//! programs.

mod add;
mod agents;
mod build;
mod failure;
mod files;
mod new;
mod program;
mod project;
mod schema;
mod script;
mod source;
mod words;

use std::ffi::OsString;
use std::io::Write as _;

use clap::{Arg, ArgAction, ArgMatches, Command};
use failure::Failure;
use peak::__private::run_with;
use peak::__private::tool::{Tool, Wanted};

const EXAMPLES: &str = "\
Examples:
  peak new demo                           a project with two agents that talk
  peak add agent Meter --periodic 5s      one more agent in it
  peak run agent.rs -j ada@localhost      the agent of a single file
  peak start                              the agents of mas.yaml";

const RUN: &str = "\
Examples:
  peak run agent.rs -j ada@localhost      the agent of a file
  peak run agents.rs:Sender --clones 3    one of several in a file
  peak run AGENT --param every=5s -v      one of the project around";

/// To whoever has installed it without.
const WITH_XMPP: &str = "`cargo install --locked --path peak --features xmpp`, in a checkout of PEAK; or \
                         `cargo run -- doctor`, in a project with the feature `xmpp`";

/// What only this tool can do.
struct Peak;

impl Tool for Peak {
    fn grammar(&self, command: Command) -> Command {
        let release = || {
            Arg::new("release")
                .long("release")
                .action(ArgAction::SetTrue)
                .help_heading(None)
                .help("Compile the agents with optimizations")
        };
        command
            .about("Makes, compiles and runs agents")
            .after_help(EXAMPLES)
            // Whoever begins needs these first.
            .mut_subcommands(|other| {
                let place = other.get_display_order();
                other.display_order(place + 2)
            })
            .subcommand(new::grammar().display_order(0))
            .subcommand(add::grammar().display_order(1))
            .mut_subcommand("agents", |agents| {
                agents.about("List the agent types of the project around, and their parameters")
            })
            .mut_subcommand("run", |run| {
                run.about("Run agents of one type: of the project around, or of a single file")
                    .mut_arg("agent", |agent| {
                        agent.value_name("AGENT|FILE.rs").help(
                            "The agent type of the project; or a file: agent.rs, agents.rs:Sender",
                        )
                    })
                    .arg(release())
                    .after_help(RUN)
            })
            .mut_subcommand("start", |start| start.arg(release()))
    }

    fn run(&self, argv: &[OsString], matches: &ArgMatches) -> Option<peak::ExitCode> {
        let done = match matches.subcommand()? {
            ("new", own) => new::run(own).map(|()| peak::ExitCode::SUCCESS),
            ("add", own) => add::run(own).map(|()| peak::ExitCode::SUCCESS),
            ("doctor" | "send", _) if !cfg!(feature = "xmpp") => {
                Err(Failure::new("this `peak` is built without XMPP").hint(WITH_XMPP))
            }
            (command, own) => {
                // The others do not have it.
                let release = matches!(command, "run" | "start") && own.get_flag("release");
                agents::run(&Wanted::of(matches), argv, release)?
            }
        };
        Some(done.unwrap_or_else(|failure| failure.told()))
    }
}

fn main() -> peak::ExitCode {
    run_with(&Peak)
}

/// Writes to the standard output. Whoever reads it may have had enough.
fn say(text: &str) {
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}
