//! Sells, and asks more after each sale.

use peak::prelude::*;

use crate::messages::Offer;

/// Sells pieces, and asks a tenth more after each sale.
#[agent]
pub(crate) struct Seller {
    /// What it asks for the first piece, in cents.
    #[param(default = 100)]
    price: u32,
    /// How many pieces it has.
    #[param(default = 10)]
    stock: u32,
    income: u32,
}

#[agent]
impl Seller {
    /// An answer is an offer, or the reason why there is none.
    #[on_message(performative = "cfp")]
    async fn offer(&mut self) -> Result<Propose<Json<Offer>>, Refuse> {
        if self.stock == 0 {
            return Err(Refuse::new("sold out"));
        }
        Ok(Propose(Json(Offer { price: self.price })))
    }

    #[on_message(performative = "accept-proposal")]
    async fn sell(
        &mut self,
        ctx: &Context<Self>,
        Sender(buyer): Sender,
        Json(offer): Json<Offer>,
    ) -> Result<Inform, Failure> {
        if self.stock == 0 {
            return Err(Failure::new("sold out meanwhile"));
        }
        if offer.price != self.price {
            return Err(Failure::new("the price has risen meanwhile"));
        }
        self.stock -= 1;
        self.income += self.price;
        println!("{} sells to {buyer} at {}", ctx.jid(), self.price);
        self.price += self.price / 10;
        Ok(Inform(()))
    }

    #[behaviour(timeout = "6s")]
    async fn close(&mut self, ctx: &Context<Self>) {
        println!("{} closes with {} earned", ctx.jid(), self.income);
        ctx.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// Asks for one offer, accepts it twice, and notes the answers.
    #[agent]
    struct Customer {
        answers: Vec<Message>,
    }

    #[agent]
    impl Customer {
        #[behaviour(one_shot)]
        async fn buy(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
            let call = Message::cfp("seller@localhost");
            let offer = ctx.request(call, "5s").await?;
            let order = Message::accept_proposal("seller@localhost");
            let order = order.json(offer.content::<Offer>()?);
            for _ in 0..2 {
                let answer = ctx.request(order.clone(), "5s").await?;
                self.answers.push(answer);
            }
            Ok(())
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_offer_stands_until_the_next_sale() {
        let platform = Platform::new();
        let seller = Seller {
            price: 100,
            stock: 2,
            income: 0,
        };
        let seller = platform.spawn("seller@localhost", seller).await.unwrap();
        let customer = Customer {
            answers: Vec::new(),
        };
        let customer = platform.spawn("ada@localhost", customer).await.unwrap();
        tokio::time::sleep(Duration::from_secs(1)).await;
        let answers = customer.with(|customer| customer.answers.clone()).await;
        let answers = answers.unwrap();
        let acts: Vec<_> = answers.iter().map(Message::performative).collect();
        let (sold, not_sold) = (Performative::Inform, Performative::Failure);
        assert_eq!(acts, [Some(sold), Some(not_sold)]);
        assert_eq!(answers[1].body(), Some("the price has risen meanwhile"));
        let after = seller.with(|seller| (seller.price, seller.stock, seller.income));
        assert_eq!(after.await, Some((110, 1, 100)));
    }

    #[tokio::test(start_paused = true)]
    async fn it_closes() {
        let platform = Platform::new();
        let seller = Seller {
            price: 100,
            stock: 0,
            income: 0,
        };
        let seller = platform.spawn("seller@localhost", seller).await.unwrap();
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert!(seller.is_alive());
        assert!(seller.join().await.failures.is_empty());
    }
}
