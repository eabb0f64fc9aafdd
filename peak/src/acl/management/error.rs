//! What is wrong with a content about management.

use super::Problem;
use crate::acl::SyntaxError;
use crate::acl::sl0::Term;
use crate::acl::text::shown;

/// A content that is no request or answer of management.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ManagementError {
    /// It is not SL0.
    #[error("the content is not SL0: {0}")]
    Syntax(#[from] SyntaxError),
    /// A parameter that must be there is not.
    #[error("`{object}` has no `:{parameter}`, which it must have here")]
    MissingParameter {
        /// In what.
        object: &'static str,
        /// Which parameter, without the colon.
        parameter: &'static str,
    },
    /// A parameter that FIPA does not have.
    #[error("`{object}` has no parameter `:{parameter}`{}", did_you_mean(*.near))]
    UnexpectedParameter {
        /// In what.
        object: &'static str,
        /// Which parameter, without the colon.
        parameter: String,
        /// What may have been meant.
        near: Option<&'static str>,
    },
    /// A parameter that is there already.
    #[error("`{object}` has the parameter `:{parameter}` twice")]
    RepeatedParameter {
        /// In what.
        object: &'static str,
        /// Which parameter, without the colon.
        parameter: String,
    },
    /// A parameter is not what it should be.
    #[error("`:{parameter}` of `{object}` is {found}, expected {expected}")]
    UnrecognisedParameterValue {
        /// In what.
        object: &'static str,
        /// Which parameter, without the colon.
        parameter: &'static str,
        /// The value, for people.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
    /// A function that this vocabulary does not have.
    #[error(
        "there is no function `{function}`; there are `register`, `deregister`, `modify`, `search` \
         and `get-description`"
    )]
    UnsupportedFunction {
        /// Its name.
        function: String,
    },
    /// The content is another one.
    #[error("found {found}, expected {expected}")]
    Unexpected {
        /// What stands there, for people.
        found: String,
        /// What may stand there.
        expected: &'static str,
    },
}

fn did_you_mean(near: Option<&str>) -> String {
    near.map(|near| format!(": did you mean `:{near}`?"))
        .unwrap_or_default()
}

impl ManagementError {
    /// What FIPA has for an answer to whoever sent such a content.
    pub fn problem(&self) -> Problem {
        match self {
            Self::MissingParameter { object, parameter } => Problem::MissingParameter {
                object: (*object).to_owned(),
                parameter: (*parameter).to_owned(),
            },
            Self::UnexpectedParameter {
                object, parameter, ..
            }
            | Self::RepeatedParameter { object, parameter } => Problem::UnexpectedParameter {
                object: (*object).to_owned(),
                parameter: parameter.clone(),
            },
            Self::UnrecognisedParameterValue {
                object, parameter, ..
            } => Problem::UnrecognisedParameterValue {
                object: (*object).to_owned(),
                parameter: (*parameter).to_owned(),
            },
            Self::UnsupportedFunction { function } => {
                Problem::UnsupportedFunction(function.clone())
            }
            Self::Syntax(_) | Self::Unexpected { .. } => {
                Problem::UnrecognisedValue("content".to_owned())
            }
        }
    }

    /// An error about a term that is something else.
    pub(super) fn unexpected(found: &Term, expected: &'static str) -> Self {
        Self::Unexpected {
            found: shown(&found.to_string()),
            expected,
        }
    }
}
