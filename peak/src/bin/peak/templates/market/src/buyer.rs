//! Buys where it is cheapest.

use peak::prelude::*;

use crate::messages::Offer;

/// Calls for proposals once a second, and orders where it is cheapest.
#[agent]
pub(crate) struct Buyer {
    /// Whom it asks.
    #[param]
    sellers: Vec<Jid>,
    /// The most that it pays for a piece, in cents.
    #[param]
    limit: u32,
    /// How many pieces it wants.
    #[param(default = 3)]
    wanted: u32,
    /// How often it tries.
    #[param(default = 5)]
    rounds: u32,
}

#[agent]
impl Buyer {
    #[behaviour(periodic = "1s")]
    async fn buy(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        if self.wanted == 0 || self.rounds == 0 {
            println!("{} goes home, {} wanted", ctx.jid(), self.wanted);
            ctx.stop();
            return Ok(());
        }
        self.rounds -= 1;
        let Some((seller, offer)) = self.best_offer(ctx).await? else {
            println!("{} finds nothing that it can afford", ctx.jid());
            return Ok(());
        };
        let order = Message::accept_proposal(&seller).json(offer);
        let answer = ctx.request(order, "5s").await?;
        if answer.performative() == Some(Performative::Inform) {
            self.wanted -= 1;
        } else {
            let reason = answer.body().unwrap_or("no reason given");
            println!("{} gets nothing of {seller}: {reason}", ctx.jid());
        }
        Ok(())
    }
}

impl Buyer {
    /// The cheapest offer of all sellers, if it can afford one.
    async fn best_offer(&self, ctx: &Context<Self>) -> peak::Result<Option<(Jid, Offer)>> {
        let mut best: Option<(Jid, Offer)> = None;
        for seller in &self.sellers {
            let answer = ctx.request(Message::cfp(seller), "5s").await?;
            if answer.performative() != Some(Performative::Propose) {
                continue;
            }
            let offer: Offer = answer.content()?;
            let is_best = best.as_ref().is_none_or(|(_, it)| offer.price < it.price);
            if is_best && offer.price <= self.limit {
                best = Some((seller.clone(), offer));
            }
        }
        Ok(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Sells one piece at a price.
    #[agent]
    struct Shop {
        price: u32,
        sold: u32,
    }

    #[agent]
    impl Shop {
        #[on_message(performative = "cfp")]
        async fn offer(&self) -> Result<Propose<Json<Offer>>, Refuse> {
            if self.sold == 1 {
                return Err(Refuse::new("sold out"));
            }
            Ok(Propose(Json(Offer { price: self.price })))
        }

        #[on_message(performative = "accept-proposal")]
        async fn sell(&mut self) -> Inform {
            self.sold += 1;
            Inform(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn it_buys_the_cheapest_and_nothing_above_its_limit() {
        let platform = Platform::new();
        let mut shops = Vec::new();
        for (name, price) in [("dear", 30), ("cheap", 10), ("usual", 20)] {
            let shop = Shop { price, sold: 0 };
            let shop = platform.spawn(format!("{name}@localhost"), shop).await;
            shops.push(shop.unwrap());
        }
        let buyer = Buyer {
            sellers: shops.iter().map(|shop| shop.jid().clone()).collect(),
            limit: 20,
            wanted: 3,
            rounds: 4,
        };
        let buyer = platform.spawn("buyer@localhost", buyer).await.unwrap();

        let mut sold = Vec::new();
        for _ in 0..3 {
            // Half a second after the buyer's turn.
            tokio::time::sleep(Duration::from_millis(500)).await;
            for shop in &shops {
                sold.push(shop.with(|shop| shop.sold).await.unwrap());
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
        // In this order: dear, cheap, usual.
        assert_eq!(sold, [0, 1, 0, 0, 1, 1, 0, 1, 1]);
        assert!(buyer.join().await.failures.is_empty());
    }
}
