//! What is wrong with what the user gave, in words, with what to do about it.

use std::process::ExitCode;

use super::progress;
use super::terminal::{escape, has_colours};

pub(super) use peak_shared::problem::{Place, Problem, Problems};

/// How a program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// All went well.
    Success,
    /// An agent did not start, or something failed in one.
    Failure,
    /// The command line or the deployment file is wrong: nothing was started.
    Usage,
    /// The user interrupted it before it was under way.
    Interrupted,
}

impl Exit {
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// Writes what is wrong to the standard error, in the order of the file.
pub(super) fn print(problems: &Problems) {
    let colours = has_colours(&std::io::stderr());
    progress::write(&problems.text(colours));
}

/// Writes what clap has to say to the standard error.
pub(super) fn print_text(coloured: &str, plain: &str) {
    let coloured_is_seen = has_colours(&std::io::stderr());
    progress::write(if coloured_is_seen { coloured } else { plain });
}

/// Writes warnings to the standard error, where there is no log.
pub(super) fn print_warnings(warnings: &[String]) {
    let (yellow, plain) = if has_colours(&std::io::stderr()) {
        ("\x1b[1;33m", "\x1b[0m")
    } else {
        ("", "")
    };
    for warning in warnings {
        let mut line = format!("{yellow}warning:{plain} ");
        escape(warning, &mut line);
        line.push('\n');
        progress::write(&line);
    }
}
