//! Who wants a book.

use peak::prelude::*;
use std::time::Duration;

/// Buys one copy of a book from whoever sells it cheapest, and stops.
#[agent]
struct BookBuyer {
    /// The book.
    #[param]
    title: String,
    /// Whom to ask.
    #[param]
    sellers: Vec<Jid>,
    /// How long it thinks about it first.
    #[param(default = "0s")]
    hesitates: Duration,
    /// How long offers are waited for.
    #[param(default = "2s")]
    patience: Duration,
    /// What it pays at most.
    #[param(default)]
    limit: Option<u32>,
}

#[agent]
impl BookBuyer {
    #[behaviour(one_shot)]
    async fn buy(ctx: Context<Self>) -> peak::Result<()> {
        let hesitates = ctx.with(|me| me.hesitates).await;
        ctx.sleep(hesitates).await?;
        let bought = Self::trade(&ctx).await;
        match &bought {
            Ok(Some((seller, price))) => tracing::info!("bought it from {seller} for {price}"),
            Ok(None) => tracing::info!("nobody sells it at that price"),
            Err(_) => {}
        }
        ctx.stop();
        bought.map(drop)
    }
}

impl BookBuyer {
    /// Who has sold the book, and for how much.
    async fn trade(ctx: &Context<Self>) -> peak::Result<Option<(Jid, u32)>> {
        let (title, sellers) = ctx.with(|me| (me.title.clone(), me.sellers.clone())).await;
        let (patience, limit) = ctx.with(|me| (me.patience, me.limit)).await;
        let call = ctx.contract_net(title).ontology("books").to(sellers);
        let call = call.deadline(patience).await?;
        let offer = |proposal: &Message| {
            let price = proposal.content::<u32>().ok()?;
            let seller = proposal.sender()?.bare();
            limit
                .is_none_or(|limit| price <= limit)
                .then_some((price, seller))
        };
        let best = call.proposals().iter().filter_map(offer).min();
        let winner = best.as_ref().map(|(_, seller)| seller.clone());
        let awarded = call.award(winner, "10s").await?;
        Ok(match (awarded.done(), best) {
            ([_], Some((price, seller))) => Some((seller, price)),
            _ => None,
        })
    }
}
