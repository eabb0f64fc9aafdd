//! What a context can do besides talking.

use std::time::{Duration, SystemTime};

use peak::prelude::*;
use peak::{Exit, Presence, ReceiveError, Schedule, Show};

use crate::{Driver, drive};

#[agent]
struct Counter {
    count: u32,
}

#[agent]
impl Counter {
    #[on_message(performative = "request")]
    async fn delegate(&mut self, ctx: &Context<Self>, request: Message) {
        let later = ctx.clone();
        ctx.spawn(async move {
            later.sleep("3s").await?;
            later.reply(&request, Inform("done")).await?;
            peak::Ok(())
        });
        self.count += 1;
    }

    #[on_message(performative = "query-ref")]
    async fn tell(&self) -> Inform<String> {
        Inform(self.count.to_string())
    }

    #[on_message(performative = "query-if")]
    async fn ask_myself(&mut self, ctx: &Context<Self>) -> Inform<String> {
        let answer = ctx.request(Message::query_ref(ctx.jid()), "5s").await;
        Inform(answer.expect_err("it holds its own state").to_string())
    }

    #[behaviour(one_shot)]
    async fn with_inside(&mut self, ctx: &Context<Self>) {
        ctx.with(|me| me.count += 1).await;
    }
}

async fn counter(platform: &Platform) -> peak::AgentHandle<Counter> {
    let counter = Counter { count: 0 };
    platform
        .spawn("counter@localhost", counter)
        .await
        .expect("it starts")
}

async fn ask(platform: &Platform, message: Message) -> String {
    let answer = drive(
        platform,
        |ctx| async move { ctx.request(message, "10s").await },
    )
    .await;
    answer.expect("an answer").body().unwrap_or("-").to_owned()
}

#[tokio::test(start_paused = true)]
async fn long_work_answers_later_and_blocks_nobody() {
    let platform = Platform::new();
    counter(&platform).await;
    let begun = tokio::time::Instant::now();
    let request = Message::request("counter@localhost");
    let (first, second, third) = tokio::join!(
        ask(&platform, request.clone()),
        ask(&platform, request.clone()),
        ask(&platform, request)
    );
    assert_eq!([first, second, third], ["done", "done", "done"]);
    assert_eq!(begun.elapsed(), Duration::from_secs(3));
    assert_eq!(
        ask(&platform, Message::query_ref("counter@localhost")).await,
        "3"
    );
}

#[tokio::test(start_paused = true)]
async fn an_agent_cannot_wait_for_itself() {
    let platform = Platform::new();
    let counter = counter(&platform).await;
    assert_eq!(
        ask(&platform, Message::query_if("counter@localhost")).await,
        "`counter@localhost/main` asks itself while it holds its own state, and could never \
         reply; ask from a function without `self`"
    );
    counter.stop();
    let report = counter.join().await;
    assert_eq!(
        report.failures[0].to_string(),
        "counter@localhost/main: with_inside: panicked: `with(…)` of counter@localhost/main \
         was called in a function that has `self`: use `self` itself"
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_with_is_the_callers() {
    let platform = Platform::new();
    let counter = counter(&platform).await;
    let probe = Behaviour::new(
        "probe",
        Schedule::OneShot,
        |ctx: Context<Counter>| async move {
            ctx.with(|me| {
                assert_eq!(me.count, 99, "a wrong guess");
            })
            .await;
        },
    );
    let exit = counter.add(probe).join("1s").await.expect("it ends");
    assert!(matches!(exit, Exit::Panicked(_)), "{exit}");
    assert_eq!(
        counter.with(|me| me.count).await,
        Some(0),
        "the agent goes on"
    );
}

#[tokio::test(start_paused = true)]
async fn mailboxes_keep_what_matches_and_give_back_the_rest() {
    let platform = Platform::new();
    let notes = drive(&platform, |ctx| async move {
        let mine = ctx.jid().clone();
        let mut notes = Vec::new();
        {
            let offers = ctx.subscribe(template!(performative = "propose"));
            assert!(offers.receive("0s").await?.is_none(), "\"0s\" only looks");
            assert!(offers.receive("1s").await?.is_none());
            for body in ["one", "two", "three"] {
                ctx.send(Message::propose(&mine).text(body)).await?;
            }
            ctx.send(Message::inform(&mine).text("not an offer"))
                .await?;
            for _ in 0..2 {
                let offer = offers.receive(None).await?.expect("an offer");
                notes.push(offer.body().unwrap_or("-").to_owned());
            }
        }
        // The third goes to the handlers; this agent has none, so its sender is told.
        let answers = ctx.subscribe(template!(performative = "not-understood"));
        let answer = answers.receive("1s").await?.expect("an answer");
        notes.push(answer.performative().expect("there is one").to_string());
        assert_eq!(
            ctx.receive("1s").await.unwrap_err(),
            ReceiveError::NoMailbox
        );
        assert!(
            answers
                .receive("5x")
                .await
                .unwrap_err()
                .to_string()
                .starts_with("`5x` is not")
        );
        peak::Ok(notes)
    })
    .await
    .expect("nothing fails");
    assert_eq!(notes, ["one", "two", "not-understood"]);
}

#[tokio::test(start_paused = true)]
async fn values_under_keys() {
    let platform = Platform::new();
    drive(&platform, |ctx| async move {
        ctx.set("price", 12.5);
        assert_eq!(ctx.get::<f64>("price"), Some(12.5));
        assert_eq!(ctx.get::<String>("price"), None, "another type");
        assert_eq!(ctx.get::<f64>("prize"), None);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn presence_is_seen_by_others() {
    let platform = Platform::new();
    drive(&platform, |ctx| async move {
        assert_eq!(ctx.presence("nobody@localhost").unwrap(), None);
        let busy = Presence::available()
            .show(Show::DoNotDisturb)
            .status("thinking");
        ctx.set_presence(busy.clone());
        assert_eq!(ctx.presence(ctx.jid().bare()).unwrap(), Some(busy));
        assert!(ctx.presence("not@a@jid").is_err());
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn time_and_chance_come_from_the_platform() {
    async fn draws(seed: u64) -> Vec<u32> {
        let platform = Platform::builder().seed(seed).build();
        let dreamer = platform
            .spawn("dreamer@localhost", Driver)
            .await
            .expect("it starts");
        let (sender, mut draws) = tokio::sync::mpsc::unbounded_channel();
        let dream = Behaviour::new("dream", Schedule::OneShot, move |ctx: Context<Driver>| {
            let sender = sender.clone();
            async move {
                let mut first = ctx.rng();
                let mut second = ctx.rng();
                for _ in 0..3 {
                    let _ = sender.send(first.random_range(0..1_000_000));
                    let _ = sender.send(second.random_range(0..1_000_000));
                }
            }
        });
        dreamer.add(dream).join("1s").await.expect("it ends");
        let mut all = Vec::new();
        draws.close();
        while let Some(draw) = draws.recv().await {
            all.push(draw);
        }
        all
    }
    let seven = draws(7).await;
    assert_eq!(seven.len(), 6);
    assert_eq!(draws(7).await, seven);
    assert_ne!(draws(8).await, seven);
    assert_ne!(seven[0], seven[1], "each generator draws its own numbers");

    let platform = Platform::new();
    let (before, after): (SystemTime, SystemTime) = drive(&platform, |ctx| async move {
        let before = ctx.now();
        ctx.sleep("1h").await.expect("a duration");
        (before, ctx.now())
    })
    .await;
    assert_eq!(
        after.duration_since(before).unwrap(),
        Duration::from_secs(3600)
    );
}
