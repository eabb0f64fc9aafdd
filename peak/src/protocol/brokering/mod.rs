//! FIPA's Brokering (SC00033) and Recruiting (SC00034): somebody who knows who can do it passes a message on.
//!
//! [`Context::broker`](crate::Context::broker) and [`Context::recruit`](crate::Context::recruit) are the initiator,
//! awaited calls; [`Participant`] is the broker. A broker that brokers asks those it has found, and relays what they
//! answer; one that recruits has them answer the initiator, or somebody else, themselves.

mod answers;
mod initiator;
mod participant;
mod passing;
mod proxy;
mod recruitment;
mod recruits;

pub use answers::{Answers, Brokered};
pub use initiator::{Brokerage, Direct, Relayed};
pub use participant::{Listed, Participant, play};
pub use proxy::{Enclosed, NotPassedOn, Proxy};

/// The tokens of the protocols.
const BROKERING: &str = "fipa-brokering";
const RECRUITING: &str = "fipa-recruiting";
