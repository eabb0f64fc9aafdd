//! Auctions among bidders of ours.

use peak::prelude::*;
use peak::protocol::Achieved;
use peak::protocol::auction::{Auctioned, TermsError};

use super::{Bidder, bidders, jid};
use crate::{Journal, drive, hands, on_both_networks};

/// Only within the process: that many sessions are another test's subject.
#[tokio::test(start_paused = true)]
async fn a_thousand_bidders_are_all_heard() {
    let platform = Platform::new();
    let journal = Journal::default();
    let mut to = Vec::new();
    for number in 0..1000_u32 {
        let (limit, journal) = (f64::from(number % 40), journal.clone());
        to.push(format!("bidder{number}@localhost"));
        let bidder = Bidder { limit, journal };
        platform.spawn(to.last().unwrap(), bidder).await.unwrap();
    }
    let ctx = hands(&platform, "auctioneer@localhost").await;
    let auction = ctx
        .english_auction("a clock")
        .to(&to)
        .starting_at(20.0)
        .step(1.0);
    let sold = auction.round("20s").await.unwrap();
    assert_eq!((sold.price(), sold.rounds().len()), (Some(39.0), 21));
    assert_eq!(sold.rounds()[0].bids, 500);
    assert_eq!(sold.rounds()[20].bids, 0);
    assert!(sold.silent().is_empty() && sold.late().is_empty());
    let winner = sold.winner().unwrap().clone();
    for loser in [&to[0], &to[500]].map(|jid| jid.trim_end_matches("@localhost")) {
        journal
            .holds(&[&format!("{loser} hears: sold to {winner} for 39")])
            .await;
    }
}

/// The prices that were called, with who got them.
fn course(sold: &Auctioned) -> Vec<String> {
    let line = |round: &peak::protocol::auction::Round| {
        let who = round.accepted.as_ref().and_then(Jid::local);
        format!("{}: {} of {}", round.price, who.unwrap_or("-"), round.bids)
    };
    sold.rounds().iter().map(line).collect()
}

fn result(sold: &Auctioned) -> &str {
    match sold.settled() {
        Some(Achieved::Done(message)) => message.body().unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

on_both_networks! {
async fn a_price_rises_until_nobody_bids_more(platform: &Platform) {
    let (to, journal) = bidders(platform, [("ann", 11.0), ("bob", 12.5), ("cid", 30.0)]).await;
    let ctx = hands(platform, "auctioneer@localhost").await;
    let begin = ctx.now();
    let auction = ctx.english_auction("a clock").to(&to).starting_at(12.0).step(0.5).reserve(12.5);
    let sold = auction.round("20s").await.unwrap();
    // Everybody answers: no round lasts its time.
    assert!(ctx.now() < begin + std::time::Duration::from_secs(20));
    assert_eq!(sold.winner(), Some(&jid("cid@localhost")));
    let price = sold.price().unwrap();
    assert!(price == 12.5 || price == 13.0, "{price}");
    assert_eq!(result(&sold), format!("{price} for a clock"));
    let rounds = course(&sold);
    assert!(["12: bob of 2", "12: cid of 2"].contains(&rounds[0].as_str()), "{rounds:?}");
    assert_eq!(rounds.last().unwrap(), &format!("{}: - of 0", price + 0.5));
    journal.holds(&[
        &format!("cid leads with {price}"),
        &format!("cid hears: won for {price}"),
        &format!("ann hears: sold to cid@localhost for {price}"),
        &format!("bob hears: sold to cid@localhost for {price}"),
    ]).await;
}

async fn who_leads_is_not_asked_to_outbid_itself(platform: &Platform) {
    let (to, journal) = bidders(platform, [("ann", 30.0), ("bob", 10.0)]).await;
    let ctx = hands(platform, "auctioneer@localhost").await;
    let auction = ctx.english_auction("a clock").to(&to).starting_at(20.0).step(1.0);
    let sold = auction.await.unwrap();
    assert_eq!(course(&sold), ["20: ann of 1", "21: - of 0"]);
    assert_eq!((sold.winner(), sold.price()), (Some(&jid("ann@localhost")), Some(20.0)));
    journal.next_in_any_order(&[
        "ann leads with 20",
        "ann hears: won for 20",
        "bob hears: sold to ann@localhost for 20",
    ]).await;

    // Nobody else is there who might bid more, so nothing more is called; and that does not suffice.
    let auction = ctx.english_auction("a clock").to(&to[..1]).starting_at(20.0).step(1.0);
    let unsold = auction.reserve(25.0).await.unwrap();
    assert_eq!(course(&unsold), ["20: ann of 1"]);
    assert_eq!((unsold.winner(), unsold.price()), (None, None));
    assert!(unsold.settled().is_none());
    journal.next(&["ann leads with 20", "ann hears: not sold"]).await;
}

async fn who_is_outbid_learns_it(platform: &Platform) {
    let (to, journal) = bidders(platform, [("ann", 14.0), ("bob", 13.0)]).await;
    let ctx = hands(platform, "auctioneer@localhost").await;
    let auction = ctx.english_auction("a clock").to(&to).starting_at(11.0).step(1.0);
    let sold = auction.await.unwrap();
    assert_eq!(sold.winner(), Some(&jid("ann@localhost")));
    // They take turns; who was first is a matter of luck.
    let first = sold.rounds()[0].accepted.clone().unwrap();
    let (price, wanted) = match first.local() {
        Some("bob") => {
            (14.0, ["leads with 11", "is outbid after 11", "leads with 13", "is outbid after 13"].as_slice())
        }
        _ => (13.0, ["leads with 12", "is outbid after 12"].as_slice()),
    };
    assert_eq!(sold.price(), Some(price));
    let lines = journal.up_to(&format!("bob hears: sold to ann@localhost for {price}")).await;
    let bobs: Vec<&str> = lines.iter().filter_map(|line| line.strip_prefix("bob ")).collect();
    assert_eq!(bobs, wanted);
}

async fn a_price_falls_until_somebody_bids(platform: &Platform) {
    let (to, journal) = bidders(platform, [("ann", 40.0), ("bob", 62.0), ("cid", 55.0)]).await;
    let ctx = hands(platform, "auctioneer@localhost").await;
    let auction = ctx.dutch_auction("tulips").to(&to).starting_at(70.0).step(5.0).reserve(20.0);
    let sold = auction.round("20s").await.unwrap();
    assert_eq!(course(&sold), ["70: - of 0", "65: - of 0", "60: bob of 1"]);
    assert_eq!((sold.winner(), sold.price()), (Some(&jid("bob@localhost")), Some(60.0)));
    assert_eq!(result(&sold), "60 for tulips");
    journal.next_in_any_order(&[
        "bob leads with 60",
        "bob hears: won for 60",
        "ann hears: sold to bob@localhost for 60",
        "cid hears: sold to bob@localhost for 60",
    ]).await;

    let auction = ctx.dutch_auction("tulips").to(&to).starting_at(70.0).step(3.0).reserve(65.0);
    let unsold = auction.await.unwrap();
    // The last price is the reserve.
    assert_eq!(course(&unsold), ["70: - of 0", "67: - of 0", "65: - of 0"]);
    assert_eq!(unsold.winner(), None);
    journal.next_in_any_order(&[
        "ann hears: not sold",
        "bob hears: not sold",
        "cid hears: not sold",
    ]).await;
}

async fn who_does_not_care_hears_no_more(platform: &Platform) {
    let (to, journal) = bidders(platform, [("ann", 40.0), ("bob", 50.0)]).await;
    let ctx = hands(platform, "auctioneer@localhost").await;
    let auction = ctx.english_auction("junk").to(&to).starting_at(1.0).step(1.0);
    let sold = auction.await.unwrap();
    assert_eq!(sold.winner(), None);
    assert_eq!(sold.left().len(), 2);
    assert_eq!(sold.left()[0].body(), Some("not interested"));
    let auction = ctx.dutch_auction("leave").to(&to).starting_at(9.0).step(1.0).reserve(1.0);
    let sold = auction.await.unwrap();
    // Nobody is there for a second price.
    assert_eq!(course(&sold), ["9: - of 0"]);
    assert_eq!(sold.left()[1].body(), Some("leaves the auction"));
    let auction = ctx.english_auction("panic").to(&to).starting_at(1.0).step(1.0);
    let sold = auction.await.unwrap();
    assert_eq!(sold.left()[0].body(), Some("internal error"));
    assert_eq!(journal.read(), [""; 0]);
    // The role goes on.
    let auction = ctx.dutch_auction("a pen").to(&to).starting_at(50.0).step(1.0).reserve(1.0);
    assert_eq!(auction.await.unwrap().winner(), Some(&jid("bob@localhost")));
}

async fn what_makes_no_auction_is_an_error_at_once(platform: &Platform) {
    let (to, journal) = bidders(platform, [("ann", 40.0)]).await;
    drive(platform, async move |ctx| {
        let english = || ctx.english_auction("a clock").to(&to).starting_at(1.0).step(1.0);
        let wrong = english().step(-1.0).await.unwrap_err();
        assert_eq!(
            wrong.to_string(),
            "`.step(-1)`: a step is more than 0, whichever way the price goes"
        );
        assert_eq!(wrong.downcast::<TermsError>().unwrap(), TermsError::Step(-1.0));
        let wrong = english().starting_at(f64::NAN).await.unwrap_err();
        assert!(wrong.is::<TermsError>(), "{wrong}");
        let wrong = english().round("soon").await.unwrap_err();
        assert!(wrong.to_string().starts_with("`soon` is not a duration"), "{wrong}");
        let wrong = english().done_within("never").await.unwrap_err();
        assert!(wrong.to_string().starts_with("`never` is not a duration"), "{wrong}");
        let wrong = english().to(["no@jid@"]).await.unwrap_err();
        assert!(wrong.to_string().starts_with("`no@jid@` is not a JID"), "{wrong}");
        let wrong = ctx.dutch_auction(()).to(["a@x"]).starting_at(1.0).step(1.0).await.unwrap_err();
        assert!(wrong.to_string().ends_with("`.reserve(20.0)`"), "{wrong}");
        // Nobody is an answer, too.
        let nobody: [&str; 0] = [];
        let sold = english().to(nobody).await.unwrap();
        assert!(sold.rounds().is_empty() && sold.winner().is_none());
    })
    .await;
    assert_eq!(journal.read(), [""; 0]);
}
}
