//! Subscribe as its initiator sees it, with publishers of every kind.

use peak::ReceiveError;
use peak::prelude::*;
use peak::protocol::Cancelled;
use peak::protocol::subscribe::{Feed, Subscribed, Told};

use crate::{Driver, Journal, context_of, hands, on_both_networks};

/// Does as the topic says, and not as a publisher should.
#[agent]
struct Publisher {
    journal: Journal,
    /// What it says to a `cancel`; nothing if there is nothing here.
    to_cancel: Option<&'static str>,
}

#[agent]
impl Publisher {
    #[on_message(
        performative = "subscribe",
        protocol = "fipa-subscribe",
        not(body = "nonsense")
    )]
    async fn obey(&mut self, ctx: &Context<Self>, message: Message, Text(orders): Text) {
        assert!(message.reply_by().is_some_and(|time| time > ctx.now()));
        let ctx = ctx.clone();
        ctx.clone().spawn(async move {
            for order in orders.split(", ") {
                match order {
                    "agree" => ctx.reply(&message, Agree).await?,
                    "refuse" => ctx.reply(&message, Refuse::new("no")).await?,
                    "fail" => ctx.reply(&message, Failure::new("cannot")).await?,
                    "puzzle" => ctx.reply(&message, NotUnderstood::new("what?")).await?,
                    "propose" => ctx.reply(&message, Propose(())).await?,
                    "gossip" => {
                        let gossip = Message::inform("gossip@localhost");
                        let about = message.conversation_id().expect("it has one");
                        ctx.request(
                            gossip.with_performative(Performative::Request).text(about),
                            "5s",
                        )
                        .await
                        .map(drop)?;
                    }
                    "stop" => ctx.stop(),
                    news if news.starts_with("news") => ctx.reply(&message, Inform(news)).await?,
                    wait => ctx.sleep(wait).await?,
                }
            }
            peak::Ok(())
        });
    }

    #[on_message(performative = "cancel", protocol = "fipa-subscribe")]
    async fn cancelled(&mut self) -> Option<Result<Inform<()>, Failure>> {
        self.journal.note("cancelled");
        match self.to_cancel {
            None => None,
            Some("done") => Some(Ok(Inform(()))),
            Some(reason) => Some(Err(Failure::new(reason))),
        }
    }

    #[on_message(performative = "not-understood")]
    async fn scolded(&mut self) {
        self.journal.note("scolded");
    }
}

const PUBLISHER: &str = "publisher@localhost";

async fn publisher(platform: &Platform, to_cancel: Option<&'static str>) -> Journal {
    let journal = Journal::default();
    let publisher = Publisher {
        journal: journal.clone(),
        to_cancel,
    };
    platform
        .spawn(PUBLISHER, publisher)
        .await
        .expect("it starts");
    journal
}

/// What is told, in a line.
fn told(told: Told) -> String {
    let body = |message: Message| message.body().unwrap_or_default().to_owned();
    match told {
        Told::News(message) => body(message),
        Told::Nothing => "nothing".to_owned(),
        Told::Failed(message) => format!("failed: {}", body(message)),
        Told::NotUnderstood(message) => format!("not understood: {}", body(message)),
        Told::Broken(message) => format!("broken: {}", message.performative().expect("it has one")),
        Told::Unreachable(unreachable) => format!("unreachable: {}", unreachable.jid),
        other => format!("{other:?}"),
    }
}

async fn feed(ctx: &Context<Driver>, orders: &str) -> Feed<Driver> {
    let subscribed = ctx
        .subscribe_to(PUBLISHER, orders)
        .await
        .expect("nothing is malformed");
    subscribed.active().expect("it agrees")
}

on_both_networks! {
async fn every_first_answer_has_its_outcome(platform: &Platform) {
    let journal = publisher(platform, None).await;
    let ctx = hands(platform, "asker@localhost").await;
        let ask = async |orders: &str| {
            let subscribed = ctx.subscribe_to(PUBLISHER, orders).within("1s").await.unwrap();
            let body = |message: Message| message.body().unwrap_or_default().to_owned();
            match subscribed {
                Subscribed::Active(_) => "active".to_owned(),
                Subscribed::Refused(message) => format!("refused: {}", body(message)),
                Subscribed::Failed(message) => format!("failed: {}", body(message)),
                Subscribed::NotUnderstood(_) => "not understood".to_owned(),
                Subscribed::Broken(message) => format!("broken: {}", message.performative().unwrap()),
                other => format!("{other:?}"),
            }
        };
        for (orders, outcome) in [
            ("refuse", "refused: no"),
            ("fail", "failed: cannot"),
            ("nonsense", "not understood"),
            ("puzzle", "not understood"),
        ] {
            assert_eq!(ask(orders).await, outcome, "{orders}");
        }
        // Nobody is told anything more where there is nothing to end.
        assert_eq!(journal.read(), [""; 0]);
        for (orders, outcome, heard) in [
            ("agree", "active", "cancelled"),
            ("news", "active", "cancelled"),
            ("1500ms, agree", "Late", "cancelled"),
            ("propose", "broken: propose", "scolded"),
        ] {
            assert_eq!(ask(orders).await, outcome, "{orders}");
            journal.next(&[heard]).await;
        }

        let nobody = ctx.subscribe_to("nobody@localhost", "x").await.unwrap();
        let Subscribed::Unreachable(nobody) = nobody else { panic!("{nobody:?}") };
        assert_eq!(nobody.jid.as_str(), "nobody@localhost");
        let wrong = ctx.subscribe_to("no@jid@", "x").await.unwrap_err();
        assert!(wrong.to_string().contains("`no@jid@` is not a JID"), "{wrong}");
        let wrong = ctx.subscribe_to(PUBLISHER, "x").within("soon").await.unwrap_err();
        assert!(wrong.to_string().contains("`soon`"), "{wrong}");
    assert_eq!(journal.read(), [""; 0]);
}

async fn news_comes_until_it_ends(platform: &Platform) {
    let journal = publisher(platform, None).await;
    let ctx = hands(platform, "asker@localhost").await;
        for (orders, lines) in [
            ("agree, news 1, news 2, fail", &["news 1", "news 2", "failed: cannot"][..]),
            // Some do not agree, and some do so afterwards.
            ("news 1, news 2, puzzle", &["news 1", "news 2", "not understood: what?"]),
            ("news 1, agree, news 2, fail", &["news 1", "news 2", "failed: cannot"]),
            ("agree, 3s, news 1, fail", &["nothing", "news 1", "failed: cannot"]),
        ] {
            let mut feed = feed(&ctx, orders).await;
            assert_eq!(feed.publisher().as_str(), "publisher@localhost/main");
            for line in lines {
                assert_eq!(told(feed.next("2s").await.unwrap()), *line, "{orders}");
            }
            // The end stays.
            assert_eq!(told(feed.next("0s").await.unwrap()), lines[lines.len() - 1]);
            drop(feed);
        }
        // All has ended before it was dropped.
        assert_eq!(journal.read(), [""; 0]);
        for (orders, end, heard) in [
            ("agree, agree, news", "broken: agree", "cancelled"),
            ("agree, refuse", "broken: refuse", "cancelled"),
            ("agree, propose", "broken: propose", "scolded"),
        ] {
            let mut feed = feed(&ctx, orders).await;
            assert_eq!(told(feed.next(None).await.unwrap()), end, "{orders}");
            drop(feed);
            journal.next(&[heard]).await;
        }
        let mut feed = feed(&ctx, "agree").await;
        let wrong = feed.next("soon").await.unwrap_err();
        assert!(wrong.to_string().contains("`soon`"), "{wrong}");
        let wrong = feed.cancel("soon").await.unwrap_err();
        assert!(wrong.to_string().contains("`soon`"), "{wrong}");
        drop(feed);
    journal.next(&["cancelled"]).await;
    assert_eq!(journal.read(), [""; 0]);
}

async fn nobody_else_speaks_in_its_name(platform: &Platform) {
    publisher(platform, None).await;
    let journal = Journal::default();
    let gossip = Gossip { about: "listener@localhost/main", journal: journal.clone() };
    platform.spawn("gossip@localhost", gossip).await.expect("it starts");
    let ctx = hands(platform, "listener@localhost").await;
    let mut feed = feed(&ctx, "agree, gossip, news").await;
    assert_eq!(told(feed.next("10s").await.unwrap()), "news");
    journal.next(&["scolded"]).await;
}

async fn it_is_cancelled(platform: &Platform) {
    let journal = publisher(platform, Some("done")).await;
    let ctx = hands(platform, "listener@localhost").await;
    let mut feed = feed(&ctx, "agree, news 1").await;
    assert_eq!(told(feed.next("5s").await.unwrap()), "news 1");
    assert!(feed.cancel("5s").await.unwrap().is_done());
    assert!(matches!(feed.next(None).await.unwrap(), Told::Cancelled));
    drop(feed);
    journal.next(&["cancelled"]).await;
}

async fn what_is_not_cancelled_goes_on(platform: &Platform) {
    let journal = publisher(platform, Some("not before noon")).await;
    let ctx = hands(platform, "listener@localhost").await;
    let mut feed = feed(&ctx, "agree, 1s, news 1").await;
    let Cancelled::Failed(why) = feed.cancel("5s").await.unwrap() else { panic!("it refuses") };
    assert_eq!(why.body(), Some("not before noon"));
    assert_eq!(told(feed.next("5s").await.unwrap()), "news 1");
    journal.next(&["cancelled"]).await;
    drop(feed);
    journal.next(&["cancelled"]).await;
}

async fn a_cancel_may_be_left_unanswered(platform: &Platform) {
    let journal = publisher(platform, None).await;
    let ctx = hands(platform, "listener@localhost").await;
    let mut one = feed(&ctx, "agree, 2s, news 1").await;
    assert!(matches!(one.cancel("1s").await.unwrap(), Cancelled::Late));
    assert_eq!(told(one.next("5s").await.unwrap()), "news 1");
    let mut other = feed(&ctx, "agree, stop").await;
    journal.next(&["cancelled"]).await;
    while !matches!(other.cancel("100ms").await.unwrap(), Cancelled::Unreachable(_)) {}
    assert!(matches!(other.next(None).await.unwrap(), Told::Cancelled));
}

async fn whoever_subscribes_and_ends_has_cancelled(platform: &Platform) {
    let journal = publisher(platform, None).await;
    let keeper = platform.spawn("keeper@localhost", Keeper::default()).await.expect("it starts");
    let ctx = context_of(&keeper).await;
    // One is kept in the agent's state, and one in a behaviour that never ends.
    let kept = ctx.subscribe_to(PUBLISHER, "agree").await.unwrap().active();
    ctx.with(move |me| me.kept = kept).await;
    let noted = journal.clone();
    ctx.clone().spawn(async move {
        let feed = ctx.subscribe_to(PUBLISHER, "agree").await?.active();
        noted.note("agreed");
        feed.expect("it agrees").next(None).await.map(drop)
    });
    journal.next(&["agreed"]).await;
    keeper.stop();
    keeper.join().await;
    journal.next(&["cancelled", "cancelled"]).await;
}

async fn nothing_comes_to_whoever_has_ended(platform: &Platform) {
    publisher(platform, None).await;
    let keeper = platform.spawn("keeper@localhost", Keeper::default()).await.expect("it starts");
    let ctx = context_of(&keeper).await;
    let mut feed = ctx.subscribe_to(PUBLISHER, "agree").await.unwrap().active().unwrap();
    keeper.stop();
    keeper.join().await;
    let ended = feed.next("1h").await.unwrap_err();
    assert_eq!(ended.downcast::<ReceiveError>().unwrap(), ReceiveError::Closed);
}
}

/// Keeps a feed in its state.
#[agent]
#[derive(Default)]
struct Keeper {
    kept: Option<Feed<Self>>,
}

#[agent]
impl Keeper {}

/// Speaks in conversations that it has heard of.
#[agent]
struct Gossip {
    about: &'static str,
    journal: Journal,
}

#[agent]
impl Gossip {
    #[on_message(performative = "request")]
    async fn gossip(&mut self, ctx: &Context<Self>, Text(id): Text) -> peak::Result<Inform<()>> {
        let invented = Message::subscribe(self.about)
            .with_conversation_id(id)
            .text("news!");
        ctx.send(invented).await?;
        Ok(Inform(()))
    }

    #[on_message(performative = "not-understood")]
    async fn scolded(&mut self) {
        self.journal.note("scolded");
    }
}
