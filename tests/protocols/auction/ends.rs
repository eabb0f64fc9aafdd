//! What becomes of an auction after the last bid, or before: winners of every kind, and cancelling.

use std::time::Duration;

use peak::prelude::*;
use peak::protocol::{Achieved, Cancelled};

use super::{bidders, jid, said};
use crate::{Driver, Journal, hands, on_both_networks};

/// Bids whatever is called, and as the winner does as its `manner` says.
#[agent]
struct Winner {
    manner: &'static str,
    journal: Journal,
}

#[agent]
impl Winner {
    #[on_message(performative = "cfp", protocol = "fipa-auction-dutch")]
    async fn called(&mut self) -> Option<Propose<()>> {
        (self.manner != "is silent").then_some(Propose(()))
    }

    #[on_message(performative = "accept-proposal")]
    async fn accepted(&mut self, ctx: &Context<Self>) {
        if self.manner == "ends" {
            ctx.stop();
        }
    }

    #[on_message(
        performative = "request",
        protocol = "fipa-auction-dutch",
        not(ontology = "unknown")
    )]
    async fn pay(&mut self, ctx: &Context<Self>, order: Message) -> peak::Result<()> {
        assert!(order.reply_by().is_some_and(|time| time > ctx.now()));
        let (ctx, manner) = (ctx.clone(), self.manner);
        ctx.clone().spawn(async move {
            for act in manner.split(", ") {
                match act {
                    "agree" => ctx.reply(&order, Agree).await?,
                    "refuse" => ctx.reply(&order, Refuse::new("no")).await?,
                    "fail" => ctx.reply(&order, Failure::new("cannot")).await?,
                    "inform" => ctx.reply(&order, Inform("done")).await?,
                    "confirm" => ctx.reply(&order, Confirm(())).await?,
                    "propose" => ctx.reply(&order, Propose(())).await?,
                    wait => ctx.sleep(wait).await?,
                }
            }
            peak::Ok(())
        });
        Ok(())
    }

    #[on_message(performative = "cancel")]
    async fn cancelled(&mut self) -> Result<Inform<()>, Failure> {
        self.journal.note(format!("{} is cancelled", self.manner));
        match self.manner {
            "is silent" => Err(Failure::new("I never stop")),
            _ => Ok(Inform(())),
        }
    }

    #[on_message(performative = "reject-proposal")]
    async fn rejected(&mut self) {
        self.journal.note(format!("{} is rejected", self.manner));
    }
}

async fn winner(platform: &Platform, name: &str, manner: &'static str) -> (String, Journal) {
    let (jid, journal) = (format!("{name}@localhost"), Journal::default());
    let winner = Winner {
        manner,
        journal: journal.clone(),
    };
    platform.spawn(&jid, winner).await.expect("it starts");
    (jid, journal)
}

fn outcome(settled: Option<&Achieved>) -> String {
    match settled {
        Some(Achieved::Done(message)) => format!("done: {}", said(message)),
        Some(Achieved::Refused(message)) => format!("refused: {}", said(message)),
        Some(Achieved::Failed(message)) => format!("failed: {}", said(message)),
        Some(Achieved::NotUnderstood(_)) => "not understood".to_owned(),
        Some(Achieved::Broken(message)) => format!("broken: {}", said(message)),
        Some(Achieved::Late { agreed }) => format!("late, agreed: {}", agreed.is_some()),
        Some(Achieved::Unreachable(unreachable)) => unreachable.jid.bare().to_string(),
        other => format!("{other:?}"),
    }
}

on_both_networks! {
async fn winners_do_it_or_not(platform: &Platform) {
    let ctx = hands(platform, "auctioneer@localhost").await;
    for (number, (manner, wanted)) in [
        ("inform", "done: inform done"),
        ("agree, 500ms, inform", "done: inform done"),
        ("refuse", "refused: refuse no"),
        ("agree, fail", "failed: failure cannot"),
        ("confirm", "broken: confirm "),
        ("agree, agree", "broken: agree "),
        ("agree, refuse", "broken: refuse no"),
        // It is rejected, as all bids are that come too late.
        ("propose, inform", "done: inform done"),
        ("agree, 3s, inform", "late, agreed: true"),
        ("3s, inform", "late, agreed: false"),
        ("ends", "ends@localhost"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = if manner == "ends" { manner.to_owned() } else { format!("winner{number}") };
        let (to, journal) = winner(platform, &name, manner).await;
        let auction = ctx.dutch_auction("tulips").to([to.as_str()]).starting_at(5.0).step(1.0).reserve(1.0);
        let auction = auction.round("1s").done_within("1500ms");
        let sold = auction.await.unwrap();
        assert_eq!((sold.winner(), sold.price()), (Some(&jid(&to)), Some(5.0)), "{manner}");
        assert_eq!(outcome(sold.settled()), wanted, "{manner}");
        if wanted.starts_with("late") {
            journal.up_to(&format!("{manner} is cancelled")).await;
        }
        if manner.starts_with("propose") {
            journal.up_to(&format!("{manner} is rejected")).await;
        }
    }
    // It has no handler for the request.
    let (to, _) = winner(platform, "unknowing", "inform").await;
    let auction = ctx.dutch_auction("tulips").ontology("unknown").to([to]).starting_at(5.0).step(1.0).reserve(1.0);
    assert_eq!(outcome(auction.await.unwrap().settled()), "not understood");
}

async fn our_winners_fail_in_words(platform: &Platform) {
    let (to, _) = bidders(platform, [("ann", 40.0)]).await;
    let ctx = hands(platform, "auctioneer@localhost").await;
    for (item, wanted) in [
        ("fail", "failed: failure no money"),
        ("panic later", "failed: failure it was ended before it was done"),
    ] {
        let auction = ctx.english_auction(item).to(&to).starting_at(5.0).step(1.0);
        assert_eq!(outcome(auction.await.unwrap().settled()), wanted, "{item}");
    }
    // The role goes on.
    let auction = ctx.english_auction("a pen").to(&to).starting_at(5.0).step(1.0);
    assert_eq!(outcome(auction.await.unwrap().settled()), "done: inform 5 for a pen");
}

async fn later_bids_lose(platform: &Platform) {
    let ctx = hands(platform, "auctioneer@localhost").await;
    let (mut to, mut journals) = (Vec::new(), Vec::new());
    for name in ["first", "second", "third"] {
        let (jid, journal) = winner(platform, name, "inform").await;
        to.push(jid);
        journals.push((name, journal));
    }
    let auction = ctx.dutch_auction("tulips").to(&to).starting_at(5.0).step(1.0).reserve(1.0);
    let sold = auction.round("1s").await.unwrap();
    let winner = sold.winner().cloned().unwrap();
    // Their bids come while the winner is accepted, or later; they are rejected all the same.
    for (name, journal) in journals {
        if winner.local() == Some(name) {
            assert_eq!(journal.read(), [""; 0]);
        } else {
            journal.next(&["inform is rejected"]).await;
        }
    }
}

async fn an_auction_is_cancelled_while_it_goes_on(platform: &Platform) {
    let (ours, journal) = bidders(platform, [("ann", 3.0)]).await;
    let (silent, _) = winner(platform, "silent", "is silent").await;
    platform.spawn("deaf@localhost", Driver).await.unwrap();
    let [ann] = ours;
    let to = [ann, silent];
    let ctx = hands(platform, "auctioneer@localhost").await;
    let auction = ctx.dutch_auction("tulips").to(&to).starting_at(9.0).step(1.0).reserve(1.0).round("4s");
    let sold = auction.cancel_on(ctx.sleep("500ms")).await.unwrap();
    assert_eq!((sold.winner(), sold.rounds().len()), (None, 0));
    assert!(sold.settled().is_none());
    let said: Vec<String> = sold
        .cancelled()
        .iter()
        .map(|(jid, cancelled)| match cancelled {
            Cancelled::Done(_) => format!("{jid} done"),
            Cancelled::Failed(why) => format!("{jid} {}", why.body().unwrap()),
            other => format!("{jid} {other:?}"),
        })
        .collect();
    assert_eq!(said, ["ann@localhost done", "silent@localhost I never stop"]);
    journal.next(&["ann hears: cancelled by the auctioneer"]).await;
}

async fn an_auction_that_is_dropped_is_cancelled(platform: &Platform) {
    let (to, journal) = bidders(platform, [("ann", 3.0), ("bob", 4.0)]).await;
    let (silent, silents) = winner(platform, "silent", "is silent").await;
    let ctx = hands(platform, "auctioneer@localhost").await;
    let all = [&to[0], &to[1], &silent];
    let auction = ctx.dutch_auction("tulips").to(all).starting_at(9.0).step(1.0).reserve(1.0).round("10s");
    let dropped = tokio::time::timeout(Duration::from_millis(500), auction.into_future()).await;
    assert!(dropped.is_err());
    silents.next(&["is silent is cancelled"]).await;
    journal
        .next_in_any_order(&[
            "ann hears: cancelled by the auctioneer",
            "bob hears: cancelled by the auctioneer",
        ])
        .await;
}

async fn what_the_winner_does_is_cancelled(platform: &Platform) {
    let (to, journal) = bidders(platform, [("ann", 30.0), ("bob", 4.0)]).await;
    let ctx = hands(platform, "auctioneer@localhost").await;
    let sell = |item: &'static str| ctx.english_auction(item).to(&to).starting_at(9.0).step(1.0).round("4s");
    let sold = sell("take long").cancel_on(ctx.sleep("1s")).await.unwrap();
    assert_eq!(sold.winner(), Some(&jid("ann@localhost")));
    let Some(Achieved::Cancelled(Cancelled::Done(_))) = sold.settled() else { panic!("{sold:?}") };
    assert!(sold.cancelled().is_empty());
    journal.up_to("ann is cancelled").await;
    let sold = sell("never end").cancel_on(ctx.sleep("1s")).await.unwrap();
    let Some(Achieved::Cancelled(Cancelled::Failed(why))) = sold.settled() else { panic!("{sold:?}") };
    assert_eq!(why.body(), Some("too late for that"));
    // Dropped, it is cancelled, too; and it is when its time is over.
    let dropped = tokio::time::timeout(Duration::from_secs(1), sell("take long").into_future()).await;
    assert!(dropped.is_err());
    journal.up_to("ann is cancelled").await;
    let sold = sell("take long").done_within("1s").await.unwrap();
    assert_eq!(outcome(sold.settled()), "late, agreed: false");
    journal.up_to("ann is cancelled").await;
}
}
