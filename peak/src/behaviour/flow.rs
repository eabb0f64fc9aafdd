//! When a behaviour runs, what it says at the end of each run, and how it ended.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What a behaviour does after this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Flow {
    /// It goes on as its kind has it.
    #[default]
    Continue,
    /// It ends, with exit code 0.
    Stop,
    /// It ends with this exit code.
    Exit(i32),
}

impl Flow {
    /// The exit code, if the behaviour ends.
    pub(crate) fn exit_code(self) -> Option<i32> {
        match self {
            Self::Continue => None,
            Self::Stop => Some(0),
            Self::Exit(code) => Some(code),
        }
    }
}

/// When a behaviour runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Schedule {
    /// Once.
    OneShot,
    /// Again as soon as it is done.
    Cyclic,
    /// At once, and then every so often. Ticks that are missed are skipped, not made up for.
    Periodic(Duration),
    /// Once, after this time.
    Timeout(Duration),
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OneShot => f.write_str("one-shot"),
            Self::Cyclic => f.write_str("cyclic"),
            Self::Periodic(period) => {
                write!(f, "every {}", humantime::format_duration(*period))
            }
            Self::Timeout(time) => write!(f, "after {}", humantime::format_duration(*time)),
        }
    }
}

/// How a behaviour ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Exit {
    /// By itself, with this exit code; 0 unless it said otherwise.
    Finished(i32),
    /// Killed with this exit code.
    Killed(i32),
    /// With an error that it did not handle.
    Failed(Arc<anyhow::Error>),
    /// With a panic, which said this.
    Panicked(Arc<str>),
}

impl Exit {
    /// The exit code: the behaviour's own, the killer's, 1 after an error, 101 after a panic.
    pub fn code(&self) -> i32 {
        match self {
            Self::Finished(code) | Self::Killed(code) => *code,
            Self::Failed(_) => 1,
            Self::Panicked(_) => 101,
        }
    }

    /// Whether it ended with an unhandled error or a panic.
    pub fn is_failure(&self) -> bool {
        matches!(self, Self::Failed(_) | Self::Panicked(_))
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Finished(code) => write!(f, "finished with exit code {code}"),
            Self::Killed(code) => write!(f, "killed with exit code {code}"),
            Self::Failed(error) => write!(f, "{error:#}"),
            Self::Panicked(what) => write!(f, "panicked: {what}"),
        }
    }
}
