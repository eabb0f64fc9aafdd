//! FIPA's Propose (SC00036): I would do this; do you want that?
//!
//! [`Context::propose`](crate::Context::propose) is the initiator, an awaited call; [`Participant`] is the other side.

mod initiator;
mod participant;

pub use initiator::{Proposed, Proposing};
pub use participant::{Listed, Participant, play};

/// The token of the protocol.
const TOKEN: &str = "fipa-propose";
