//! Subscribe as a publisher plays it: the trait, against subscribers of every kind.

use std::time::Duration;

use peak::prelude::*;
use peak::protocol::subscribe::{self, Ended, Feed, Told};
use peak::protocol::{Asked, Cancelled};
use peak::{AgentHandle, SendError, Text};
use serde::{Deserialize, Serialize, Serializer};

use crate::{Driver, Journal, context_of, hands, on_both_networks};

/// A number. Some cannot be written.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
struct Reading(u32);

const UNWRITABLE: u32 = 13;

impl Serialize for Reading {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            UNWRITABLE => Err(serde::ser::Error::custom("it brings bad luck")),
            number => number.serialize(serializer),
        }
    }
}

/// Publishes what it is told to, and does with its subscribers as their topics say.
#[agent]
struct Sensor {
    journal: Journal,
    reading: u32,
}

#[agent(plays(subscribe(not(ontology = "stamps"))))]
impl Sensor {
    /// In a function that holds the state.
    #[on_message(performative = "request")]
    async fn measure(
        &mut self,
        ctx: &Context<Self>,
        Json(reading): Json<u32>,
    ) -> peak::Result<Agree> {
        self.reading = reading;
        ctx.publish(Json(Reading(reading))).await?;
        Ok(Agree)
    }

    #[on_message(performative = "subscribe")]
    async fn other(&mut self) -> Refuse {
        Refuse::new("not in this way")
    }

    #[on_stop]
    async fn part(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.publish(Json(Reading(0))).await
    }
}

impl subscribe::Participant for Sensor {
    type Topic = Text;
    type News = Json<Reading>;

    async fn subscribed(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Text>,
    ) -> Result<Option<Json<Reading>>, Refuse> {
        match asked.0.as_str() {
            "refuse" => Err(Refuse::new("nothing here")),
            "break" => Err("no number".parse::<u32>().unwrap_err().into()),
            "panic" => panic!("as it was told"),
            "now" => Ok(Some(Json(Reading(self.reading)))),
            "unwritable" => Ok(Some(Json(Reading(UNWRITABLE)))),
            "slow" => {
                self.journal.note("thinks");
                ctx.sleep("1500ms").await?;
                Ok(Some(Json(Reading(self.reading))))
            }
            _ => Ok(None),
        }
    }

    async fn ended(&mut self, _: &Context<Self>, asked: &Asked<Text>, why: Ended) {
        if asked.0 == "panic at the end" {
            panic!("as it was told");
        }
        let who = asked.initiator().local().expect("it has a name");
        self.journal.note(format!("{who}, {}: {why}", asked.0));
    }

    async fn cancelled(&mut self, _: &Context<Self>, asked: &Asked<Text>) -> Result<(), Failure> {
        match asked.0.as_str() {
            "for ever" => Err(Failure::new("you wanted it so")),
            _ => Ok(()),
        }
    }
}

const SENSOR: &str = "sensor@localhost";

async fn sensor(platform: &Platform) -> (AgentHandle<Sensor>, Context<Sensor>, Journal) {
    let journal = Journal::default();
    let sensor = Sensor {
        journal: journal.clone(),
        reading: 7,
    };
    let sensor = platform.spawn(SENSOR, sensor).await.expect("it starts");
    let ctx = context_of(&sensor).await;
    (sensor, ctx, journal)
}

async fn feed(ctx: &Context<Driver>, topic: &str) -> Feed<Driver> {
    let subscribed = ctx
        .subscribe_to(SENSOR, topic)
        .await
        .expect("nothing is malformed");
    subscribed.active().expect("it agrees")
}

/// The next news, or how it ends.
async fn next(feed: &mut Feed<Driver>) -> Result<u32, String> {
    match feed.next("10s").await.expect("nothing is malformed") {
        Told::News(news) => Ok(news.content::<Reading>().expect("it is one").0),
        Told::Failed(why) => Err(why.body().unwrap_or_default().to_owned()),
        other => Err(format!("{other:?}")),
    }
}

fn message(id: &str, topic: &str) -> Message {
    Message::subscribe(SENSOR)
        .with_protocol("fipa-subscribe")
        .with_conversation_id(id)
        .text(topic)
}

/// What an answer is, and says.
fn said(message: &Message) -> String {
    let act = message.performative().expect("it has one");
    format!("{act} {}", message.body().unwrap_or_default())
}

on_both_networks! {
    async fn all_who_have_subscribed_are_told(platform: &Platform) {
        let (sensor, publisher, journal) = sensor(platform).await;
        let (ada, bob) = (hands(platform, "ada@localhost").await, hands(platform, "bob@localhost").await);
        let mut kitchen = feed(&ada, "kitchen").await;
        let mut cellar = feed(&ada, "cellar").await;
        let mut now = feed(&bob, "now").await;
        assert_eq!(next(&mut now).await, Ok(7));
        let topics = |publisher: &Context<Sensor>| {
            let topic = |asked: &Asked<Text>| format!("{} {}", asked.initiator().local().unwrap(), asked.0);
            publisher.subscribers().iter().map(topic).collect::<Vec<_>>()
        };
        assert_eq!(topics(&publisher), ["ada kitchen", "ada cellar", "bob now"]);
        // From beside the agent, and in a function that holds its state.
        publisher.publish(Json(Reading(8))).await.unwrap();
        bob.request(Message::request(SENSOR).json(9), "5s").await.unwrap();
        for feed in [&mut kitchen, &mut cellar, &mut now] {
            assert_eq!((next(feed).await, next(feed).await), (Ok(8), Ok(9)));
        }
        publisher.publish_to(|asked| (asked.0 == "cellar").then_some(Json(Reading(10)))).await.unwrap();
        assert_eq!(next(&mut cellar).await, Ok(10));
        assert!(matches!(kitchen.next("0s").await.unwrap(), Told::Nothing));
        // One cancels, one is dropped, one is ended; the others go on.
        assert!(kitchen.cancel("5s").await.unwrap().is_done());
        journal.next(&["ada, kitchen: cancelled by the subscriber"]).await;
        drop(cellar);
        journal.next(&["ada, cellar: cancelled by the subscriber"]).await;
        let mut attic = feed(&bob, "attic").await;
        let ended = publisher.end_subscriptions(|asked| {
            (asked.0 == "now").then(|| Failure::new("taken down"))
        });
        assert_eq!(ended, 1);
        assert_eq!(next(&mut now).await, Err("taken down".to_owned()));
        journal.next(&["bob, now: taken down"]).await;
        assert_eq!(topics(&publisher), ["bob attic"]);
        // As the agent parts, and when it has.
        sensor.stop();
        assert_eq!(sensor.join().await.failure_count, 0);
        assert_eq!(next(&mut attic).await, Ok(0));
        assert_eq!(next(&mut attic).await, Err("the agent has stopped".to_owned()));
        assert_eq!(journal.read(), [""; 0]);
        // There is nobody left to be told.
        publisher.publish(Json(Reading(1))).await.unwrap();
        assert_eq!(publisher.subscribers().len(), 0);
    }

    async fn foreign_subscribers_are_told_what_is_wrong(platform: &Platform) {
        let (_sensor, publisher, journal) = sensor(platform).await;
        let ctx = hands(platform, "ada@localhost").await;
        let ask = async |message: Message| said(&ctx.request(message, "5s").await.unwrap());
        let empty = Message::subscribe(SENSOR).with_protocol("fipa-subscribe");
        assert_eq!(ask(empty).await, "not-understood the message has no body, expected text");
        let late = message("late", "kitchen").with_reply_by(ctx.now() - Duration::from_secs(60));
        let answer = ask(late).await;
        assert!(answer.starts_with("refuse too late: an answer was wanted by 20"), "{answer}");
        let stamps = message("stamps", "a stamp").with_ontology("stamps");
        assert_eq!(ask(stamps).await, "refuse not in this way");
        assert_eq!(ask(message("0", "refuse")).await, "refuse nothing here");
        assert_eq!(ask(message("0", "break")).await, "refuse invalid digit found in string");
        assert_eq!(ask(message("0", "panic")).await, "failure internal error");
        assert_eq!(publisher.subscribers().len(), 0);
        // The name is free again. Another subscription in the same conversation has no place there.
        assert_eq!(ask(message("0", "kitchen")).await, "agree ");
        let other = hands(platform, "eve@localhost").await;
        let stolen = other.request(message("0", "kitchen"), "5s").await.unwrap();
        assert_eq!(said(&stolen), "refuse there is no room for this conversation");
        let reason = "there was no place for this where the conversation stood, and it has ended";
        assert_eq!(ask(message("0", "cellar")).await, format!("not-understood {reason}"));
        journal.next(&["ada, kitchen: the subscriber broke off"]).await;
        assert_eq!(publisher.subscribers().len(), 0);
        let over = ask(Message::cancel(SENSOR).with_conversation_id("0")).await;
        assert_eq!(over, "not-understood Sensor has no handler for this message");
        // Whoever does not understand the news gets no more of it, and no answer.
        assert_eq!(ask(message("1", "kitchen")).await, "agree ");
        ctx.send(Message::not_understood(SENSOR).with_conversation_id("1")).await.unwrap();
        journal.next(&["ada, kitchen: the subscriber broke off"]).await;
        assert_eq!(journal.read(), [""; 0]);
    }

    async fn a_subscriber_may_name_no_conversation(platform: &Platform) {
        let (_sensor, publisher, journal) = sensor(platform).await;
        let ctx = hands(platform, "ada@localhost").await;
        let mailbox = ctx.subscribe(template!(sender = "sensor@localhost"));
        let heard = async || said(&mailbox.receive("5s").await.unwrap().unwrap());
        let bare = Message::subscribe(SENSOR).with_protocol("fipa-subscribe").text("now");
        ctx.send(bare.with_reply_with("r")).await.unwrap();
        assert_eq!(heard().await, "agree ");
        assert_eq!(heard().await, "inform 7");
        publisher.publish(Json(Reading(8))).await.unwrap();
        let news = mailbox.receive("5s").await.unwrap().unwrap();
        assert_eq!((said(&news).as_str(), news.in_reply_to()), ("inform 8", Some("r")));
        assert_eq!(news.protocol(), Some("fipa-subscribe"));
        ctx.send(Message::cancel(SENSOR)).await.unwrap();
        assert_eq!(heard().await, "inform ");
        journal.next(&["ada, now: cancelled by the subscriber"]).await;
    }

    async fn a_cancel_may_be_refused(platform: &Platform) {
        let (_sensor, publisher, journal) = sensor(platform).await;
        let ctx = hands(platform, "ada@localhost").await;
        let mut for_ever = feed(&ctx, "for ever").await;
        let Cancelled::Failed(why) = for_ever.cancel("5s").await.unwrap() else { panic!("it is refused") };
        assert_eq!(why.body(), Some("you wanted it so"));
        publisher.publish(Json(Reading(8))).await.unwrap();
        assert_eq!(next(&mut for_ever).await, Ok(8));
        assert_eq!(publisher.subscribers().len(), 1);
        assert_eq!(journal.read(), [""; 0]);
    }

    async fn what_is_published_before_it_agrees_comes_after_that(platform: &Platform) {
        let (_sensor, publisher, journal) = sensor(platform).await;
        let ctx = hands(platform, "ada@localhost").await;
        let mailbox = ctx.subscribe(template!(conversation_id = "1"));
        ctx.send(message("1", "slow")).await.unwrap();
        journal.next(&["thinks"]).await;
        assert_eq!(publisher.subscribers().len(), 0);
        publisher.publish(Json(Reading(8))).await.unwrap();
        publisher.publish(Json(Reading(9))).await.unwrap();
        for line in ["agree ", "inform 7", "inform 8", "inform 9"] {
            assert_eq!(said(&mailbox.receive("5s").await.unwrap().unwrap()), line);
        }
        assert_eq!(publisher.subscribers().len(), 1);
        // By the time it is ready nobody waits for it.
        let soon = message("2", "slow").with_reply_by(ctx.now() + Duration::from_secs(1));
        let answer = said(&ctx.request(soon, "5s").await.unwrap());
        assert!(answer.starts_with("refuse too late: an answer was wanted by 20"), "{answer}");
        journal.next(&["thinks", "ada, slow: agreed too late"]).await;
        assert_eq!(publisher.subscribers().len(), 1);
    }

    async fn whoever_is_not_reached_is_struck_out(platform: &Platform) {
        let (_sensor, publisher, journal) = sensor(platform).await;
        let ada = platform.spawn("ada@localhost", Driver).await.unwrap();
        let ctx = context_of(&ada).await;
        // The answers go to somebody who is not there.
        ctx.send(message("1", "kitchen").with_reply_to("nobody@localhost")).await.unwrap();
        let (_, line) = journal.up_to_beginning("ada, kitchen: `nobody@localhost` was not reached: ").await;
        assert!(line.len() > "ada, kitchen: `nobody@localhost` was not reached: ".len(), "{line}");
        assert_eq!(publisher.subscribers().len(), 0);
        // It ends with news in its mailbox that nobody has read, and without a word.
        let mailbox = ctx.subscribe(template!(conversation_id = "2"));
        ctx.send(message("2", "cellar")).await.unwrap();
        assert_eq!(said(&mailbox.receive("5s").await.unwrap().unwrap()), "agree ");
        let mut bob = feed(&hands(platform, "bob@localhost").await, "attic").await;
        publisher.publish(Json(Reading(8))).await.unwrap();
        assert_eq!(next(&mut bob).await, Ok(8));
        // What is answered after the news comes after it.
        assert_eq!(said(&ctx.request(message("3", "refuse"), "5s").await.unwrap()), "refuse nothing here");
        ada.stop();
        ada.join().await;
        journal.up_to_beginning("ada, cellar: `ada@localhost/main` was not reached: ").await;
        // The next one learns of it when there is news.
        let eve = platform.spawn("eve@localhost", Driver).await.unwrap();
        let ctx = context_of(&eve).await;
        assert_eq!(said(&ctx.request(message("4", "cellar"), "5s").await.unwrap()), "agree ");
        eve.stop();
        eve.join().await;
        publisher.publish(Json(Reading(9))).await.unwrap();
        journal.up_to_beginning("eve, cellar: `eve@localhost/main` was not reached: ").await;
        assert_eq!(next(&mut bob).await, Ok(9));
        assert_eq!(publisher.subscribers().len(), 1);
    }

    async fn a_panic_of_what_is_told_of_the_end_is_a_failure(platform: &Platform) {
        let (sensor, publisher, journal) = sensor(platform).await;
        let ctx = hands(platform, "ada@localhost").await;
        let mut panics = feed(&ctx, "panic at the end").await;
        publisher.end_subscriptions(|_| Some(Failure::new("enough")));
        assert_eq!(next(&mut panics).await, Err("enough".to_owned()));
        // It goes on.
        let other = feed(&ctx, "kitchen").await;
        drop(other);
        journal.next(&["ada, kitchen: cancelled by the subscriber"]).await;
        sensor.stop();
        let report = sensor.join().await;
        let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
        assert_eq!(failures, ["sensor@localhost/main: subscribe: panicked: as it was told"]);
    }

    async fn many_are_told_in_order(platform: &Platform) {
        let (_sensor, publisher, _) = sensor(platform).await;
        let mut feeds = Vec::new();
        for number in 0..10 {
            let ctx = hands(platform, &format!("display{number}@localhost")).await;
            feeds.push(feed(&ctx, "kitchen").await);
        }
        for reading in 0..50 {
            publisher.publish(Json(Reading(100 + reading))).await.unwrap();
        }
        for feed in &mut feeds {
            for reading in 0..50 {
                assert_eq!(next(feed).await, Ok(100 + reading));
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_does_not_take_the_news_is_struck_out_and_keeps_nobody_from_it() {
    let platform = Platform::builder().mailbox(4).build();
    let (_sensor, publisher, journal) = sensor(&platform).await;
    let mut lazy = feed(&hands(&platform, "lazy@localhost").await, "kitchen").await;
    let mut quick = feed(&hands(&platform, "quick@localhost").await, "kitchen").await;
    let begin = publisher.now();
    for reading in 1..=4 {
        publisher.publish(Json(Reading(reading))).await.unwrap();
        assert_eq!(next(&mut quick).await, Ok(reading));
    }
    assert_eq!(publisher.now(), begin);
    let (told, heard) = tokio::join!(publisher.publish(Json(Reading(5))), async {
        let heard = next(&mut quick).await;
        (heard, publisher.now())
    });
    told.unwrap();
    // One has it at once; for the other it has waited.
    assert_eq!(heard, (Ok(5), begin));
    assert_eq!(publisher.now(), begin + Duration::from_secs(5));
    journal.next(&["lazy, kitchen: `lazy@localhost/main` was not reached: the mailbox of `lazy@localhost/main` stayed full for 5s"]).await;
    publisher.publish(Json(Reading(6))).await.unwrap();
    assert_eq!(publisher.now(), begin + Duration::from_secs(5));
    assert_eq!(next(&mut quick).await, Ok(6));
    for reading in 1..=4 {
        assert_eq!(next(&mut lazy).await, Ok(reading));
    }
    assert_eq!(
        next(&mut lazy).await,
        Err("there was no room for the news".to_owned())
    );
}

/// What cannot be written is only seen where it must be.
#[cfg(unix)]
#[test]
#[ignore = "needs Prosody"]
fn what_cannot_be_written_is_told_to_nobody() {
    crate::on_prosody(async |platform: Platform| {
        let (sensor, publisher, journal) = sensor(&platform).await;
        let ctx = hands(&platform, "ada@localhost").await;
        let mut kitchen = feed(&ctx, "kitchen").await;
        let wrong = publisher
            .publish(Json(Reading(UNWRITABLE)))
            .await
            .unwrap_err();
        assert!(wrong.is::<SendError>(), "{wrong:?}");
        assert!(wrong.to_string().contains("it brings bad luck"), "{wrong}");
        publisher.publish(Json(Reading(8))).await.unwrap();
        assert_eq!(next(&mut kitchen).await, Ok(8));
        // It agrees, and then cannot tell what it begins with.
        let mut unwritable = feed(&ctx, "unwritable").await;
        let why = next(&mut unwritable).await.unwrap_err();
        assert!(why.contains("it brings bad luck"), "{why}");
        let (_, line) = journal.up_to_beginning("ada, unwritable: ").await;
        assert!(line.contains("it brings bad luck"), "{line}");
        assert_eq!(publisher.subscribers().len(), 1);
        sensor.stop();
        assert_eq!(sensor.join().await.failure_count, 1);
    });
}
