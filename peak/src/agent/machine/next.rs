//! Where a function of a state leads.

use std::any::{Any, TypeId};
use std::fmt;
use std::marker::PhantomData;

use crate::agent::outcome::{Outcome, Verdict};
use crate::agent::{IntoReply, Rejection};
use crate::message::reply::Reply;

/// Where a state machine goes on from its state `S`: what a function with
/// `#[behaviour(fsm(S), next(…))]` returns.
///
/// ```
/// use peak::Next;
/// use peak::prelude::*;
///
/// #[derive(Default)]
/// struct Asking;
/// struct Answered {
///     text: String,
/// }
///
/// #[agent]
/// struct Curious;
///
/// #[agent]
/// impl Curious {
///     #[behaviour(fsm(Asking), initial, next(Answered))]
///     async fn ask(ctx: Context<Self>) -> peak::Result<Next<Asking>> {
///         let answer = ctx.request(Message::query_ref("oracle@localhost"), "5s").await?;
///         let text = answer.body().unwrap_or_default().to_owned();
///         Ok(Next::to(Answered { text }))
///     }
///
///     #[behaviour(fsm(Answered), end)]
///     async fn tell(&mut self, answer: Answered) {
///         println!("{}", answer.text);
///     }
/// }
/// ```
pub struct Next<S> {
    then: Then,
    from: PhantomData<fn() -> S>,
}

impl<S: 'static> Next<S> {
    /// To this state. It is one that the attribute names in `next(…)`.
    pub fn to<T: Send + 'static>(state: T) -> Self
    where
        S: LeadsTo<T>,
    {
        Self {
            then: Then::Go(Arrival::new(state)),
            from: PhantomData,
        }
    }

    /// The machine ends. The attribute says `end`.
    pub fn end() -> Self
    where
        S: MayEnd,
    {
        Self::exit(0)
    }

    /// The same, with this exit code.
    pub fn exit(code: i32) -> Self
    where
        S: MayEnd,
    {
        Self {
            then: Then::End(code),
            from: PhantomData,
        }
    }
}

impl<S> fmt::Debug for Next<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.then.fmt(f)
    }
}

/// That a state leads to `T`: what `next(T)` says.
#[diagnostic::on_unimplemented(
    message = "the state `{Self}` does not lead to `{T}`",
    label = "this way is not declared",
    note = "declare it at a function of `{Self}`: `#[behaviour(fsm({Self}), next({T}, …))]`"
)]
pub trait LeadsTo<T> {}

/// That a machine may end in a state: what `end` says.
#[diagnostic::on_unimplemented(
    message = "the machine does not end in the state `{Self}`",
    label = "that is not declared",
    note = "declare it at a function of `{Self}`: `#[behaviour(fsm({Self}), end, …)]`"
)]
pub trait MayEnd {}

/// A state that a machine comes to.
pub(crate) struct Arrival {
    pub(crate) state: Box<dyn Any + Send>,
    pub(crate) id: TypeId,
    name: &'static str,
}

impl Arrival {
    fn new<T: Send + 'static>(state: T) -> Self {
        Self {
            state: Box::new(state),
            id: TypeId::of::<T>(),
            name: std::any::type_name::<T>(),
        }
    }

    /// The name of its type, with its path.
    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

impl fmt::Debug for Arrival {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// What a machine does after a function.
#[derive(Debug)]
pub(crate) enum Then {
    /// It stays in the state.
    Stay,
    Go(Arrival),
    End(i32),
}

/// What a function of a state came to.
#[doc(hidden)]
#[derive(Debug)]
pub struct StepOutcome {
    pub(crate) outcome: Outcome,
    pub(crate) then: Then,
}

impl StepOutcome {
    fn new(outcome: Outcome, then: Then) -> Self {
        Self { outcome, then }
    }

    /// An argument could not be taken from the message: it stays where it is.
    pub fn rejected(rejection: Rejection) -> Self {
        Self::new(Outcome::rejected(rejection), Then::Stay)
    }

    /// It stays where it is, unless it says that it ends.
    pub(crate) fn staying(outcome: Outcome) -> Self {
        let then = match &outcome.verdict {
            Verdict::Flow(flow) => flow.exit_code().map_or(Then::Stay, Then::End),
            Verdict::Failed(_) | Verdict::Rejected(_) => Then::Stay,
        };
        Self::new(outcome, then)
    }

    /// It ends, whatever it says, with its exit code.
    pub(crate) fn ending(outcome: Outcome) -> Self {
        let code = match &outcome.verdict {
            Verdict::Flow(flow) => flow.exit_code().unwrap_or(0),
            Verdict::Failed(_) | Verdict::Rejected(_) => 0,
        };
        Self::new(outcome, Then::End(code))
    }
}

/// What a function of the state `S` that leads elsewhere may return: [`Next<S>`](Next), an answer and
/// that, or a `Result` of these.
#[diagnostic::on_unimplemented(
    message = "a function that leads from the state `{S}` to another cannot return `{Self}`",
    label = "expected `Next<{S}>` or `peak::Result<Next<{S}>>`",
    note = "a function that takes a message may answer it: `(Inform(…), Next<{S}>)`"
)]
pub trait IntoStep<S> {
    #[doc(hidden)]
    fn into_step(self) -> StepOutcome;
}

impl<S> IntoStep<S> for Next<S> {
    fn into_step(self) -> StepOutcome {
        StepOutcome::new(Outcome::default(), self.then)
    }
}

impl<S, R: Reply> IntoStep<S> for (R, Next<S>) {
    fn into_step(self) -> StepOutcome {
        StepOutcome::new(self.0.into_outcome(), self.1.then)
    }
}

impl<S, T: IntoStep<S>, E: Into<anyhow::Error>> IntoStep<S> for Result<T, E> {
    fn into_step(self) -> StepOutcome {
        match self {
            Ok(step) => step.into_step(),
            Err(error) => StepOutcome::new(Verdict::Failed(error.into()).into(), Then::Stay),
        }
    }
}
