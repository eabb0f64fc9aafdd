//! Behaviours: what an agent does besides answering, and how that begins, goes on and ends.

mod backoff;
pub mod compose;
mod flow;
mod guard;
mod handle;

pub use flow::{Exit, Flow, Schedule};
#[cfg(feature = "cli")]
pub(crate) use guard::catches_panics;
pub(crate) use guard::{Ran, catch_panics, caught, guarded, poll_caught};
pub(crate) use handle::Cell;
pub use handle::{BehaviourHandle, JoinError, PeriodError, UnknownBehaviour};
