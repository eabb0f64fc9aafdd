//! An auctioneer of ours, with bidders that do everything by hand, and not all of it right.

use peak::prelude::*;

use super::{bidders, jid};
use crate::{Driver, Journal, hands, on_both_networks};

#[derive(Clone, serde::Serialize, serde::Deserialize)]
struct Price {
    price: f64,
}

/// Takes part as its `manner` says.
#[agent]
struct Stranger {
    manner: &'static str,
    journal: Journal,
}

#[agent]
impl Stranger {
    #[on_message(performative = "inform", protocol = "fipa-auction-english")]
    async fn told(&mut self, Text(what): Text) {
        self.journal.note(format!("{} hears {what}", self.manner));
    }

    #[on_message(performative = "cfp", protocol = "fipa-auction-english")]
    async fn called(
        &mut self,
        ctx: &Context<Self>,
        message: Message,
        Json(Price { price }): Json<Price>,
    ) -> peak::Result<Option<Message>> {
        assert!(message.reply_by().is_some_and(|time| time > ctx.now()));
        assert_eq!(message.ontology(), Some("clocks"));
        let bid = message.reply(Performative::Propose);
        Ok(match self.manner {
            "is silent" => None,
            "passes" => Some(message.reply(Performative::Refuse)),
            "is late" if price < 11.0 => {
                let ctx = ctx.clone();
                ctx.clone().spawn(async move {
                    ctx.sleep("1500ms").await?;
                    ctx.send(bid).await
                });
                None
            }
            "bids twice" => {
                ctx.send(bid.clone()).await?;
                Some(bid)
            }
            "bids and passes" => {
                ctx.send(bid).await?;
                Some(message.reply(Performative::Refuse))
            }
            "passes and bids" if price < 11.0 => {
                ctx.send(message.reply(Performative::Refuse)).await?;
                Some(bid)
            }
            "bids more" => Some(bid.json(Price { price: price + 1.0 })),
            "bids words" => Some(bid.text("all I have")),
            "agrees" => Some(message.reply(Performative::Agree)),
            // Whatever is called, and whoever leads.
            "bids always" if price < 14.0 => Some(bid.json(Price { price })),
            // Names nothing that it answers.
            "is brief" if price < 12.0 => {
                let id = message.conversation_id().unwrap_or_default();
                let sender = message.sender().cloned().expect("it has come");
                Some(Message::propose(sender).with_conversation_id(id))
            }
            "is brief" => Some(message.reply(Performative::Refuse)),
            "breaks as it leads" if price < 11.0 => Some(bid),
            "breaks as it leads" => Some(message.reply(Performative::Confirm)),
            _ => Some(message.reply(Performative::Refuse)),
        })
    }

    #[on_message(any(
        performative = "accept-proposal",
        performative = "reject-proposal",
        performative = "not-understood"
    ))]
    async fn answered(&mut self, message: Message) {
        let act = message.performative().expect("it has one");
        let reason = message.body().unwrap_or_default();
        self.journal
            .note(format!("{} has {act} {reason}", self.manner).trim_end());
    }

    #[on_message(performative = "request", protocol = "fipa-auction-english")]
    async fn pay(&mut self, Json(Price { price }): Json<Price>) -> Inform<String> {
        Inform(format!("{price} paid"))
    }
}

async fn strangers<const N: usize>(
    platform: &Platform,
    manners: [&'static str; N],
) -> (Vec<String>, Journal) {
    let journal = Journal::default();
    let mut jids = Vec::new();
    for manner in manners {
        let jid = format!("{}@localhost", manner.replace(' ', "-"));
        let stranger = Stranger {
            manner,
            journal: journal.clone(),
        };
        platform.spawn(&jid, stranger).await.expect("it starts");
        jids.push(jid);
    }
    (jids, journal)
}

/// Who has sent these.
fn senders(messages: &[Message]) -> Vec<&str> {
    let senders = messages
        .iter()
        .filter_map(|message| message.sender()?.local());
    let mut senders: Vec<&str> = senders.collect();
    senders.sort_unstable();
    senders
}

on_both_networks! {
async fn everybody_is_told_what_became_of_it(platform: &Platform) {
    let (mut to, journal) = strangers(
        platform,
        ["is silent", "passes", "is late", "bids twice", "bids and passes", "bids more", "bids words", "agrees", "is brief"],
    )
    .await;
    // It has no handler for anything, and that one is not there.
    platform.spawn("deaf@localhost", Driver).await.unwrap();
    to.extend(["deaf@localhost", "nobody@localhost", "passes@localhost/main"].map(str::to_owned));
    let ctx = hands(platform, "auctioneer@localhost").await;
    let auction = ctx.english_auction("a clock").ontology("clocks").to(&to);
    let sold = auction.starting_at(10.0).step(1.0).round("1s").await.unwrap();
    assert_eq!((sold.winner(), sold.price()), (Some(&jid("is-brief@localhost")), Some(10.0)));
    let broken = ["agrees", "bids-and-passes", "bids-more", "bids-twice", "bids-words"];
    assert_eq!(senders(sold.broken()), broken);
    assert_eq!(senders(sold.not_understood()), ["deaf"]);
    assert_eq!(sold.late(), [jid("is-late@localhost")]);
    assert_eq!(sold.silent(), [jid("is-silent@localhost")]);
    assert!(sold.left().is_empty(), "{sold:?}");
    let [unreachable] = sold.unreachable() else { panic!("{sold:?}") };
    assert_eq!(unreachable.jid, jid("nobody@localhost"));
    let settled = sold.settled().cloned().and_then(peak::protocol::Achieved::done);
    assert_eq!(settled.unwrap().body(), Some("10 paid"));

    let told = journal.up_to(r#"is brief hears {"winner":"is-brief@localhost","price":10.0}"#).await;
    for line in [
        "passes hears a clock",
        "is late has reject-proposal too late: this round is over",
        "bids twice has not-understood there is no place for this where the conversation stands",
        "bids more has not-understood 10 is called, not 11",
        "is brief has accept-proposal",
    ] {
        assert!(told.iter().any(|told| told == line), "{line} in {told:?}");
    }
    let reason = "bids words has not-understood the body is not Price as JSON";
    assert!(told.iter().any(|told| told.starts_with(reason)), "{told:?}");
    // A bid that has none of these mistakes, but was taken back, was not accepted.
    assert!(!told.iter().any(|told| told.starts_with("bids") && told.contains("accept")), "{told:?}");
}

async fn nobody_bids_against_itself(platform: &Platform) {
    let (mut to, strange) = strangers(platform, ["bids always"]).await;
    let (ours, _) = bidders(platform, [("ann", 12.0)]).await;
    to.extend(ours);
    let ctx = hands(platform, "auctioneer@localhost").await;
    let auction = ctx.english_auction("a clock").ontology("clocks").to(&to);
    let sold = auction.starting_at(12.0).step(1.0).round("1s").await.unwrap();
    // If it was first, it has it for that; else it has bid one more.
    assert_eq!(sold.winner(), Some(&jid("bids-always@localhost")));
    let first = sold.rounds()[0].accepted.clone().unwrap();
    let price = if first == jid("ann@localhost") { 13.0 } else { 12.0 };
    assert_eq!(sold.price(), Some(price));
    // What it bid against itself was rejected, and did not count.
    assert_eq!(sold.rounds().last().unwrap().bids, 0);
    assert!(sold.broken().is_empty(), "{sold:?}");
    strange.up_to("bids always has accept-proposal").await;
}

async fn who_has_passed_may_still_bid(platform: &Platform) {
    // The silent one keeps the round open.
    let (to, journal) = strangers(platform, ["passes and bids", "is silent"]).await;
    let ctx = hands(platform, "auctioneer@localhost").await;
    let auction = ctx.english_auction("a clock").ontology("clocks").to(&to);
    let sold = auction.starting_at(10.0).step(1.0).round("1s").await.unwrap();
    assert_eq!((sold.winner(), sold.price()), (Some(&jid("passes-and-bids@localhost")), Some(10.0)));
    assert!(sold.broken().is_empty(), "{sold:?}");
    journal.up_to("passes and bids has accept-proposal").await;
}

async fn a_bid_that_is_void_is_called_again(platform: &Platform) {
    let (mut to, journal) = strangers(platform, ["breaks as it leads"]).await;
    // She thinks about it, so the other one is first, and leads with 10.
    let (ours, ann) = bidders(platform, [("ann", 10.0)]).await;
    to.extend(ours);
    let ctx = hands(platform, "auctioneer@localhost").await;
    let auction = ctx.english_auction("be slow").ontology("clocks").to(&to);
    let sold = auction.starting_at(10.0).step(1.0).round("4s").await.unwrap();
    let prices: Vec<f64> = sold.rounds().iter().map(|round| round.price).collect();
    assert_eq!(prices, [10.0, 11.0, 10.0]);
    assert_eq!(sold.rounds()[0].accepted, Some(jid("breaks-as-it-leads@localhost")));
    assert_eq!((sold.winner(), sold.price()), (Some(&jid("ann@localhost")), Some(10.0)));
    assert_eq!(senders(sold.broken()), ["breaks-as-it-leads"]);
    journal.up_to("breaks as it leads has accept-proposal").await;
    ann.next(&["ann leads with 10", "ann hears: won for 10"]).await;
}
}
