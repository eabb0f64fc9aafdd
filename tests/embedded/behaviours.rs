//! Behaviours: when they run, how they end, and who is told.

use std::sync::Mutex;
use std::time::Duration;

use peak::prelude::*;
use peak::{Exit, JoinError, PeriodError, Schedule};
use tokio::time::Instant;

use crate::{Journal, drive};

#[agent]
struct Worker {
    journal: Journal,
    begun: Option<Instant>,
    ticks: u32,
}

impl Worker {
    fn note(&mut self, what: &str) {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        self.journal
            .note(format!("{what} {}", begun.elapsed().as_millis()));
    }
}

#[agent]
impl Worker {
    #[on_start]
    async fn begin(&mut self) {
        self.note("start");
    }

    #[behaviour(one_shot)]
    async fn once(&mut self) {
        self.note("once");
    }

    #[behaviour(one_shot, delay = "250ms")]
    async fn later(&mut self) {
        self.note("later");
    }

    #[behaviour(timeout = "1s")]
    async fn alarm(&mut self) {
        self.note("alarm");
    }

    #[behaviour(periodic = "400ms")]
    async fn tick(&mut self) -> Flow {
        self.note("tick");
        self.ticks += 1;
        if self.ticks == 4 {
            Flow::Exit(7)
        } else {
            Flow::Continue
        }
    }

    #[behaviour(cyclic)]
    async fn beside(ctx: Context<Self>) -> peak::Result<Flow> {
        ctx.sleep("700ms").await?;
        ctx.with(|me| me.note("beside")).await;
        let over = ctx.with(|me| me.ticks >= 4).await;
        Ok(if over { Flow::Stop } else { Flow::Continue })
    }

    #[behaviour(periodic = "300ms", delay = "100ms")]
    async fn beside_periodic(ctx: Context<Self>) -> peak::Result<()> {
        ctx.with(|me| me.note("beside_periodic")).await;
        if ctx.with(|me| me.ticks).await >= 2 {
            anyhow::bail!("enough");
        }
        Ok(())
    }
}

/// The times at which `what` was noted.
fn times(journal: &Journal, what: &str) -> Vec<u64> {
    let notes = journal.read();
    let times = notes
        .iter()
        .filter_map(|note| note.strip_prefix(what)?.strip_prefix(' '));
    times.map(|time| time.parse().expect("a number")).collect()
}

#[tokio::test(start_paused = true)]
async fn every_kind_runs_when_it_should() {
    let platform = Platform::new();
    let journal = Journal::default();
    let worker = Worker {
        journal: journal.clone(),
        begun: None,
        ticks: 0,
    };
    let worker = platform
        .spawn("worker@localhost", worker)
        .await
        .expect("it starts");
    tokio::time::sleep(Duration::from_secs(3)).await;
    worker.stop();
    let report = worker.join().await;

    assert_eq!(journal.read()[0], "start 0");
    assert_eq!(times(&journal, "once"), [0]);
    assert_eq!(times(&journal, "later"), [250]);
    assert_eq!(times(&journal, "alarm"), [1000]);
    assert_eq!(times(&journal, "tick"), [0, 400, 800, 1200]);
    assert_eq!(times(&journal, "beside"), [700, 1400]);
    assert_eq!(times(&journal, "beside_periodic"), [100, 400]);
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert_eq!(failures, ["worker@localhost/main: beside_periodic: enough"]);
}

#[agent]
struct Slow {
    journal: Journal,
    begun: Option<Instant>,
}

#[agent]
impl Slow {
    #[behaviour(periodic = "100ms")]
    async fn tick(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        self.journal
            .note(format!("{}", begun.elapsed().as_millis()));
        // The second run takes two and a half periods.
        if self.journal.read().len() == 2 {
            ctx.sleep("250ms").await?;
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn missed_ticks_are_skipped_and_the_grid_is_kept() {
    let platform = Platform::new();
    let journal = Journal::default();
    let slow = Slow {
        journal: journal.clone(),
        begun: None,
    };
    platform
        .spawn("slow@localhost", slow)
        .await
        .expect("it starts");
    tokio::time::sleep(Duration::from_millis(650)).await;
    platform.stop().await;
    assert_eq!(journal.read(), ["0", "100", "400", "500", "600"]);
}

/// Waits in every way that a behaviour can wait.
#[agent]
struct Waiter;

#[agent]
impl Waiter {
    #[behaviour(cyclic, receives(performative = "inform"))]
    async fn receiving(ctx: Context<Self>) -> peak::Result<()> {
        ctx.receive(None).await?;
        Ok(())
    }

    #[behaviour(cyclic)]
    async fn sleeping(ctx: Context<Self>) -> peak::Result<()> {
        ctx.sleep("1000h").await?;
        Ok(())
    }

    #[behaviour(periodic = "1000h")]
    async fn between_runs(&mut self) {}

    #[behaviour(one_shot, delay = "1ms")]
    async fn holding_the_state(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.sleep("1000h").await?;
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn a_kill_interrupts_whatever_is_waited_for() {
    let platform = Platform::new();
    let waiter = platform
        .spawn("waiter@localhost", Waiter)
        .await
        .expect("it starts");
    tokio::time::sleep(Duration::from_millis(5)).await;
    let begun = Instant::now();
    let probe = Behaviour::new(
        "probe",
        Schedule::OneShot,
        |ctx: Context<Waiter>| async move {
            for name in ["receiving", "sleeping", "between_runs", "holding_the_state"] {
                assert!(!ctx.behaviour(name)?.is_done(), "{name}");
                ctx.kill(name, 9)?;
                let exit = ctx.join(name, "1s").await?;
                assert!(matches!(exit, Exit::Killed(9)), "{name}: {exit}");
            }
            peak::Ok(())
        },
    );
    let exit = waiter.add(probe).join("10s").await.expect("it ends");
    assert!(matches!(exit, Exit::Finished(0)), "{exit}");
    assert_eq!(begun.elapsed(), Duration::ZERO);
}

#[agent]
struct Codes;

#[agent]
impl Codes {
    #[behaviour(one_shot)]
    async fn fine(&mut self) {}

    #[behaviour(one_shot)]
    async fn own_code(&mut self) -> Flow {
        Flow::Exit(3)
    }

    #[behaviour(one_shot)]
    async fn failing(ctx: Context<Self>) -> peak::Result<()> {
        ctx.send(Message::inform("nobody@localhost")).await?;
        Ok(())
    }

    #[behaviour(one_shot)]
    async fn panicking(&mut self) {
        panic!("ouch");
    }

    #[behaviour(one_shot, name = "its own name")]
    async fn endless(_: Context<Self>) {
        std::future::pending::<()>().await;
    }
}

#[tokio::test(start_paused = true)]
async fn exit_codes_tell_how_a_behaviour_ended() {
    let platform = Platform::new();
    let codes = platform
        .spawn("codes@localhost", Codes)
        .await
        .expect("it starts");
    let probe = Behaviour::new(
        "probe",
        Schedule::OneShot,
        |ctx: Context<Codes>| async move {
            let mut ends = Vec::new();
            for name in ["fine", "own_code", "failing", "panicking"] {
                let exit = ctx.join(name, "1s").await?;
                ends.push(format!("{name} {} {exit}", exit.code()));
            }
            assert_eq!(
                ends,
                [
                    "fine 0 finished with exit code 0",
                    "own_code 3 finished with exit code 3",
                    "failing 1 no agent has the address `nobody@localhost`",
                    "panicking 101 panicked: ouch",
                ]
            );
            let endless = ctx.behaviour("its own name")?;
            assert!(endless.exit().is_none());
            assert_eq!(
                endless.join("1s").await.unwrap_err(),
                JoinError::Timeout("its own name".into())
            );
            assert_eq!(
                ctx.kill("endles", 0).unwrap_err().to_string(),
                "`codes@localhost/main` has no behaviour `endles`; it has `fine`, `own_code`, \
             `failing`, `panicking`, `its own name` and `probe`"
            );
            peak::Ok(())
        },
    );
    let exit = codes.add(probe).join("10s").await.expect("it ends");
    assert!(matches!(exit, Exit::Finished(0)), "{exit}");
}

/// Greets whoever asks.
#[on_message(performative = "request", ontology = "greetings")]
async fn greet<A: Agent>(ctx: &Context<A>) -> Inform<String> {
    Inform(format!("hello from {}", ctx.jid().bare()))
}

/// Tells the driver that the agent is alive.
#[behaviour(periodic = "1s")]
async fn heartbeat<A: Agent>(ctx: Context<A>) -> peak::Result<()> {
    let beats: u32 = ctx.get("beats").unwrap_or(0);
    ctx.set("beats", beats + 1);
    Ok(())
}

#[agent]
struct Polite;

#[agent(behaviours(greet, heartbeat))]
impl Polite {}

#[agent]
struct Plain;

#[agent]
impl Plain {}

#[tokio::test(start_paused = true)]
async fn free_functions_are_behaviours_of_any_agent() {
    let platform = Platform::new();
    let polite = platform
        .spawn("polite@localhost", Polite)
        .await
        .expect("it starts");
    let plain = platform
        .spawn("plain@localhost", Plain)
        .await
        .expect("it starts");
    let added = plain.add(greet());
    for name in ["polite", "plain"] {
        let answer = drive(&platform, move |ctx| async move {
            let request = Message::request(format!("{name}@localhost")).with_ontology("greetings");
            ctx.request(request, "1s").await.expect("an answer")
        })
        .await;
        assert_eq!(
            answer.body(),
            Some(format!("hello from {name}@localhost").as_str())
        );
    }
    tokio::time::sleep(Duration::from_millis(3500)).await;
    let beats = Behaviour::new(
        "beats",
        Schedule::OneShot,
        |ctx: Context<Polite>| async move {
            Flow::Exit(ctx.get::<i32>("beats").map_or_else(
                || i32::try_from(ctx.get::<u32>("beats").unwrap_or(0)).unwrap_or(-1),
                |_| -2,
            ))
        },
    );
    let exit = polite.add(beats).join("1s").await.expect("it ends");
    assert_eq!(exit.code(), 4);

    added.kill(0);
    let answer = drive(&platform, move |ctx| async move {
        let request = Message::request("plain@localhost").with_ontology("greetings");
        ctx.request(request, "1s").await.expect("an answer")
    })
    .await;
    assert_eq!(answer.performative(), Some(Performative::NotUnderstood));
}

/// Never idle: the timer must be heard all the same.
#[agent]
struct Busy {
    heard: u32,
    ticks: u32,
}

#[agent]
impl Busy {
    #[on_message(performative = "inform")]
    async fn echo(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        self.heard += 1;
        if self.ticks < 3 {
            ctx.send(Message::inform(ctx.jid())).await?;
        } else {
            ctx.stop();
        }
        Ok(())
    }

    #[behaviour(periodic = "5ms")]
    async fn tick(&mut self) {
        self.ticks += 1;
    }
}

#[tokio::test]
async fn an_agent_that_is_never_idle_still_runs_its_behaviours() {
    let platform = Platform::new();
    let busy = platform
        .spawn("busy@localhost", Busy { heard: 0, ticks: 0 })
        .await
        .expect("it starts");
    let to = busy.jid().clone();
    drive(&platform, |ctx| async move {
        ctx.send(Message::inform(to)).await
    })
    .await
    .expect("sent");
    let ended = tokio::time::timeout(Duration::from_secs(20), busy.join()).await;
    assert!(ended.expect("it hears its timer").received > 1);
}

/// A time that is past, whenever the test runs.
#[agent]
struct Punctual {
    journal: Journal,
}

#[agent]
impl Punctual {
    #[behaviour(one_shot, start_at = "2020-01-01T00:00:00Z")]
    async fn past(&mut self) {
        self.journal.note("past");
    }

    #[behaviour(periodic = "1h", start_at = "2999-01-01T00:00:00Z")]
    async fn far_future(&mut self) {
        self.journal.note("future");
    }
}

#[tokio::test(start_paused = true)]
async fn a_start_in_the_past_is_now_and_one_in_the_future_waits() {
    let platform = Platform::new();
    let journal = Journal::default();
    let punctual = Punctual {
        journal: journal.clone(),
    };
    let punctual = platform
        .spawn("punctual@localhost", punctual)
        .await
        .expect("it starts");
    let soon = std::time::SystemTime::now() + Duration::from_secs(90);
    let noting = journal.clone();
    let later = Behaviour::new("later", Schedule::OneShot, move |_: Context<Punctual>| {
        let noting = noting.clone();
        async move { noting.note("later") }
    });
    punctual.add(later.start_at(soon));
    tokio::time::sleep(Duration::from_secs(80)).await;
    assert_eq!(journal.read(), ["past"]);
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(journal.read(), ["past", "later"]);
}

/// Counts, and answers meanwhile.
#[agent]
struct Counter {
    counted: Option<u64>,
    asked: u32,
}

static GO_ON: std::sync::Barrier = std::sync::Barrier::new(2);

#[agent]
impl Counter {
    #[behaviour(one_shot, blocking)]
    fn count(ctx: Context<Self>) -> peak::Result<Flow> {
        // Until the agent has answered: it is not kept from that.
        GO_ON.wait();
        let sum = (1..=100_000).sum();
        ctx.block_on(ctx.with(move |me| me.counted = Some(sum)));
        Ok(Flow::Exit(5))
    }

    #[behaviour(one_shot, blocking)]
    fn fail(_: &Context<Self>) {
        panic!("does not add up")
    }

    #[on_message(performative = "query-ref")]
    async fn ask(&mut self) -> Inform<&'static str> {
        self.asked += 1;
        Inform("not yet")
    }
}

#[tokio::test]
async fn a_blocking_behaviour_keeps_its_agent_from_nothing() {
    let platform = Platform::new();
    let counter = Counter {
        counted: None,
        asked: 0,
    };
    let counter = platform.spawn("counter@localhost", counter).await.unwrap();
    drive(&platform, async |ctx| {
        let ask = Message::query_ref("counter@localhost");
        let answer = ctx.request(ask, "30s").await.unwrap();
        assert_eq!(answer.body(), Some("not yet"));
    })
    .await;
    tokio::task::spawn_blocking(|| GO_ON.wait()).await.unwrap();
    let exit = counter.behaviour("count").unwrap().join("30s").await;
    assert!(matches!(exit, Ok(Exit::Finished(5))), "{exit:?}");
    assert_eq!(
        counter.with(|me| me.counted).await,
        Some(Some(5_000_050_000))
    );
    let exit = counter
        .behaviour("fail")
        .unwrap()
        .join("30s")
        .await
        .unwrap();
    assert_eq!(exit.to_string(), "panicked: does not add up");
}

#[tokio::test(start_paused = true)]
async fn retry_waits_longer_and_longer_and_says_how_often_it_tried() {
    use peak::compose::Backoff;
    let platform = Platform::new();
    drive(&platform, async |ctx| {
        let tried = Mutex::new(Vec::new());
        let backoff = || Backoff::times(4).first("1s").longest("3s");
        let begin = Instant::now();
        let attempt = || {
            let mut tried = tried.lock().unwrap();
            tried.push(begin.elapsed());
            let result = match tried.len() {
                3 => Ok(3),
                _ => Err(peak::Error::msg("not yet")),
            };
            std::future::ready(result)
        };
        assert_eq!(ctx.retry(backoff(), attempt).await.unwrap(), 3);
        let tried = tried.into_inner().unwrap();
        let waits: Vec<Duration> = tried.windows(2).map(|two| two[1] - two[0]).collect();
        let bounds = |most: u64| Duration::from_millis(most / 2)..=Duration::from_millis(most + 1);
        assert!(bounds(1000).contains(&waits[0]), "{waits:?}");
        assert!(bounds(2000).contains(&waits[1]), "{waits:?}");

        let never = || std::future::ready(peak::Result::<()>::Err(peak::Error::msg("never")));
        let error = ctx.retry(backoff(), never).await.unwrap_err();
        assert_eq!(format!("{error:#}"), "failed 4 times, lastly: never");
        let wrong = ctx.retry(Backoff::times(2).first("soon"), never).await;
        assert!(wrong.unwrap_err().to_string().contains("`soon`"));
        assert!(ctx.within("1s", ctx.sleep("2s")).await.unwrap().is_none());
        assert!(ctx.within("3s", ctx.sleep("2s")).await.unwrap().is_some());
    })
    .await;
}

#[agent]
struct Ticker {
    journal: Journal,
    begun: Option<Instant>,
}

impl Ticker {
    fn note(&mut self, what: &str) {
        let begun = *self.begun.get_or_insert_with(Instant::now);
        self.journal
            .note(format!("{what} {}", begun.elapsed().as_millis()));
    }
}

#[agent]
impl Ticker {
    #[behaviour(periodic = "1s")]
    async fn own(&mut self) {
        self.note("own");
    }

    #[behaviour(periodic = "1s")]
    async fn beside(ctx: Context<Self>) {
        ctx.with(|me| me.note("beside")).await;
    }

    #[behaviour(cyclic, receives(ontology = "a"))]
    async fn read(ctx: Context<Self>) -> peak::Result<()> {
        if let Some(message) = ctx.receive(None).await? {
            let text = message.body().unwrap_or_default().to_owned();
            ctx.set_template(peak::template!(ontology = "b"))?;
            ctx.with(move |me| me.journal.note(text)).await;
        }
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn periods_and_templates_may_change() {
    let platform = Platform::new();
    let journal = Journal::default();
    let ticker = Ticker {
        journal: journal.clone(),
        begun: None,
    };
    let ticker = platform.spawn("ticker@localhost", ticker).await.unwrap();
    tokio::time::sleep(Duration::from_millis(1500)).await;
    for name in ["own", "beside"] {
        let behaviour = ticker.behaviour(name).unwrap();
        assert_eq!(behaviour.period(), Some(Duration::from_secs(1)));
        behaviour.set_period("3s").unwrap();
        assert!(matches!(behaviour.set_period("0s"), Err(PeriodError::Zero)));
        assert!(matches!(
            behaviour.set_period("x"),
            Err(PeriodError::Malformed(_))
        ));
    }
    let read = ticker.behaviour("read").unwrap();
    assert_eq!(
        read.set_period("1s").unwrap_err().to_string(),
        "the behaviour `read` is not periodic; only `#[behaviour(periodic = …)]` has a period"
    );
    tokio::time::sleep(Duration::from_millis(7000)).await;
    assert_eq!(times(&journal, "own"), [0, 1000, 2000, 5000, 8000]);
    assert_eq!(times(&journal, "beside"), [0, 1000, 2000, 5000, 8000]);

    journal.take();
    drive(&platform, async |ctx| {
        let send = |ontology: &str, text: &str| {
            let message = Message::inform("ticker@localhost").with_ontology(ontology);
            ctx.send(message.text(text))
        };
        send("b", "nobody's").await.unwrap();
        send("a", "the first").await.unwrap();
        ctx.sleep("1ms").await.unwrap();
        send("a", "nobody's either").await.unwrap();
        send("b", "the second").await.unwrap();
        ctx.sleep("1ms").await.unwrap();
    })
    .await;
    assert_eq!(journal.read(), ["the first", "the second"]);
}
