//! FIPA's interaction protocols. Who begins one writes an awaited call, whose value says who answered what; who takes
//! part implements a trait, and says so with `#[agent(plays(…))]`.
//!
//! | protocol | initiator | participant |
//! | --- | --- | --- |
//! | Request | [`Context::achieve`](crate::Context::achieve) | [`request::Participant`] |
//! | Query | [`Context::achieve`](crate::Context::achieve) | [`query::Participant`] |
//! | Request-When | [`Context::achieve`](crate::Context::achieve) | [`request_when::Participant`] |
//! | Contract Net, iterated too | [`Context::contract_net`](crate::Context::contract_net) | [`contract_net::Participant`] |
//! | Propose | [`Context::propose`](crate::Context::propose) | [`propose::Participant`] |
//! | Subscribe | [`Context::subscribe_to`](crate::Context::subscribe_to) | [`subscribe::Participant`] |
//! | English auction | [`Context::english_auction`](crate::Context::english_auction) | [`auction::Participant`] |
//! | Dutch auction | [`Context::dutch_auction`](crate::Context::dutch_auction) | [`auction::Participant`] |
//! | Brokering | [`Context::broker`](crate::Context::broker) | [`brokering::Participant`] |
//! | Recruiting | [`Context::recruit`](crate::Context::recruit) | [`brokering::Participant`] |

mod achieve;
mod asked;
pub mod auction;
pub mod brokering;
mod cancel;
pub mod contract_net;
mod conversations;
mod lapses;
mod misfit;
mod participants;
mod performing;
pub mod propose;
pub mod query;
pub mod request;
pub mod request_when;
pub mod subscribe;
mod talk;
mod work;

pub use achieve::{Achieve, Achieved, NoSuchProtocol};
pub use asked::Asked;
pub use cancel::Cancelled;
pub use talk::Unreachable;

/// The tokens of protocols that begin with a request or a question.
const REQUEST: &str = "fipa-request";
const QUERY: &str = "fipa-query";
const REQUEST_WHEN: &str = "fipa-request-when";
