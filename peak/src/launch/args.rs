//! The grammar of the command line.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};
use tracing::level_filters::LevelFilter;

use peak_shared::logs::level;
use peak_shared::mas::MAX_AGENTS;

use super::completions::CompletionsArgs;
use super::diagram::DiagramArgs;
use super::doctor::DoctorArgs;
use super::logs::{self, LogArgs};
use super::man::ManArgs;
use super::send::SendArgs;
use super::xmpp::XmppArgs;

/// Runs the agents of this program.
#[derive(Debug, Parser)]
#[command(
    version = concat!("(PEAK ", env!("CARGO_PKG_VERSION"), ")"),
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub(super) struct ProgramArgs {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run agents of one type
    Run(RunArgs),
    /// Run all agents of a deployment file
    Start(StartArgs),
    /// List the agent types of this program and their parameters
    Agents,
    /// Print a JSON Schema of deployment files, with which editors check and complete them
    Schema,
    /// Print the state machines of an agent type, as diagrams for Mermaid or Graphviz
    Diagram(DiagramArgs),
    /// Say what an XMPP server offers of what agents need, and how to turn the rest on
    Doctor(DoctorArgs),
    /// Send one message to an agent on an XMPP server
    Send(SendArgs),
    /// Print what a shell needs to complete the words of this program
    Completions(CompletionsArgs),
    /// Print the manual page, or write all of them
    Man(ManArgs),
}

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    /// The agent type; may be left out if the program has only one
    #[arg(value_name = "AGENT")]
    pub(super) agent: Option<String>,

    /// Its address, such as bob@localhost; without it, the type's name in lower case
    #[arg(short, long)]
    pub(super) jid: Option<String>,

    /// How many of them; several are numbered: bob0@localhost, bob1@localhost, …
    #[arg(
        short,
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u64).range(1..=MAX_AGENTS)
    )]
    pub(super) clones: u64,

    /// A parameter of the agent; repeat it for more
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) param: Vec<String>,

    #[command(flatten)]
    pub(super) common: Common,
}

/// What is started if no file is named.
pub(super) const DEPLOYMENT_FILE: &str = "mas.yaml";

#[derive(Debug, Default, Args)]
pub(super) struct StartArgs {
    /// The deployment file [default: mas.yaml]
    #[arg(value_name = "FILE")]
    pub(super) file: Option<PathBuf>,

    /// Check the file and its parameters, and start nothing
    #[arg(long)]
    pub(super) check: bool,

    #[command(flatten)]
    pub(super) common: Common,
}

#[derive(Debug, Default, Args)]
pub(super) struct Common {
    /// What to log: off, error, warn, info, debug or trace
    #[arg(short, long, value_name = "LEVEL", value_parser = level)]
    pub(super) log_level: Option<LevelFilter>,

    /// Log more: -v for debug, -vv for trace
    #[arg(short, long, action = ArgAction::Count, conflicts_with = "log_level")]
    pub(super) verbose: u8,

    /// What all random numbers come from; the same seed draws the same
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,

    #[command(flatten)]
    pub(super) logs: LogArgs,

    #[command(flatten)]
    pub(super) xmpp: XmppArgs,
}

impl Common {
    /// The level that was asked for, if one was.
    pub(super) fn level(&self) -> Option<LevelFilter> {
        match self.verbose {
            0 => self.log_level,
            1 => Some(LevelFilter::DEBUG),
            _ => Some(LevelFilter::TRACE),
        }
    }

    /// What is wished of logs.
    pub(super) fn log_wishes(&self) -> logs::Wishes {
        logs::Wishes {
            level: self.level(),
            ..self.logs.wishes()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_grammar_is_sound() {
        ProgramArgs::command().debug_assert();
    }

    #[test]
    fn every_v_says_more() {
        let level = |line: &str| match ProgramArgs::try_parse_from(line.split(' '))
            .unwrap()
            .command
        {
            Some(Command::Run(run)) => run.common.level(),
            _ => None,
        };
        assert_eq!(level("p run"), None);
        assert_eq!(level("p run -v"), Some(LevelFilter::DEBUG));
        assert_eq!(level("p run -vv"), Some(LevelFilter::TRACE));
        assert_eq!(level("p run -l error"), Some(LevelFilter::ERROR));
        assert!(ProgramArgs::try_parse_from(["p", "run", "-v", "-l", "info"]).is_err());
    }
}
