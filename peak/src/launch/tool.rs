//! What the `peak` command needs of the launcher besides running agents.
//!
//! A program of agents has its agents in it; the tool has none, and looks for them first: in a file
//! of its own to compile, or in the project that it was called in. What it learns before that of the
//! command line and of a deployment file is here, and nothing of how it does the rest.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::FromArgMatches as _;

use super::args::{Command, DEPLOYMENT_FILE, ProgramArgs};
use super::mas;
use super::problem::{self, Problem};
use super::sources;
use crate::message::Jid;

/// What a program adds to the commands that all have.
pub trait Tool {
    /// The grammar with its own words in it.
    fn grammar(&self, command: clap::Command) -> clap::Command;

    /// Does what is its own. `None` leaves it to the launcher.
    fn run(&self, argv: &[OsString], matches: &clap::ArgMatches) -> Option<ExitCode>;
}

/// A program with nothing but its agents.
pub(super) struct NoTool;

impl Tool for NoTool {
    fn grammar(&self, command: clap::Command) -> clap::Command {
        command
    }

    fn run(&self, _: &[OsString], _: &clap::ArgMatches) -> Option<ExitCode> {
        None
    }
}

/// Writes what is wrong, and what to do about it, to the standard error.
pub fn print_problem(what: &str, hint: Option<&str>) {
    let problem = Problem::new(what);
    let problem = match hint {
        Some(hint) => problem.hint(hint),
        None => problem,
    };
    problem::print(&problem.into());
}

/// What a command line wants that names agents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Agents of one type, or of a file.
    Run {
        /// The type or file.
        agent: Option<String>,
        /// The file, if it is one.
        file: Option<PathBuf>,
        /// Whether they are on an XMPP server.
        server: bool,
    },
    /// Those of a deployment file.
    Start {
        /// The deployment file.
        file: PathBuf,
        /// Whether some are on an XMPP server.
        server: bool,
        /// The files that their types are in, as `file` says, by the folder of the deployment file.
        sources: Vec<PathBuf>,
    },
    /// The types themselves.
    Types,
    /// Something that needs none.
    Other,
}

impl Wanted {
    /// What these arguments want. They have been found to be sound.
    pub fn of(matches: &clap::ArgMatches) -> Self {
        let Ok(args) = ProgramArgs::from_arg_matches(matches) else {
            return Self::Other;
        };
        match args.command {
            Some(Command::Run(run)) => {
                let jid = run.jid.as_ref().and_then(|jid| jid.parse::<Jid>().ok());
                let file = run.agent.as_deref().and_then(sources::named);
                Self::Run {
                    file: file.map(|(file, _)| file.into()),
                    server: run.common.xmpp.wishes().on.is_some()
                        || jid.is_some_and(|jid| jid.domain() != "localhost"),
                    agent: run.agent,
                }
            }
            Some(Command::Start(start)) => {
                let file = start.file.unwrap_or_else(|| DEPLOYMENT_FILE.into());
                let survey = mas::survey(&file);
                Self::Start {
                    server: start.common.xmpp.wishes().on.is_some() || survey.server,
                    sources: survey.sources,
                    file,
                }
            }
            Some(Command::Agents | Command::Schema | Command::Diagram(_)) => Self::Types,
            _ => Self::Other,
        }
    }
}

/// `SmartMeter` as `smart_meter`.
pub fn snake_case(name: &str) -> String {
    super::plan::snake_case(name)
}
