//! FIPA's Subscribe (SC00035): to be told something whenever there is news of it.
//!
//! [`Context::subscribe_to`](crate::Context::subscribe_to) is the initiator, who is told; [`Participant`] is the other
//! side, who publishes.

mod feed;
mod initiator;
mod participant;
mod publish;

pub use feed::{Feed, Told};
pub use initiator::{Subscribe, Subscribed};
pub use participant::{Ended, Listed, Participant, play};

/// The token of the protocol.
const TOKEN: &str = "fipa-subscribe";
