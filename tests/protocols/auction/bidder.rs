//! A bidder of ours, with auctioneers that do everything by hand, and not all of it right.

use std::time::Duration;

use peak::prelude::*;
use serde_json::json;

use super::{bidders, said};
use crate::{Driver, Journal, hands, on_both_networks};

const ANN: &str = "ann@localhost";

/// One auction, by hand.
struct Hammer {
    ctx: Context<Driver>,
    id: &'static str,
}

impl Hammer {
    fn message(&self, act: Performative) -> Message {
        Message::draft(act)
            .with_to(ANN)
            .with_protocol("fipa-auction-english")
            .with_conversation_id(self.id)
    }

    async fn tell(&self, act: Performative, body: &str) {
        self.ctx.send(self.message(act).text(body)).await.unwrap();
    }

    async fn ask(&self, act: Performative, body: &str) -> String {
        said(&self.request(self.message(act).text(body)).await)
    }

    async fn request(&self, message: Message) -> Message {
        self.ctx.request(message, "5s").await.unwrap()
    }

    /// Begins it.
    async fn open(ctx: &Context<Driver>, id: &'static str, item: &str) -> Self {
        let ctx = ctx.clone();
        let hammer = Self { ctx, id };
        hammer.tell(Performative::Inform, item).await;
        hammer
    }

    async fn call(&self, price: f64) -> String {
        self.ask(Performative::Cfp, &format!("{{\"price\": {price}}}"))
            .await
    }
}

/// A bidder with a limit of 12, what it writes down, and somebody who sells.
async fn ann(platform: &Platform) -> (Journal, Context<Driver>) {
    let (_, journal) = bidders(platform, [("ann", 12.0)]).await;
    (journal, hands(platform, "auctioneer@localhost").await)
}

const MISFIT: &str =
    "not-understood there was no place for this where the conversation stood, and it has ended";

on_both_networks! {
async fn a_whole_auction_by_hand(platform: &Platform) {
    let (journal, ctx) = ann(platform).await;
    let hammer = Hammer::open(&ctx, "1", "a clock").await;
    assert_eq!(hammer.call(10.0).await, r#"propose {"price":10.0}"#);
    hammer.tell(Performative::AcceptProposal, "").await;
    // In this round another one bids.
    assert_eq!(hammer.call(11.0).await, "refuse leads with 10");
    assert_eq!(hammer.call(12.0).await, r#"propose {"price":12.0}"#);
    hammer.tell(Performative::RejectProposal, "").await;
    // A price that is called again, which is no reason to pay more.
    assert_eq!(hammer.call(13.0).await, "refuse not at this price");
    assert_eq!(hammer.call(12.0).await, r#"propose {"price":12.0}"#);
    hammer.tell(Performative::AcceptProposal, "").await;
    hammer.tell(Performative::Inform, r#"{"winner": "ann@localhost", "price": 12}"#).await;
    assert_eq!(hammer.ask(Performative::Request, r#"{"price": 12}"#).await, "inform 12 for a clock");
    journal.next(&["ann leads with 10", "ann is outbid after 10", "ann leads with 12", "ann hears: won for 12"]).await;
    // It is over.
    let over = hammer.call(1.0).await;
    assert!(over.starts_with("refuse this agent takes no part: an auction begins with"), "{over}");
    for (id, end, line) in [
        ("2", r#"{"winner": "bob@localhost", "price": 11.5}"#, "ann hears: sold to bob@localhost for 11.5"),
        ("3", r#"{"winner": null}"#, "ann hears: not sold"),
    ] {
        let hammer = Hammer::open(&ctx, id, "a clock").await;
        assert_eq!(hammer.call(10.0).await, r#"propose {"price":10.0}"#);
        hammer.tell(Performative::Inform, end).await;
        journal.next(&[line]).await;
    }
}

async fn an_auction_without_any_id(platform: &Platform) {
    let (journal, ctx) = ann(platform).await;
    let mailbox = ctx.subscribe(template!(sender = "ann@localhost"));
    let tell = async |message: Message| {
        let message = message.with_protocol("fipa-auction-dutch");
        ctx.send(message).await.unwrap();
    };
    let hear = async || said(&mailbox.receive("5s").await.unwrap().unwrap());
    tell(Message::inform(ANN).text("tulips")).await;
    tell(Message::cfp(ANN).json(json!({"price": 20}))).await;
    assert_eq!(hear().await, "refuse not at this price");
    tell(Message::cfp(ANN).json(json!({"price": 11}))).await;
    assert_eq!(hear().await, r#"propose {"price":11.0}"#);
    tell(Message::accept_proposal(ANN)).await;
    // Without a word of how it has ended, and without a price.
    tell(Message::request(ANN)).await;
    assert_eq!(hear().await, "inform 11 for tulips");
    journal.next(&["ann leads with 11", "ann hears: won for 11"]).await;
}

async fn an_answer_to_an_earlier_bid_is_not_one_to_this(platform: &Platform) {
    let (journal, ctx) = ann(platform).await;
    let hammer = Hammer::open(&ctx, "1", "a clock").await;
    let price = |price: f64| hammer.message(Performative::Cfp).json(json!({"price": price}));
    let early = hammer.request(price(10.0)).await;
    let bid = hammer.request(price(11.0)).await;
    let names = [early.reply_with().unwrap(), bid.reply_with().unwrap()];
    assert_ne!(names[0], names[1]);
    // The first came too late for its round.
    ctx.send(early.reply(Performative::RejectProposal)).await.unwrap();
    ctx.send(bid.reply(Performative::AcceptProposal)).await.unwrap();
    journal.next(&["ann leads with 11"]).await;
    // What is accepted afterwards was not bid.
    assert_eq!(said(&hammer.request(early.reply(Performative::AcceptProposal)).await), MISFIT);
    journal.next(&["ann hears: the auctioneer broke off"]).await;
}

async fn auctioneers_are_told_what_is_wrong(platform: &Platform) {
    let (journal, ctx) = ann(platform).await;
    let open = async |id| Hammer::open(&ctx, id, "a clock").await;
    // A start without content.
    let empty = Message::inform(ANN).with_protocol("fipa-auction-english");
    assert_eq!(
        said(&ctx.request(empty, "5s").await.unwrap()),
        "not-understood the message has no body, expected text"
    );
    // Calls of which no price can be read; the auction is over with the first.
    let bare = open("bare").await;
    let call = bare.message(Performative::Cfp);
    assert_eq!(
        said(&bare.request(call).await),
        r#"not-understood a call has its price as content: {"price": 12.5}"#
    );
    assert_eq!(bare.call(1.0).await, "refuse this agent takes no part");
    let words = open("words").await;
    let answer = words.ask(Performative::Cfp, "cheap").await;
    assert!(answer.starts_with("not-understood the body is not Price as JSON: "), "{answer}");
    // Bids that nobody has made.
    let accepted = open("accepted").await;
    assert_eq!(accepted.ask(Performative::AcceptProposal, "").await, MISFIT);
    let asked = open("asked").await;
    assert_eq!(asked.ask(Performative::Request, "").await, MISFIT);
    let ended = open("ended").await;
    let answer = ended.ask(Performative::Inform, r#"{"winner": "ann@localhost", "price": 9}"#).await;
    assert_eq!(answer, "not-understood this agent has not bid 9");
    let closed = open("closed").await;
    let answer = closed.ask(Performative::Inform, "going, going, gone").await;
    assert!(answer.starts_with("not-understood the body is not Closing as JSON: "), "{answer}");
    // More than was agreed.
    let dear = open("dear").await;
    dear.call(10.0).await;
    dear.tell(Performative::AcceptProposal, "").await;
    dear.tell(Performative::Inform, r#"{"winner": "ann@localhost", "price": 10}"#).await;
    assert_eq!(dear.ask(Performative::Request, r#"{"price": 100}"#).await, "refuse 10 was agreed");
    let lines = journal.up_to("ann hears: won for 10").await;
    let broken = lines.iter().filter(|line| *line == "ann hears: the auctioneer broke off");
    assert_eq!(broken.count(), 6, "{lines:?}");
    journal.next(&["ann hears: the auctioneer broke off"]).await;
    // Others of the kind go to the handlers.
    let stamps = Message::inform(ANN).with_protocol("fipa-auction-english").with_ontology("stamps");
    ctx.send(stamps).await.unwrap();
    journal.next(&["sees stamps"]).await;
    // Somebody else's auction.
    open("taken").await;
    let other = hands(platform, "other@localhost").await;
    let taken = Message::inform(ANN).with_protocol("fipa-auction-english").with_conversation_id("taken");
    let answer = other.request(taken.text("a clock"), "5s").await.unwrap();
    assert_eq!(said(&answer), "refuse there is no room for this conversation");
}

async fn what_is_late_is_refused(platform: &Platform) {
    let (journal, ctx) = ann(platform).await;
    let hammer = Hammer::open(&ctx, "1", "be slow").await;
    let call = |message: Message| message.json(json!({"price": 10}));
    let past = call(hammer.message(Performative::Cfp)).with_reply_by(ctx.now() - Duration::from_secs(60));
    let answer = said(&hammer.request(past).await);
    assert!(answer.starts_with("refuse too late: an answer was wanted by 20"), "{answer}");
    // Late when it is decided.
    let soon = call(hammer.message(Performative::Cfp)).with_reply_by(ctx.now() + Duration::from_secs(1));
    let answer = said(&hammer.request(soon).await);
    assert!(answer.starts_with("refuse too late: an answer was wanted by 20"), "{answer}");
    // It goes on.
    assert_eq!(hammer.call(10.0).await, r#"propose {"price":10.0}"#);
    hammer.tell(Performative::AcceptProposal, "").await;
    let past = hammer.message(Performative::Request).with_reply_by(ctx.now() - Duration::from_secs(60));
    let answer = said(&hammer.request(past).await);
    assert!(answer.starts_with("refuse too late: an answer was wanted by 20"), "{answer}");
    journal.next(&["ann leads with 10", "ann hears: won for 10", "ann hears: the auctioneer broke off"]).await;
    // A start that is past.
    let past = hammer.message(Performative::Inform).with_conversation_id("2").text("a clock");
    let past = past.with_reply_by(ctx.now() - Duration::from_secs(60));
    let answer = said(&hammer.request(past).await);
    assert!(answer.starts_with("refuse too late: an answer was wanted by 20"), "{answer}");
}

async fn who_does_not_care_stays_away(platform: &Platform) {
    let (journal, ctx) = ann(platform).await;
    let start = Message::inform(ANN).with_protocol("fipa-auction-english").with_conversation_id("1");
    let refusal = ctx.request(start.text("junk"), "5s").await.unwrap();
    assert_eq!(said(&refusal), "refuse not interested");
    let junk = Hammer { ctx: ctx.clone(), id: "1" };
    // It may not have been heard.
    assert_eq!(junk.call(1.0).await, "refuse this agent takes no part");
    junk.tell(Performative::RejectProposal, "").await;
    assert_eq!(junk.ask(Performative::Cancel, "").await, "inform ");
    // Who leaves answers the start, so that it is known from who passes.
    let leave = Hammer { ctx: ctx.clone(), id: "2" };
    let start = leave.message(Performative::Inform).with_reply_with("the start").text("leave");
    ctx.send(start).await.unwrap();
    let call = leave.message(Performative::Cfp).with_reply_with("call 1").json(json!({"price": 1}));
    let mailbox = ctx.subscribe(template!(sender = "ann@localhost"));
    ctx.send(call).await.unwrap();
    let left = mailbox.receive("5s").await.unwrap().unwrap();
    assert_eq!((said(&left).as_str(), left.in_reply_to()), ("refuse leaves the auction", Some("the start")));
    drop(mailbox);
    // The end is no start of another auction.
    leave.tell(Performative::Inform, r#"{"winner": null}"#).await;
    // A panic ends the auction for it, not the role.
    let panic = Hammer::open(&ctx, "3", "panic").await;
    assert_eq!(panic.call(1.0).await, "failure internal error");
    let after = Hammer::open(&ctx, "4", "a clock").await;
    assert_eq!(after.call(1.0).await, r#"propose {"price":1.0}"#);
    assert_eq!(journal.read(), [""; 0]);
}

async fn it_is_cancelled_where_it_stands(platform: &Platform) {
    let (journal, ctx) = ann(platform).await;
    let open = Hammer::open(&ctx, "open", "a clock").await;
    assert_eq!(open.ask(Performative::Cancel, "").await, "inform ");
    journal.next(&["ann hears: cancelled by the auctioneer"]).await;
    let win = async |id, item| {
        let hammer = Hammer::open(&ctx, id, item).await;
        hammer.call(10.0).await;
        hammer.tell(Performative::AcceptProposal, "").await;
        hammer.tell(Performative::Inform, r#"{"winner": "ann@localhost", "price": 10}"#).await;
        journal.next(&["ann leads with 10", "ann hears: won for 10"]).await;
        hammer
    };
    let won = win("won", "a clock").await;
    assert_eq!(won.ask(Performative::Cancel, "").await, "inform ");
    journal.next(&["ann hears: cancelled by the auctioneer"]).await;
    let long = win("long", "take long").await;
    long.tell(Performative::Request, "{\"price\": 10}").await;
    assert_eq!(long.ask(Performative::Cancel, "").await, "inform ");
    journal.next(&["ann is cancelled"]).await;
    let never = win("never", "never end").await;
    never.tell(Performative::Request, "{\"price\": 10}").await;
    assert_eq!(never.ask(Performative::Cancel, "").await, "failure too late for that");
    // It goes on, and can be broken off.
    assert_eq!(never.call(11.0).await, MISFIT);
    let over = never.ask(Performative::Cancel, "").await;
    assert!(over.starts_with("not-understood Bidder has no handler"), "{over}");
}

async fn what_is_not_heard_of_lapses(platform: &Platform) {
    let (journal, ctx) = ann(platform).await;
    let hammer = Hammer::open(&ctx, "1", "a clock").await;
    let junk = Hammer { ctx: ctx.clone(), id: "2" };
    junk.ask(Performative::Inform, "junk").await;
    hammer.call(10.0).await;
    journal.next(&["ann hears: nothing was heard"]).await;
    let answer = hammer.call(11.0).await;
    assert!(answer.starts_with("refuse this agent takes no part: an auction begins"), "{answer}");
}
}
