//! What a directory or a platform answers.

use std::fmt;
use std::str::FromStr;

use super::fields::Result;
use super::{Description, ManagementError, PlatformDescription, Problem, Request};
use crate::Performative;
use crate::acl::sl0::{Action, Content, Expression, Proposition, Term};
use crate::acl::text::shown;

/// What a directory facilitator or an agent management system says to a request: the content of a
/// message, read with `parse` and written with `to_string`.
///
/// ```
/// use peak::acl::AgentIdentifier;
/// use peak::acl::management::{Answer, Problem, Request};
///
/// let request = "((action (agent-identifier :name df@h:1099/JADE)
///     (deregister (df-agent-description :name (agent-identifier :name b7@h:1099/JADE)))))";
/// let request: Request = request.parse()?;
/// let answer = Answer::problem(&request, Problem::NotRegistered);
/// assert_eq!(answer.performative(), peak::Performative::Failure);
/// assert_eq!(answer.to_string().parse::<Answer>()?, answer);
/// # Ok::<(), peak::acl::management::ManagementError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// `((action …) true)`: it will be done.
    Agreed(Request),
    /// `((done (action …)))`: it was done.
    Done(Request),
    /// `((result (action …) (sequence …)))`: what a search has found.
    Found(Request, Vec<Description>),
    /// `((result (action …) (ap-description …)))`: what the platform is.
    Platform(Request, PlatformDescription),
    /// `((action …) problem)`: it was not understood, refused, or failed. The action is as it was
    /// sent, since it may be what is wrong.
    Problem(Option<Action>, Problem),
}

impl Answer {
    /// That a request was not done, and why.
    pub fn problem(request: &Request, problem: Problem) -> Self {
        Self::Problem(Some(request.into()), problem)
    }

    /// The performative of a message that says so.
    pub fn performative(&self) -> Performative {
        match self {
            Self::Agreed(_) => Performative::Agree,
            Self::Done(_) | Self::Found(..) | Self::Platform(..) => Performative::Inform,
            Self::Problem(_, problem) => problem.performative(),
        }
    }
}

impl From<&Answer> for Content {
    fn from(answer: &Answer) -> Self {
        let result = |request: &Request, value: Term| {
            Self::new(Proposition::Result(Action::from(request).into(), value))
        };
        match answer {
            Answer::Agreed(request) => Self::new(Action::from(request)).and(Proposition::True),
            Answer::Done(request) => Self::new(Proposition::Done(request.into())),
            Answer::Found(request, found) => {
                let found = found.iter().map(Term::from);
                result(request, Term::Sequence(found.collect()))
            }
            Answer::Platform(request, platform) => result(request, platform.into()),
            Answer::Problem(Some(action), problem) => {
                Self::new(action.clone()).and(Proposition::from(problem))
            }
            Answer::Problem(None, problem) => Self::new(Proposition::from(problem)),
        }
    }
}

impl TryFrom<&Content> for Answer {
    type Error = ManagementError;

    fn try_from(content: &Content) -> Result<Self> {
        match content.expressions() {
            [
                Expression::Action(action),
                Expression::Proposition(Proposition::True),
            ] => action.try_into().map(Self::Agreed),
            [Expression::Action(action), Expression::Proposition(problem)] => {
                Ok(Self::Problem(Some(action.clone()), problem.try_into()?))
            }
            [Expression::Proposition(Proposition::Done(action))] => {
                action.try_into().map(Self::Done)
            }
            [Expression::Proposition(Proposition::Result(Term::Action(action), value))] => {
                result((&**action).try_into()?, value)
            }
            [Expression::Proposition(problem @ Proposition::Predicate(_))] => {
                Ok(Self::Problem(None, problem.try_into()?))
            }
            _ => Err(ManagementError::Unexpected {
                found: shown(&content.to_string()),
                expected: "an answer: `((done (action …)))`, `((result (action …) …))`, \
                           or an action and what was wrong with it",
            }),
        }
    }
}

fn result(request: Request, value: &Term) -> Result<Answer> {
    match value {
        Term::Sequence(found) | Term::Set(found) => {
            let found: Result<_> = found.iter().map(Description::try_from).collect();
            Ok(Answer::Found(request, found?))
        }
        _ => Ok(Answer::Platform(request, value.try_into()?)),
    }
}

impl FromStr for Answer {
    type Err = ManagementError;

    fn from_str(content: &str) -> Result<Self> {
        (&content.parse::<Content>()?).try_into()
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Content::from(self).fmt(f)
    }
}
