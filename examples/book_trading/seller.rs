//! Who has books.

use peak::prelude::*;
use peak::protocol::contract_net::{self, Bid, Call};
use std::collections::HashMap;
use std::time::Duration;

/// Sells one copy of each book in its catalogue.
#[agent]
struct BookSeller {
    /// The titles, with their prices.
    #[param]
    catalogue: HashMap<String, u32>,
    /// How long the shop is open.
    #[param(default = "5s")]
    open_for: Duration,
}

#[agent(plays(contract_net(ontology = "books")))]
impl BookSeller {
    #[behaviour(one_shot)]
    async fn close(ctx: Context<Self>) -> peak::Result<()> {
        let open_for = ctx.with(|me| me.open_for).await;
        ctx.sleep(open_for).await?;
        ctx.stop();
        Ok(())
    }
}

impl contract_net::Participant for BookSeller {
    type Task = Text;
    type Offer = Json<u32>;
    type Outcome = ();

    async fn called(&mut self, _: &Context<Self>, call: &Call<Text>) -> Result<Json<u32>, Refuse> {
        let price = self.catalogue.get(&call.0);
        price.copied().map(Json).ok_or(Refuse::new("not available"))
    }

    async fn accepted(ctx: Context<Self>, bid: Bid<Self>) -> Result<(), Failure> {
        let title = bid.call().0.clone();
        // Another buyer may have been faster.
        let sold = ctx
            .with(move |me| me.catalogue.remove_entry(&title))
            .await
            .ok_or(Failure::new("it has been sold meanwhile"))?;
        tracing::info!("sold `{}` for {}", sold.0, sold.1);
        Ok(())
    }
}
