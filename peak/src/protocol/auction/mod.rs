//! FIPA's English auction (XC00031) and Dutch auction (XC00032): who pays most for this?
//!
//! [`Context::english_auction`](crate::Context::english_auction) and
//! [`Context::dutch_auction`](crate::Context::dutch_auction) are the auctioneer, awaited calls; [`Participant`] is a
//! bidder in both.
//!
//! A price is an `f64`, and always finite; in messages it is `{"price": 12.5}`. Prices that are called are rounded to
//! nine digits behind the point. Whoever needs to be exact beyond that counts in a smaller unit.

mod auctioned;
mod bidder;
mod content;
mod floor;
mod initiator;
mod participant;
mod settling;
mod terms;

use std::fmt;

pub use auctioned::{Auctioned, Round};
pub use bidder::play;
pub use content::Sale;
pub use initiator::Auction;
pub use participant::{Closed, Decision, Listed, Lot, Participant};
pub use terms::TermsError;

/// Which way the price goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The price rises until nobody bids any more (FIPA XC00031).
    English,
    /// The price falls until somebody bids (FIPA XC00032).
    Dutch,
}

impl Kind {
    const ALL: [Self; 2] = [Self::English, Self::Dutch];

    /// The token of the protocol.
    pub fn protocol(self) -> &'static str {
        match self {
            Self::English => "fipa-auction-english",
            Self::Dutch => "fipa-auction-dutch",
        }
    }

    /// The one with this token.
    fn of(protocol: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.protocol() == protocol)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::English => "English auction",
            Self::Dutch => "Dutch auction",
        })
    }
}
