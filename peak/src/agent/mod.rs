//! Agents: what the attributes make of a struct and its functions, and how it lives.

mod alarm;
mod answer;
mod contacts;
mod context;
mod core;
mod ending;
mod extract;
mod handle;
mod kind;
mod life;
mod local;
mod machine;
mod outcome;
mod own_task;
mod params;
mod registry;
mod role;
mod services;
mod spans;
mod spawn;
mod speaker;
mod task;
mod wired;
mod wiring;

pub(crate) use self::core::OwnWork;
pub use contacts::Contacts;
pub use context::{Context, RequestError};
pub use extract::{FromContext, FromMessage, Metadata, Rejection, Sender, Text, Thread};
pub use handle::{AgentHandle, AgentReport, Failure, Report};
pub use kind::{AnyKind, ParamKind, Probe};
pub use machine::{Held, IntoStep, LeadsTo, MayEnd, Next, Step, StepOutcome};
pub use outcome::{BehaviourReturn, HandlerError, HookReturn, IntoReply, NoReply, Outcome};
#[cfg(feature = "dataset")]
pub(crate) use params::About;
pub use params::{Initial, Param, ParamErrors, ParamSpec, ParamValues, Params};
#[cfg(feature = "cli")]
pub(crate) use registry::plain;
pub use registry::{AgentType, UnknownAgentType};
pub(crate) use role::{Part, Playing};
#[cfg(feature = "cli")]
pub(crate) use services::{Counts, Watch};
pub(crate) use services::{Limits, Services};
#[cfg(feature = "otel")]
pub(crate) use spans::{Carrier, Role, carry};
pub use spawn::SpawnError;
pub(crate) use spawn::spawn;
#[cfg(feature = "cli")]
pub(crate) use speaker::speaker;
pub use wiring::{Behaviour, Wiring};

/// A generator of random numbers, see [`Context::rng`]. It gives the same numbers for the same seed
/// on every machine.
pub type AgentRng = rand_xoshiro::Xoshiro256PlusPlus;

/// A type that `#[agent]` stands on twice: on its struct and on one of its impls.
///
/// There is nothing to implement by hand.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an agent",
    label = "this type is not an agent",
    note = "write `#[agent]` above its struct, and above one `impl {Self} {{ … }}`"
)]
pub trait Agent: AgentStruct + AllHandlersStandInOneAgentImpl {}

impl<T: AgentStruct + AllHandlersStandInOneAgentImpl> Agent for T {}

/// What `#[agent]` on a struct implements.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has an `#[agent] impl`, but no `#[agent]` on its struct",
    label = "write `#[agent]` above `struct {Self}` as well"
)]
#[doc(hidden)]
pub trait AgentStruct: Sized + Send + 'static {
    /// The name in the registry.
    const NAME: &'static str;
    /// The documentation of the struct.
    const DOC: &'static str;
    /// The source file that the struct stands in, as the compiler was given it.
    const FILE: &'static str;
    /// Its parameters, in the order written.
    const PARAMS: &'static [ParamSpec];

    /// An agent with these parameters.
    fn from_params(params: Params<'_>) -> Result<Self, ParamErrors>;
}

/// What `#[agent]` on an impl implements. A type has one such impl: a second one is a conflict, which
/// the compiler reports with no words but the name of the trait, so the name says what to do.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has `#[agent]` on its struct, but no `#[agent] impl`",
    label = "write `#[agent] impl {Self} {{ … }}`; it may be empty"
)]
#[doc(hidden)]
pub trait AllHandlersStandInOneAgentImpl: AgentStruct {
    /// What the registry knows of this type.
    const TYPE: AgentType = AgentType::of::<Self>();

    /// Tells the runtime of every handler and behaviour.
    fn wiring(wiring: &mut Wiring<Self>);
}
