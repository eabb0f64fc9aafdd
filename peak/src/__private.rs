//! What generated code calls. Nothing here is for people, and all of it may change.

pub use inventory;
pub use peak_macros::template_impl;

pub use crate::agent::{
    AgentStruct, AllHandlersStandInOneAgentImpl, AnyKind, Initial, Outcome, ParamErrors, ParamKind,
    ParamSpec, Params, Probe, Wiring,
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
