//! Uses electricity, and buys it where it is cheapest.

use std::num::{NonZeroU32, NonZeroUsize};

use peak::prelude::*;
use peak::rand::seq::SliceRandom as _;

use crate::load::load;
use crate::members::{addresses, close};
use crate::messages::{Order, PATIENCE, Progress, Quarter, Report};
use crate::money::{Energy, Money, Price};

/// Uses electricity, and buys it where it is cheapest.
#[agent]
pub(crate) struct Household {
    /// What it uses in a year, in Wh; households differ by up to a half.
    #[param(default = "3000000")]
    annual: Energy,
    /// How many sellers there are: `seller0@…`, `seller1@…`, …
    #[param]
    sellers: NonZeroU32,
    /// How many of them it asks for their price in each quarter.
    #[param(default = "3")]
    asks: NonZeroUsize,
    /// What the grid asks, in µ€/Wh: 352 are 35.2 ct/kWh.
    #[param(default = "352")]
    grid_price: Price,
    known: Vec<Jid>,
}

/// What a household needs in a quarter, and whom it asks.
struct Plan {
    need: Energy,
    ask: Vec<Jid>,
    grid_price: Price,
}

/// A seller's price.
struct Offer {
    price: Price,
    seller: Jid,
}

#[agent(behaviours(close))]
impl Household {
    #[on_start]
    async fn move_in(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        self.annual.check("annual")?;
        self.grid_price.check("grid_price")?;
        self.known = addresses("seller", self.sellers, ctx.jid())?;
        let (asks, sellers) = (self.asks, self.sellers);
        if asks.get() > self.known.len() {
            let wrong = format!("`asks` ({asks}) is more than there are `sellers` ({sellers})");
            return Err(peak::Error::msg(wrong));
        }
        self.annual.0 = self.annual.0 * ctx.rng().random_range(50..=150) / 100;
        Ok(())
    }

    /// Buys what it needs. Without `self`: it waits for sellers, and the household is free meanwhile.
    #[on_message(performative = "request", ontology = "quarter")]
    async fn trade(
        ctx: Context<Self>,
        Json(quarter): Json<Quarter>,
    ) -> peak::Result<Inform<Json<Progress>>> {
        let mut rng = ctx.rng();
        let plan = ctx.with(move |me| me.plan(quarter, &mut rng)).await;
        let mut report = Report {
            used: plan.need,
            ..Report::default()
        };
        let offers = offers(&ctx, &plan, &mut report).await?;
        for (choice, offer) in offers.iter().enumerate() {
            let order = Order {
                energy: plan.need,
                choice,
            };
            if let Some(bill) = buy(&ctx, order, offer, &mut report).await? {
                report.bought = plan.need;
                report.paid = bill;
                return Ok(Inform(Json(Progress::Done(report))));
            }
        }
        report.grid = plan.need;
        report.grid_paid = plan.need * plan.grid_price;
        Ok(Inform(Json(Progress::Done(report))))
    }
}

impl Household {
    fn plan(&mut self, quarter: Quarter, rng: &mut impl peak::rand::Rng) -> Plan {
        let usual = load(self.annual, quarter.day, quarter.number);
        // Nobody lives by the average.
        let need = Energy(usual.0 * rng.random_range(50..=150) / 100);
        let (chosen, _) = self.known.partial_shuffle(rng, self.asks.get());
        Plan {
            need,
            ask: chosen.to_vec(),
            grid_price: self.grid_price,
        }
    }
}

/// Asks for prices; the offers that are better than the grid's, the best first.
async fn offers(
    ctx: &Context<Household>,
    plan: &Plan,
    report: &mut Report,
) -> peak::Result<Vec<Offer>> {
    let mut offers = Vec::with_capacity(plan.ask.len());
    for seller in &plan.ask {
        let answer = ctx.request(Message::query_ref(seller), PATIENCE).await?;
        report.messages += 2;
        if answer.performative() == Some(Performative::Inform) {
            let price = answer.content()?;
            let seller = seller.clone();
            offers.push(Offer { price, seller });
        }
    }
    offers.retain(|offer| offer.price <= plan.grid_price);
    offers.sort_by_key(|offer| offer.price);
    Ok(offers)
}

/// Orders of one seller, and pays; `None` if the seller refuses.
async fn buy(
    ctx: &Context<Household>,
    order: Order,
    offer: &Offer,
    report: &mut Report,
) -> peak::Result<Option<Money>> {
    let message = Message::accept_proposal(&offer.seller).json(order);
    let answer = ctx.request(message, PATIENCE).await?;
    // Its order, the seller's word to the clock, and the answer.
    report.messages += 3;
    match answer.performative() {
        Some(Performative::Confirm) => {}
        Some(Performative::Refuse) => {
            report.refusals += 1;
            return Ok(None);
        }
        _ => {
            return Err(peak::Error::msg(format!(
                "neither sold nor refused: {answer:?}"
            )));
        }
    }
    let bill: Money = answer.content()?;
    if bill != order.energy * offer.price {
        let wrong = format!("the bill of {} is not what it offered", offer.seller);
        return Err(peak::Error::msg(wrong));
    }
    ctx.send(Message::inform(&offer.seller).json(bill)).await?;
    report.messages += 1;
    Ok(Some(bill))
}
