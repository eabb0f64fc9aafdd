//! The English and the Dutch auction, from both sides.

mod auctioneer;
mod bidder;
mod ends;
mod foreign;

use std::time::Duration;

use peak::prelude::*;
use peak::protocol::auction::{self, Closed, Decision, Lot};

use crate::Journal;

/// Bids up to its limit, and writes down what it learns. What is sold says what it does besides.
#[agent]
struct Bidder {
    limit: f64,
    journal: Journal,
}

#[agent(plays(auction(not(ontology = "stamps"))))]
impl Bidder {
    #[on_message(performative = "inform", ontology = "stamps")]
    async fn stamps(&mut self) {
        self.journal.note("sees stamps");
    }
}

impl Bidder {
    fn note(&self, ctx: &Context<Self>, line: &str) {
        let name = ctx.jid().local().unwrap_or_default();
        self.journal.note(format!("{name} {line}"));
    }
}

impl auction::Participant for Bidder {
    type Item = Text;
    type Outcome = String;

    const PATIENCE: Duration = Duration::from_secs(3);

    async fn opened(&mut self, _: &Context<Self>, lot: &Lot<Text>) -> Result<(), Refuse> {
        match lot.0.as_str() {
            "junk" => Err(Refuse::new("not interested")),
            _ => Ok(()),
        }
    }

    async fn called(&mut self, ctx: &Context<Self>, lot: &Lot<Text>, price: f64) -> Decision {
        match lot.0.as_str() {
            "be slow" => ctx.sleep("1500ms").await.expect("it is a duration"),
            "panic" => panic!("as it was told"),
            "leave" => return Decision::Leave,
            _ => {}
        }
        Decision::bid_if(price <= self.limit)
    }

    async fn leads(&mut self, ctx: &Context<Self>, _: &Lot<Text>, price: f64) {
        self.note(ctx, &format!("leads with {price}"));
    }

    async fn outbid(&mut self, ctx: &Context<Self>, _: &Lot<Text>, price: f64) {
        self.note(ctx, &format!("is outbid after {price}"));
    }

    async fn closed(&mut self, ctx: &Context<Self>, _: &Lot<Text>, end: Closed) {
        self.note(ctx, &format!("hears: {end}"));
    }

    async fn won(ctx: Context<Self>, lot: Lot<Text>, price: f64) -> Result<String, Failure> {
        match lot.0.as_str() {
            "fail" => Err(Failure::new("no money")),
            "panic later" => panic!("as it was told"),
            "take long" | "never end" => {
                ctx.sleep("1h").await?;
                Ok("at last".to_owned())
            }
            item => Ok(format!("{price} for {item}")),
        }
    }

    async fn cancelled(&mut self, ctx: &Context<Self>, lot: &Lot<Text>) -> Result<(), Failure> {
        match lot.0.as_str() {
            "never end" => Err(Failure::new("too late for that")),
            _ => {
                self.note(ctx, "is cancelled");
                Ok(())
            }
        }
    }
}

/// Bidders of these names, with these limits, and what they write down.
async fn bidders<const N: usize>(
    platform: &Platform,
    limits: [(&str, f64); N],
) -> ([String; N], Journal) {
    let journal = Journal::default();
    let jids = limits.map(|(name, _)| format!("{name}@localhost"));
    for (jid, (_, limit)) in jids.iter().zip(limits) {
        let bidder = Bidder {
            limit,
            journal: journal.clone(),
        };
        platform.spawn(jid, bidder).await.expect("it starts");
    }
    (jids, journal)
}

/// What an answer is, and says.
fn said(message: &Message) -> String {
    let act = message.performative().expect("it has one");
    format!("{act} {}", message.body().unwrap_or_default())
}

fn jid(text: &str) -> Jid {
    text.parse().expect("it is one")
}
