//! `peak add`: one more agent in a project.

mod agent;
mod behaviour;
mod code;
mod deployment;
mod modules;
mod name;
mod param;
mod project;
mod scan;

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use crate::failure::Failure;

const EXAMPLES: &str = "\
Examples:
  peak add agent Meter                    it acts every 5 seconds
  peak add agent Meter --periodic 1m --param room --param limit=21.5
  peak add agent Clerk --on request --on cfp";

/// The grammar of `peak add`.
pub(crate) fn grammar() -> Command {
    Command::new("add")
        .about("Add an agent to a project")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .disable_help_subcommand(true)
        .after_help(EXAMPLES)
        .subcommand(
            Command::new("agent")
                .about("Add an agent: its file, with a test, its `mod` line, and its entry in mas.yaml")
                .after_help(format!("{EXAMPLES}\n\n{}", param::help()))
                .arg(
                    Arg::new("name")
                        .value_name("NAME")
                        .required(true)
                        .help("What it is called; SmartMeter, smart_meter and smart-meter are the same"),
                )
                .arg(
                    Arg::new("periodic")
                        .long("periodic")
                        .value_name("DURATION")
                        .help("It acts again and again, this long apart [default: 5s, without --on]"),
                )
                .arg(
                    Arg::new("on")
                        .long("on")
                        .value_name("PERFORMATIVE")
                        .action(ArgAction::Append)
                        .help("It takes messages of this performative, such as request; repeat it for more"),
                )
                .arg(
                    Arg::new("param")
                        .long("param")
                        .value_name("NAME[:TYPE][=DEFAULT]")
                        .action(ArgAction::Append)
                        .help("It has this parameter, required without a default; repeat it for more"),
                )
                .arg(
                    Arg::new("path")
                        .long("path")
                        .value_name("DIR")
                        .value_parser(value_parser!(PathBuf))
                        .help("A folder of the project [default: the current one]"),
                ),
        )
}

/// Adds what is asked for.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    match matches.subcommand() {
        Some(("agent", matches)) => agent::add(matches),
        // The grammar lets nothing else through.
        _ => Err(Failure::new("what shall be added? `peak add agent NAME`")),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_grammar_is_sound() {
        super::grammar().debug_assert();
    }
}
