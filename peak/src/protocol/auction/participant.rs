//! What a bidder is.

use std::fmt;
use std::ops::Deref;
use std::time::Duration;

use super::{Kind, Sale};
use crate::agent::{Agent, Context, FromMessage};
use crate::message::IntoBody;
use crate::message::reply::{Failure, Refuse};
use crate::protocol::Asked;

/// Takes part in auctions, English and Dutch: bids or passes when a price is called; if it wins, does what was agreed.
///
/// The agent says that it plays this part with `#[agent(plays(auction))]`. Its types are the contents of the messages:
/// `()`, text, or [`Json`](crate::Json).
///
/// ```
/// use peak::prelude::*;
/// use peak::protocol::auction::{self, Decision, Lot};
///
/// #[agent]
/// struct Collector {
///     limit: f64,
/// }
///
/// #[agent(plays(auction))]
/// impl Collector {}
///
/// impl auction::Participant for Collector {
///     type Item = Text;
///     type Outcome = String;
///
///     async fn opened(&mut self, _: &Context<Self>, lot: &Lot<Text>) -> Result<(), Refuse> {
///         match lot.0.as_str() {
///             "a painting" => Ok(()),
///             _ => Err(Refuse::new("only paintings")),
///         }
///     }
///
///     async fn called(&mut self, _: &Context<Self>, _: &Lot<Text>, price: f64) -> Decision {
///         Decision::bid_if(price <= self.limit)
///     }
///
///     async fn won(_: Context<Self>, lot: Lot<Text>, price: f64) -> Result<String, Failure> {
///         Ok(format!("{price} paid for {}", lot.0))
///     }
/// }
/// ```
///
/// In both kinds of auction the same function decides: [`Lot::kind`] tells which way the price goes. Calls whose
/// `reply-by` is past are refused, and so is a bid that is late when it is decided. An agent that leads is not asked
/// whether it outbids itself. Messages that have no place where an auction stands are answered `not-understood`, and the
/// agent takes no part in it any more.
#[diagnostic::on_unimplemented(
    message = "`{Self}` plays `auction`, but does not implement it",
    label = "write `impl peak::protocol::auction::Participant for {Self} {{ … }}`"
)]
pub trait Participant: Agent + Listed {
    /// What is sold, as it stands in the start of an auction. A start without such content is answered
    /// `not-understood`.
    type Item: for<'a> FromMessage<'a, Self> + Send + Sync + 'static;

    /// What is told when it has done what was agreed.
    type Outcome: IntoBody + Send + 'static;

    /// After how long without a word of the auctioneer it takes no part any more: ten minutes.
    const PATIENCE: Duration = Duration::from_secs(10 * 60);

    /// An auction begins: takes part, which it does unless this is written, or refuses, and hears no more of it.
    fn opened(
        &mut self,
        ctx: &Context<Self>,
        lot: &Lot<Self::Item>,
    ) -> impl Future<Output = Result<(), Refuse>> + Send {
        let _ = (ctx, lot);
        std::future::ready(Ok(()))
    }

    /// A price is called: pays it, or not.
    fn called(
        &mut self,
        ctx: &Context<Self>,
        lot: &Lot<Self::Item>,
        price: f64,
    ) -> impl Future<Output = Decision> + Send;

    /// Its bid is accepted: it leads, and in a Dutch auction has won. Unless this is written, nothing happens.
    fn leads(
        &mut self,
        ctx: &Context<Self>,
        lot: &Lot<Self::Item>,
        price: f64,
    ) -> impl Future<Output = ()> + Send {
        let _ = (ctx, lot, price);
        std::future::ready(())
    }

    /// It led with this price, and somebody has bid more; next it is called again. It learns of that from the second
    /// call after its bid: the first is the one in which the other has bid. Unless this is written, nothing happens.
    fn outbid(
        &mut self,
        ctx: &Context<Self>,
        lot: &Lot<Self::Item>,
        price: f64,
    ) -> impl Future<Output = ()> + Send {
        let _ = (ctx, lot, price);
        std::future::ready(())
    }

    /// The auction is over for this agent. Unless this is written, nothing happens.
    ///
    /// Agents that have refused or left are not told.
    fn closed(
        &mut self,
        ctx: &Context<Self>,
        lot: &Lot<Self::Item>,
        end: Closed,
    ) -> impl Future<Output = ()> + Send {
        let _ = (ctx, lot, end);
        std::future::ready(())
    }

    /// It has won, and is to do what was agreed, for instance to pay: does it, beside the agent. Ended where it waits if
    /// the auctioneer cancels it.
    fn won(
        ctx: Context<Self>,
        lot: Lot<Self::Item>,
        price: f64,
    ) -> impl Future<Output = Result<Self::Outcome, Failure>> + Send;

    /// What it does as the winner is cancelled: undoes it, or says why that is not possible; then it goes on. Unless this
    /// is written, it is ended where it waits, and nothing else happens.
    fn cancelled(
        &mut self,
        ctx: &Context<Self>,
        lot: &Lot<Self::Item>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = (ctx, lot);
        std::future::ready(Ok(()))
    }
}

/// What `#[agent(plays(auction))]` implements.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` implements `auction::Participant`, but does not say that it plays it",
    label = "write `#[agent(plays(auction))]` above `impl {Self}`"
)]
pub trait Listed {}

/// What a bidder says to a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It pays the price: a `propose`.
    Bid,
    /// It does not pay the price, perhaps the next one: a `refuse`.
    Pass,
    /// It wants to hear no more of this auction: a `refuse` that answers the start. Who has many bidders, and an English
    /// auction, is glad of that.
    Leave,
}

impl Decision {
    /// [`Bid`](Self::Bid) if so, else [`Pass`](Self::Pass).
    pub fn bid_if(condition: bool) -> Self {
        if condition { Self::Bid } else { Self::Pass }
    }
}

/// What is sold in an auction: see [`Participant::opened`].
pub struct Lot<T> {
    asked: Asked<T>,
    kind: Kind,
}

impl<T> Lot<T> {
    pub(super) fn new(asked: Asked<T>, kind: Kind) -> Self {
        Self { asked, kind }
    }

    /// Which way the price goes.
    pub fn kind(&self) -> Kind {
        self.kind
    }
}

impl<T> Deref for Lot<T> {
    type Target = Asked<T>;

    fn deref(&self) -> &Asked<T> {
        &self.asked
    }
}

impl<T> Clone for Lot<T> {
    fn clone(&self) -> Self {
        Self {
            asked: self.asked.clone(),
            kind: self.kind,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Lot<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Lot")
            .field("asked", &self.asked)
            .field("kind", &self.kind)
            .finish()
    }
}

/// How an auction has ended for a bidder.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Closed {
    /// The agent has won: [`Participant::won`] follows.
    Won {
        /// What it pays.
        price: f64,
    },
    /// Another one has won.
    Sold(Sale),
    /// Nobody has won.
    Unsold,
    /// The auctioneer has called it off.
    Cancelled,
    /// Nothing was heard for as long as the agent [waits](Participant::PATIENCE).
    Lapsed,
    /// The auctioneer did not understand, or said something that has no place there.
    Broken,
}

impl fmt::Display for Closed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Won { price } => write!(f, "won for {price}"),
            Self::Sold(sale) => write!(f, "sold to {} for {}", sale.winner, sale.price),
            Self::Unsold => f.write_str("not sold"),
            Self::Cancelled => f.write_str("cancelled by the auctioneer"),
            Self::Lapsed => f.write_str("nothing was heard"),
            Self::Broken => f.write_str("the auctioneer broke off"),
        }
    }
}
