//! FIPA's interaction protocols, as the one who begins them sees them: an awaited call, whose value says
//! who answered what.
//!
//! [`Context::achieve`](crate::Context::achieve) is Request, Query and Request-When;
//! [`Context::contract_net`](crate::Context::contract_net) is the Contract Net.

mod achieve;
mod contract_net;
mod misfit;
mod participants;

pub use achieve::{Achieve, Achieved, NoSuchProtocol};
pub use contract_net::{Awarded, CallForProposals, NotAProposer, Proposals};
