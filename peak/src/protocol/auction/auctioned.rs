//! What became of an auction.

use super::content::Sale;
use crate::message::{Jid, Message};
use crate::protocol::{Achieved, Cancelled, Unreachable};

/// What became of an auction: see [`Context::english_auction`](crate::Context::english_auction).
#[derive(Debug, Default)]
#[must_use = "it may not have been sold"]
pub struct Auctioned {
    pub(super) sale: Option<Sale>,
    pub(super) settled: Option<Achieved>,
    pub(super) rounds: Vec<Round>,
    pub(super) left: Vec<Message>,
    pub(super) not_understood: Vec<Message>,
    pub(super) broken: Vec<Message>,
    pub(super) late: Vec<Jid>,
    pub(super) silent: Vec<Jid>,
    pub(super) unreachable: Vec<Unreachable>,
    pub(super) cancelled: Vec<(Jid, Cancelled)>,
}

/// One price that was called, and what came of that.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Round {
    /// The price.
    pub price: f64,
    /// How many have bid it in time.
    pub bids: usize,
    /// Whose bid was accepted: the account.
    pub accepted: Option<Jid>,
}

impl Auctioned {
    /// Who has won, as an account; `None` if it was not sold.
    pub fn winner(&self) -> Option<&Jid> {
        self.sale.as_ref().map(|sale| &sale.winner)
    }

    /// What it was sold for; `None` if it was not.
    pub fn price(&self) -> Option<f64> {
        self.sale.as_ref().map(|sale| sale.price)
    }

    /// What the winner made of the request to do what was agreed; `None` if it was not sold.
    ///
    /// If that is late, the winner is told that nobody waits for it any more (`cancel`).
    pub fn settled(&self) -> Option<&Achieved> {
        self.settled.as_ref()
    }

    /// All prices that were called, in their order.
    pub fn rounds(&self) -> &[Round] {
        &self.rounds
    }

    /// Who took no part, or left before the end, in their words: messages `refuse` that answer the start, and
    /// `failure`.
    pub fn left(&self) -> &[Message] {
        &self.left
    }

    /// Who did not understand. They were not called again.
    pub fn not_understood(&self) -> &[Message] {
        &self.not_understood
    }

    /// What had no place there, in the words of who said it. They were told so and were not called again, and what they
    /// had bid was void.
    pub fn broken(&self) -> &[Message] {
        &self.broken
    }

    /// Whose bid came when its round was over, at least once, as accounts. Such bids are rejected.
    pub fn late(&self) -> &[Jid] {
        &self.late
    }

    /// Who was reached, as far as is known, and has never said anything. Each of them has every round last its whole
    /// time.
    pub fn silent(&self) -> &[Jid] {
        &self.silent
    }

    /// Who was not reached, or not any more.
    pub fn unreachable(&self) -> &[Unreachable] {
        &self.unreachable
    }

    /// With whom it was [cancelled](super::Auction::cancel_on) before it was decided, and what they said to that.
    pub fn cancelled(&self) -> &[(Jid, Cancelled)] {
        &self.cancelled
    }
}
