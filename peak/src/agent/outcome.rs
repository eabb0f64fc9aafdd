//! What handlers, behaviours and hooks may return, and what it means.

use super::Rejection;
use crate::behaviour::Flow;
use crate::message::Message;
use crate::message::reply::{
    Failure, Negative, NotUnderstood, Refuse, RejectProposal, Reply, draft,
};

/// What a run of user code came to.
#[doc(hidden)]
#[derive(Debug, Default)]
pub struct Outcome {
    pub(crate) reply: Option<Message>,
    pub(crate) verdict: Verdict,
}

#[derive(Debug)]
pub(crate) enum Verdict {
    Flow(Flow),
    Failed(anyhow::Error),
    /// An argument could not be taken from the message.
    Rejected(Rejection),
}

impl Default for Verdict {
    fn default() -> Self {
        Self::Flow(Flow::Continue)
    }
}

impl Outcome {
    #[doc(hidden)]
    pub fn rejected(rejection: Rejection) -> Self {
        Self::from(Verdict::Rejected(rejection))
    }

    /// Whether nothing follows from it.
    pub(crate) fn is_silent(&self) -> bool {
        self.reply.is_none() && matches!(self.verdict, Verdict::Flow(Flow::Continue))
    }

    pub(crate) fn failed(error: impl Into<anyhow::Error>) -> Self {
        Self::from(Verdict::Failed(error.into()))
    }

    /// A negative answer, which an error may have become.
    pub(crate) fn negative<R: Negative>(answer: R) -> Self {
        let error = answer.error();
        let mut outcome = Self::reply(answer);
        if let Some(error) = error {
            outcome.verdict = Verdict::Failed(error);
        }
        outcome
    }

    /// This message is the answer, once it is completed.
    pub(crate) fn message(reply: Message) -> Self {
        Self {
            reply: Some(reply),
            verdict: Verdict::default(),
        }
    }

    pub(crate) fn reply<R: Reply>(reply: R) -> Self {
        Self::message(draft(reply))
    }
}

impl From<Verdict> for Outcome {
    fn from(verdict: Verdict) -> Self {
        Self {
            reply: None,
            verdict,
        }
    }
}

impl From<Flow> for Outcome {
    fn from(flow: Flow) -> Self {
        Self::from(Verdict::Flow(flow))
    }
}

/// What `#[on_start]` and `#[on_stop]` may return: nothing, or a `Result<(), E>`.
#[diagnostic::on_unimplemented(
    message = "a hook cannot return `{Self}`",
    label = "expected nothing, or `peak::Result<()>`"
)]
pub trait HookReturn {
    #[doc(hidden)]
    fn into_outcome(self) -> Outcome;
}

/// What a behaviour may return: nothing, a [`Flow`], or a `Result` of these.
#[diagnostic::on_unimplemented(
    message = "a behaviour cannot return `{Self}`",
    label = "expected nothing, `Flow`, `peak::Result<()>` or `peak::Result<Flow>`",
    note = "a behaviour answers nobody; a function that answers messages is marked `#[on_message(…)]`"
)]
pub trait BehaviourReturn {
    #[doc(hidden)]
    fn into_outcome(self) -> Outcome;
}

/// What a handler may return: an answer (see [`reply`](crate::reply)), a [`Message`], nothing, a
/// [`Flow`], an `Option` or a `Result` of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the answer to a message",
    label = "expected an answer such as `Inform(…)`, `Agree` or `Refuse`, or nothing",
    note = "the content of an answer is `()`, text or `Json(value)`, where the value's type has \
            `#[derive(Clone, serde::Serialize, serde::Deserialize)]`",
    note = "the error side of a `Result` is a negative answer such as `Refuse`, or an error such \
            as `peak::Error`; text is neither: `Refuse::new(text)` says it"
)]
pub trait IntoReply {
    #[doc(hidden)]
    fn into_outcome(self) -> Outcome;
}

/// What a handler that observes, or whose messages FIPA does not answer, may return: nothing, a
/// [`Flow`], or a `Result` of these.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is an answer, and this handler gives none",
    label = "expected nothing, `Flow`, `peak::Result<()>` or `peak::Result<Flow>`",
    note = "`inform`, `failure`, `refuse`, `not-understood` and the like end an exchange (FIPA \
            SC00037); to start another one, send a message with `ctx.send(…)`",
    note = "an observing handler lets the message go on; the one that takes it answers"
)]
pub trait NoReply: IntoReply {}

/// What can stand on the error side of a handler's `Result`: a negative answer, or an error.
///
/// An error is logged, and answered `failure` if the message wanted an answer.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a handler",
    label = "expected a negative answer such as `Refuse`, or an error such as `peak::Error`",
    note = "text is neither: `Refuse::new(text)` answers with it"
)]
pub trait HandlerError {
    #[doc(hidden)]
    fn into_outcome(self) -> Outcome;
}

impl<E: Into<anyhow::Error>> HandlerError for E {
    fn into_outcome(self) -> Outcome {
        Outcome::failed(self)
    }
}

macro_rules! negative_answers {
    ($($name:ident)*) => {$(
        impl HandlerError for $name {
            fn into_outcome(self) -> Outcome {
                Outcome::negative(self)
            }
        }
    )*};
}

negative_answers! { Failure NotUnderstood Refuse RejectProposal }

impl HookReturn for () {
    fn into_outcome(self) -> Outcome {
        Outcome::default()
    }
}

impl<E: Into<anyhow::Error>> HookReturn for Result<(), E> {
    fn into_outcome(self) -> Outcome {
        self.map_or_else(Outcome::failed, |()| Outcome::default())
    }
}

impl BehaviourReturn for () {
    fn into_outcome(self) -> Outcome {
        Outcome::default()
    }
}

impl BehaviourReturn for Flow {
    fn into_outcome(self) -> Outcome {
        self.into()
    }
}

impl<R: BehaviourReturn, E: Into<anyhow::Error>> BehaviourReturn for Result<R, E> {
    fn into_outcome(self) -> Outcome {
        self.map_or_else(Outcome::failed, BehaviourReturn::into_outcome)
    }
}

impl<R: Reply> IntoReply for R {
    fn into_outcome(self) -> Outcome {
        Outcome::reply(self)
    }
}

impl IntoReply for Message {
    fn into_outcome(self) -> Outcome {
        Outcome::message(self)
    }
}

impl IntoReply for () {
    fn into_outcome(self) -> Outcome {
        Outcome::default()
    }
}

impl IntoReply for Flow {
    fn into_outcome(self) -> Outcome {
        self.into()
    }
}

impl<R: IntoReply> IntoReply for Option<R> {
    fn into_outcome(self) -> Outcome {
        self.map_or_else(Outcome::default, IntoReply::into_outcome)
    }
}

impl<R: IntoReply, E: HandlerError> IntoReply for Result<R, E> {
    fn into_outcome(self) -> Outcome {
        self.map_or_else(HandlerError::into_outcome, IntoReply::into_outcome)
    }
}

impl NoReply for () {}
impl NoReply for Flow {}
impl<R: NoReply, E: Into<anyhow::Error>> NoReply for Result<R, E> {}
