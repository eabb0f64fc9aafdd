//! Several types in one file: those of the pages about deployment files.

use std::collections::BTreeMap;
use std::time::Duration;

use peak::prelude::*;

/// Says what it has, and stops.
#[agent]
struct Shop {
    /// How many pieces it has.
    #[param(default = 1)]
    stock: u32,
    /// What it is called.
    #[param(default = "the shop")]
    label: String,
    /// How long it takes to open.
    #[param(default = "0s")]
    opens: Duration,
    /// Prices by name.
    #[param(default)]
    prices: Option<BTreeMap<String, f64>>,
    /// Whether it is open on these days of the week.
    #[param(default)]
    days: Vec<bool>,
}

#[agent]
impl Shop {
    #[on_start]
    async fn open(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.sleep(self.opens).await?;
        let Self { stock, label, .. } = self;
        tracing::info!(agent = %ctx.jid(), "{label} has {stock}");
        tracing::debug!(agent = %ctx.jid(), prices = ?self.prices, days = ?self.days);
        ctx.stop();
        Ok(())
    }
}

/// Stops.
#[agent]
struct Buyer {
    /// How long it waits.
    #[param(default = "1s")]
    patience: Duration,
}

#[agent]
impl Buyer {
    #[on_start]
    async fn look(&mut self, ctx: &Context<Self>) {
        tracing::debug!(agent = %ctx.jid(), "waits for {:?}", self.patience);
        ctx.stop();
    }
}

#[agent]
struct Log;

#[agent]
impl Log {}

#[agent]
struct Meter;

#[agent]
impl Meter {}
