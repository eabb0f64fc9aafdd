//! Why something was not done.

use super::ManagementError;
use super::fields::Result;
use crate::Performative;
use crate::acl::sl0::{Argument, Function, Proposition, Term};

/// Why a request was not understood, refused, or failed.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// `unauthorised`: the sender may not do this.
    Unauthorised,
    /// `(unsupported-act PERFORMATIVE)`: the receiver takes no such messages.
    UnsupportedAct(String),
    /// `(unrecognised-value PARAMETER)`: a parameter of the message, such as its content, makes no sense
    /// to the receiver.
    UnrecognisedValue(String),
    /// `(unsupported-function NAME)`: the receiver has no such function.
    UnsupportedFunction(String),
    /// `(missing-parameter OBJECT PARAMETER)`
    MissingParameter {
        /// In what.
        object: String,
        /// Which parameter.
        parameter: String,
    },
    /// `(unexpected-parameter OBJECT PARAMETER)`
    UnexpectedParameter {
        /// In what.
        object: String,
        /// Which parameter.
        parameter: String,
    },
    /// `(unrecognised-parameter-value OBJECT PARAMETER)`. JADE names the parameter first, and then its
    /// value.
    UnrecognisedParameterValue {
        /// In what.
        object: String,
        /// Which parameter.
        parameter: String,
    },
    /// `already-registered`: the agent is in the directory.
    AlreadyRegistered,
    /// `not-registered`: the agent is not in the directory.
    NotRegistered,
    /// `(internal-error REASON)`: something else went wrong.
    InternalError(String),
    /// A reason that stands in no list here.
    Other(Function),
}

impl Problem {
    /// The performative of a message that says so: `not-understood`, `refuse` or `failure`.
    pub fn performative(&self) -> Performative {
        match self {
            Self::UnsupportedAct(_) | Self::UnrecognisedValue(_) => Performative::NotUnderstood,
            Self::Unauthorised
            | Self::UnsupportedFunction(_)
            | Self::MissingParameter { .. }
            | Self::UnexpectedParameter { .. }
            | Self::UnrecognisedParameterValue { .. }
            | Self::Other(_) => Performative::Refuse,
            Self::AlreadyRegistered | Self::NotRegistered | Self::InternalError(_) => {
                Performative::Failure
            }
        }
    }
}

impl From<&Problem> for Proposition {
    fn from(problem: &Problem) -> Self {
        let predicate = |name: &str, texts: &[&String]| {
            let texts = texts.iter().map(|text| text.as_str());
            texts.fold(Function::new(name), Function::with)
        };
        Self::Predicate(match problem {
            Problem::Unauthorised => predicate("unauthorised", &[]),
            Problem::UnsupportedAct(act) => predicate("unsupported-act", &[act]),
            Problem::UnrecognisedValue(name) => predicate("unrecognised-value", &[name]),
            Problem::UnsupportedFunction(name) => predicate("unsupported-function", &[name]),
            Problem::MissingParameter { object, parameter } => {
                predicate("missing-parameter", &[object, parameter])
            }
            Problem::UnexpectedParameter { object, parameter } => {
                predicate("unexpected-parameter", &[object, parameter])
            }
            Problem::UnrecognisedParameterValue { object, parameter } => {
                predicate("unrecognised-parameter-value", &[object, parameter])
            }
            Problem::AlreadyRegistered => predicate("already-registered", &[]),
            Problem::NotRegistered => predicate("not-registered", &[]),
            Problem::InternalError(reason) => predicate("internal-error", &[reason]),
            Problem::Other(function) => function.clone(),
        })
    }
}

impl TryFrom<&Proposition> for Problem {
    type Error = ManagementError;

    fn try_from(proposition: &Proposition) -> Result<Self> {
        let Proposition::Predicate(predicate) = proposition else {
            return Err(ManagementError::Unexpected {
                found: format!("`{proposition}`"),
                expected: "a reason, such as `unauthorised`",
            });
        };
        let texts: Option<Vec<&String>> = predicate.arguments.iter().map(text).collect();
        let name = predicate.name.to_ascii_lowercase();
        let known = match (name.as_str(), texts.as_deref()) {
            ("unauthorised", Some([])) => Self::Unauthorised,
            ("unsupported-act", Some([act])) => Self::UnsupportedAct(act.to_string()),
            ("unrecognised-value", Some([name])) => Self::UnrecognisedValue(name.to_string()),
            ("unsupported-function", Some([name])) => Self::UnsupportedFunction(name.to_string()),
            ("missing-parameter", Some([object, parameter])) => Self::MissingParameter {
                object: object.to_string(),
                parameter: parameter.to_string(),
            },
            ("unexpected-parameter", Some([object, parameter])) => Self::UnexpectedParameter {
                object: object.to_string(),
                parameter: parameter.to_string(),
            },
            ("unrecognised-parameter-value", Some([object, parameter])) => {
                Self::UnrecognisedParameterValue {
                    object: object.to_string(),
                    parameter: parameter.to_string(),
                }
            }
            ("already-registered", Some([])) => Self::AlreadyRegistered,
            ("not-registered", Some([])) => Self::NotRegistered,
            ("internal-error", Some([reason])) => Self::InternalError(reason.to_string()),
            _ => Self::Other(predicate.clone()),
        };
        Ok(known)
    }
}

fn text(argument: &Argument) -> Option<&String> {
    match argument {
        Argument {
            name: None,
            value: Term::Text(text),
        } => Some(text),
        _ => None,
    }
}
