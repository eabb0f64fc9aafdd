//! Who would like to have it.

use peak::prelude::*;
use peak::protocol::auction::{self, Decision, Lot};

/// Bids as long as it costs no more than it is worth to this agent.
#[agent]
struct Bidder {
    /// What it is worth to anybody at most, in whole euros.
    #[param(default = 60)]
    at_most: u32,
    /// What it is worth to this one.
    valuation: u32,
}

#[agent(plays(auction))]
impl Bidder {
    #[on_start]
    async fn look_at_it(&mut self, ctx: &Context<Self>) {
        self.valuation = ctx.rng().random_range(1..=self.at_most);
    }

    /// Afterwards it is no secret.
    #[on_message(performative = "query-ref", ontology = "valuation")]
    async fn tell(&mut self) -> Inform<Json<u32>> {
        Inform(Json(self.valuation))
    }

    #[on_message(performative = "cancel")]
    async fn go_home(&mut self, ctx: &Context<Self>) {
        ctx.stop();
    }
}

impl auction::Participant for Bidder {
    type Item = Text;
    type Outcome = String;

    async fn called(&mut self, _: &Context<Self>, _: &Lot<Text>, price: f64) -> Decision {
        if price <= f64::from(self.valuation) {
            Decision::Bid
        } else {
            // It only becomes dearer.
            Decision::Leave
        }
    }

    async fn leads(&mut self, ctx: &Context<Self>, _: &Lot<Text>, price: f64) {
        tracing::info!(agent = %ctx.jid(), "leads with {price}");
    }

    async fn won(ctx: Context<Self>, lot: Lot<Text>, price: f64) -> Result<String, Failure> {
        tracing::info!(agent = %ctx.jid(), "pays {price} for {}", lot.0);
        Ok(format!("here is {price}"))
    }
}
