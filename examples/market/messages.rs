//! What the members of the market say to each other.
//!
//! | from | to | message | answer |
//! | --- | --- | --- | --- |
//! | clock | seller | `request`, "quarter": a [`Quarter`] begins | |
//! | clock | household | `request`, "quarter": the same | `inform`: [`Progress::Done`] |
//! | household | seller | `query-ref`: what is the price? | `inform`: a [`Price`]; or `refuse` |
//! | household | seller | `accept-proposal`: an [`Order`] | later: `confirm` with the bill, a [`Money`]; or `refuse` |
//! | seller | clock | `inform`: [`Progress::Ordered`] | |
//! | clock | seller | `request`, "clearing": a [`Clearing`] of orders | |
//! | household | seller | `inform`: a payment, a [`Money`] | |
//! | clock | seller | `query-ref`, "books" | `inform`: [`Books`] |
//! | clock | all | `cancel`: the market closes | |
//!
//! [`Price`]: crate::money::Price

use std::ops::AddAssign;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::money::{Energy, Money};

/// How long anybody waits for anybody.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A quarter of an hour.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Quarter {
    /// The day of the year, from 1.
    pub(crate) day: u32,
    /// Counted from midnight.
    pub(crate) number: u32,
}

/// What a household wants to have.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) energy: Energy,
    /// Whether this is its first choice of sellers, its second one …, from 0.
    pub(crate) choice: usize,
}

/// All orders of this choice are there: the sellers answer them.
///
/// A household that is refused orders of its next choice at once, and may be faster than the news of
/// this clearing. That order waits for the next one.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Clearing {
    pub(crate) choice: usize,
}

/// How far a household has come in this quarter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Progress {
    /// A seller has its order, and will answer at the next clearing.
    Ordered,
    /// It has what it needs.
    Done(Report),
}

/// What came of a quarter for a household; added up, for all of them.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) used: Energy,
    /// Of a seller, and what that cost.
    pub(crate) bought: Energy,
    pub(crate) paid: Money,
    /// From the grid, and what that cost.
    pub(crate) grid: Energy,
    pub(crate) grid_paid: Money,
    /// Orders that a seller could not serve.
    pub(crate) refusals: u64,
    /// Messages to and from sellers.
    pub(crate) messages: u64,
}

impl AddAssign for Report {
    fn add_assign(&mut self, other: Self) {
        self.used += other.used;
        self.bought += other.bought;
        self.paid += other.paid;
        self.grid += other.grid;
        self.grid_paid += other.grid_paid;
        self.refusals += other.refusals;
        self.messages += other.messages;
    }
}

/// What a seller has sold, and the payments it has booked; added up, for all of them.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub(crate) struct Books {
    pub(crate) sold: Energy,
    pub(crate) income: Money,
}

impl AddAssign for Books {
    fn add_assign(&mut self, other: Self) {
        self.sold += other.sold;
        self.income += other.income;
    }
}
