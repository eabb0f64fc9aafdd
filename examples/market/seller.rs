//! Produces electricity, stores it, and sells it.

use peak::prelude::*;
use peak::rand::seq::SliceRandom as _;

use crate::members::close;
use crate::messages::{Books, Clearing, Order, Progress};
use crate::money::{Energy, Money, Price};

/// Produces electricity, stores it, and sells it: the dearer, the less is left.
#[agent]
pub(crate) struct Seller {
    /// What it produces in a quarter of an hour, in Wh; sellers differ by up to a half.
    #[param(default = "1900")]
    output: Energy,
    /// What it can store, in Wh.
    #[param(default = "20000")]
    storage: Energy,
    /// Its price with a full store, in µ€/Wh: 180 are 18 ct/kWh.
    #[param(default = "180")]
    lowest: Price,
    /// Its price with an empty store, in µ€/Wh.
    #[param(default = "340")]
    highest: Price,
    /// Who is told of orders.
    #[param(default = "clock@localhost")]
    clock: Jid,
    stock: Energy,
    /// The price of this quarter.
    price: Price,
    orders: Vec<(Order, Message)>,
    books: Books,
}

#[agent(behaviours(close))]
impl Seller {
    #[on_start]
    async fn build(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        self.output.check("output")?;
        self.storage.check("storage")?;
        self.highest.check("highest")?;
        if self.storage == Energy(0) {
            return Err(peak::Error::msg("`storage` must be more than 0"));
        }
        if self.lowest > self.highest {
            let (lowest, highest) = (self.lowest, self.highest);
            let wrong = format!("`lowest` ({lowest}) is above `highest` ({highest})");
            return Err(peak::Error::msg(wrong));
        }
        self.output.0 = self.output.0 * ctx.rng().random_range(50..=150) / 100;
        self.stock = Energy(self.storage.0 / 2);
        Ok(())
    }

    #[on_message(performative = "request", ontology = "quarter")]
    async fn produce(&mut self) {
        self.stock = self.storage.min(self.stock + self.output);
        let spread = self.highest.0 - self.lowest.0;
        self.price = Price(self.highest.0 - spread * self.stock.0 / self.storage.0);
    }

    // Before the other `query-ref`, which would take this one as well.
    #[on_message(performative = "query-ref", ontology = "books")]
    async fn show_books(&self) -> Inform<Json<Books>> {
        Inform(Json(self.books))
    }

    #[on_message(performative = "query-ref")]
    async fn quote(&self) -> Result<Inform<Json<Price>>, Refuse> {
        if self.stock == Energy(0) {
            return Err(Refuse::new("sold out"));
        }
        Ok(Inform(Json(self.price)))
    }

    /// Takes an order, which is answered at the clearing. Who comes first is not served first: that
    /// would depend on which thread is faster.
    #[on_message(performative = "accept-proposal")]
    async fn take_order(
        &mut self,
        ctx: &Context<Self>,
        Json(order): Json<Order>,
        message: Message,
    ) -> peak::Result<()> {
        self.orders.push((order, message));
        let news = Message::inform(&self.clock).json(Progress::Ordered);
        ctx.send(news).await
    }

    #[on_message(performative = "request", ontology = "clearing")]
    async fn clear(
        &mut self,
        ctx: &Context<Self>,
        Json(Clearing { choice }): Json<Clearing>,
    ) -> peak::Result<()> {
        let due = self
            .orders
            .extract_if(.., |(order, _)| order.choice == choice);
        let mut due: Vec<_> = due.collect();
        // By lot, and not by when they came.
        due.sort_by(|(_, a), (_, b)| a.sender().cmp(&b.sender()));
        due.shuffle(&mut ctx.rng());
        for (Order { energy, .. }, message) in due {
            if energy > self.stock {
                ctx.reply(&message, Refuse::new("not enough left")).await?;
            } else {
                self.stock -= energy;
                self.books.sold += energy;
                let bill = energy * self.price;
                ctx.reply(&message, Confirm(Json(bill))).await?;
            }
        }
        Ok(())
    }

    #[on_message(performative = "inform")]
    async fn book(&mut self, Json(payment): Json<Money>) {
        self.books.income += payment;
    }
}
