//! What buyers and sellers say to each other.

use serde::{Deserialize, Serialize};

/// A piece at this price, in cents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Offer {
    pub(crate) price: u32,
}
