//! What can go wrong between a question and its answer.

use std::fmt;
use std::time::Duration;

use peak::Performative;

/// Why there is no answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Trouble {
    /// The question has more characters than this.
    Question { longest: usize },
    /// As many questions wait as may.
    Busy,
    /// The endpoint does not accept the key, or wants one.
    Key { status: u16, reason: String },
    /// The endpoint asks to wait, and that would be too long.
    Wait { after: Option<String> },
    /// Any other status that is no success.
    Status { status: u16, reason: String },
    /// There is no answer in what came.
    Malformed(String),
    /// More came than is taken.
    Answer { most: u64 },
    /// It took longer than this.
    Time(Duration),
    /// The endpoint cannot be reached.
    Unreachable(String),
}

impl Trouble {
    /// `refuse` if it was not done and asking later or otherwise may help, `failure` if it was tried.
    pub(crate) fn performative(&self) -> Performative {
        match self {
            Self::Question { .. } | Self::Busy | Self::Key { .. } | Self::Wait { .. } => {
                Performative::Refuse
            }
            Self::Status { .. }
            | Self::Malformed(_)
            | Self::Answer { .. }
            | Self::Time(_)
            | Self::Unreachable(_) => Performative::Failure,
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Question { longest } => {
                write!(f, "the question is longer than {longest} characters")
            }
            Self::Busy => f.write_str("too many questions are waiting: ask again later"),
            Self::Key { status, reason } => {
                write!(f, "the model does not accept the key ({status}): {reason}")
            }
            Self::Wait { after: None } => f.write_str("the model has too much to do (429)"),
            Self::Wait { after: Some(after) } if after.bytes().all(|it| it.is_ascii_digit()) => {
                write!(f, "the model has too much to do: ask again in {after} s")
            }
            Self::Wait { after: Some(after) } => {
                write!(f, "the model has too much to do: ask again at {after}")
            }
            Self::Status { status, reason } => write!(f, "the model failed ({status}): {reason}"),
            Self::Malformed(what) => write!(f, "the model's answer makes no sense: {what}"),
            Self::Answer { most } => write!(f, "the model's answer is longer than {most} bytes"),
            Self::Time(limit) => write!(f, "the model has not answered in {limit:?}"),
            Self::Unreachable(what) => write!(f, "the model cannot be reached: {what}"),
        }
    }
}
