//! FIPA's cancel, inside any conversation: what the other one says to it.

use super::Unreachable;
use crate::agent::RequestError;
use crate::message::{Jid, Message, Performative};

/// What an agent says to a `cancel`.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Cancelled {
    /// It has stopped, and says so: an `inform`.
    Done(Message),
    /// It cannot, or will not: a `failure`. It goes on with what it does.
    Failed(Message),
    /// It does not know what is meant, for instance because it is done already.
    NotUnderstood(Message),
    /// It says nothing in time.
    Late,
    /// It was not reached.
    Unreachable(Unreachable),
}

impl Cancelled {
    /// Whether it has stopped, as it says.
    pub fn is_done(&self) -> bool {
        matches!(self, Self::Done(_))
    }

    pub(super) fn of(jid: &Jid, answer: Result<Message, RequestError>) -> Self {
        let unreachable = |reason| {
            let jid = jid.clone();
            Self::Unreachable(Unreachable { jid, reason })
        };
        match answer {
            Ok(message) => match message.performative() {
                Some(Performative::Inform) => Self::Done(message),
                Some(Performative::Failure | Performative::Refuse) => Self::Failed(message),
                _ => Self::NotUnderstood(message),
            },
            Err(RequestError::Timeout { .. }) => Self::Late,
            Err(RequestError::Undelivered { why, .. }) => unreachable(why.to_string()),
            Err(error) => unreachable(error.to_string()),
        }
    }
}
