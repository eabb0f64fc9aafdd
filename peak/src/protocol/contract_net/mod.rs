//! FIPA's Contract Net (SC00029) and Iterated Contract Net (SC00030): who offers to do this, and how?
//!
//! [`Context::contract_net`](crate::Context::contract_net) is the initiator, an awaited call;
//! [`Participant`] is the other side.

mod award;
mod initiator;
mod participant;

pub use award::{Award, Awarded};
pub use initiator::{CallForProposals, Iterated, NotAProposer, Once, Proposals};
pub use participant::{Bid, Call, Listed, Lost, Participant, play};

/// The tokens of the protocols.
const ONCE: &str = "fipa-contract-net";
const ITERATED: &str = "fipa-iterated-contract-net";
