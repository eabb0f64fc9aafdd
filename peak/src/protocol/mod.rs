//! FIPA's interaction protocols, as the one who begins them sees them: an awaited call, whose value says
//! who answered what.
//!
//! [`Context::achieve`](crate::Context::achieve) is Request, Query and Request-When;
//! [`Context::contract_net`](crate::Context::contract_net) is the Contract Net;
//! [`Context::subscribe_to`](crate::Context::subscribe_to) is Subscribe;
//! [`Context::propose`](crate::Context::propose) is Propose.
//! [`Context::english_auction`](crate::Context::english_auction) and
//! [`Context::dutch_auction`](crate::Context::dutch_auction) are the auctions.

mod achieve;
mod asked;
pub mod auction;
mod cancel;
pub mod contract_net;
mod conversations;
mod lapses;
mod misfit;
mod participants;
pub mod propose;
pub mod subscribe;
mod talk;
mod work;

pub use achieve::{Achieve, Achieved, NoSuchProtocol};
pub use asked::Asked;
pub use cancel::Cancelled;
pub use talk::Unreachable;
