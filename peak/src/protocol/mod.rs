//! FIPA's interaction protocols, as the one who begins them sees them: an awaited call, whose value says
//! who answered what.
//!
//! [`Context::contract_net`](crate::Context::contract_net) is the first of them.

mod contract_net;
mod participants;

pub use contract_net::{Awarded, CallForProposals, NotAProposer, Proposals};
