//! What generated code calls. Nothing here is for people, and all of it may change.

pub use inventory;
pub use peak_macros::template_impl;

pub use crate::agent::{
    AgentStruct, AllHandlersStandInOneAgentImpl, AnyKind, Held, Initial, IntoStep, LeadsTo, MayEnd,
    Outcome, ParamErrors, ParamKind, ParamSpec, Params, Probe, Step, StepOutcome, Wiring,
};
pub use crate::behaviour::Schedule;
#[cfg(feature = "cli")]
pub use crate::launch::{mas::compiled as mas, run_with, tool, writing};
pub use crate::message::Topics;
pub use crate::network::BoxFuture;
#[cfg(feature = "cli")]
pub use peak_macros::mas_impl;

use crate::agent::{
    BehaviourReturn, FromContext, FromMessage, HookReturn, IntoReply, NoReply, Rejection,
};
use crate::{Context, Jid, Message};

/// The start of a field that is no parameter.
pub fn initial<T: Initial>() -> T {
    T::initial()
}

/// Takes an argument out of a message.
pub fn from_message<'a, A, T: FromMessage<'a, A>>(
    ctx: &'a Context<A>,
    message: &'a Message,
) -> Result<T, Rejection> {
    T::from_message(ctx, message)
}

/// Takes an argument of a behaviour or a hook.
pub fn from_context<'a, A, T: FromContext<'a, A>>(ctx: &'a Context<A>) -> T {
    T::from_context(ctx)
}

/// What a hook's value means.
pub fn hook_outcome<R: HookReturn>(value: R) -> Outcome {
    value.into_outcome()
}

/// What a behaviour's value means.
pub fn behaviour_outcome<R: BehaviourReturn>(value: R) -> Outcome {
    value.into_outcome()
}

/// What a handler's value means.
pub fn handler_outcome<R: IntoReply>(value: R) -> Outcome {
    value.into_outcome()
}

/// What the value of a handler means whose messages are not answered.
pub fn silent_outcome<R: NoReply>(value: R) -> Outcome {
    value.into_outcome()
}

/// Runs a function that computes for long where it keeps no agent from anything. What it panics with
/// is its behaviour's panic; if the behaviour is killed, it computes to its end, and nobody hears of it.
pub fn blocking(run: impl FnOnce() -> Outcome + Send + 'static) -> BoxFuture<'static, Outcome> {
    Box::pin(async {
        match tokio::task::spawn_blocking(run).await {
            Ok(outcome) => outcome,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // The runtime shuts down, and the behaviour with it.
                Err(_) => std::future::pending().await,
            },
        }
    })
}

/// What the value of a function of the state `S` means that leads to another.
pub fn leading<S, R: IntoStep<S>>(value: R) -> StepOutcome {
    value.into_step()
}

/// What the value of a function means with which a machine ends, if it has no message.
pub fn ending<R: BehaviourReturn>(value: R) -> StepOutcome {
    StepOutcome::ending(value.into_outcome())
}

/// The same, if it has one.
pub fn ending_with_answer<R: IntoReply>(value: R) -> StepOutcome {
    StepOutcome::ending(value.into_outcome())
}

/// What the value of a function means that handles a message and stays in its state.
pub fn staying<R: IntoReply>(value: R) -> StepOutcome {
    StepOutcome::staying(value.into_outcome())
}

/// What the value of a function means that enters or leaves a state.
pub fn hooked<R: HookReturn>(value: R) -> StepOutcome {
    StepOutcome::staying(value.into_outcome())
}

/// The message of a function of a state that runs when one comes.
///
/// # Panics
///
/// If there is none, which the runtime sees to.
pub fn given(message: Option<Message>) -> Message {
    match message {
        Some(message) => message,
        None => panic!("a function that handles messages was called without one"),
    }
}

/// The initial state of a machine, by its default.
#[diagnostic::on_unimplemented(
    message = "the initial state `{Self}` has no value to begin with",
    label = "it begins as `Default::default()`, which `{Self}` does not have",
    note = "derive it, `#[derive(Default)]`, or say how it begins: `initial = …`"
)]
pub trait InitialState: Sized {
    fn initial_state() -> Self;
}

impl<T: Default> InitialState for T {
    fn initial_state() -> Self {
        T::default()
    }
}

/// The same, as a call.
pub fn initial_state<S: InitialState>() -> S {
    S::initial_state()
}

/// An address that was checked when the program was compiled.
///
/// # Panics
///
/// If it was not.
pub fn jid(text: &'static str) -> Jid {
    match text.parse() {
        Ok(jid) => jid,
        Err(error) => panic!("an address that the macro had checked: {error}"),
    }
}

/// Enters an agent type into the registry.
#[macro_export]
#[doc(hidden)]
macro_rules! __register {
    ($agent:ty) => {
        $crate::__private::inventory::submit! {
            <$agent as $crate::__private::AllHandlersStandInOneAgentImpl>::TYPE
        }
    };
}

pub use crate::__register as register;
