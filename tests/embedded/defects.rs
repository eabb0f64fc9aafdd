//! What once went wrong, or nearly.

use std::time::Duration;

use peak::prelude::*;
use peak::{Exit, ReceiveError, RequestError, Schedule, SendError, SpawnError};
use serde::{Serialize, Serializer};
use tokio::time::Instant;

use crate::{Driver, Journal, drive};

/// Handles in tasks that want its state, and in other ways that can go wrong.
#[agent]
struct Server {
    served: u32,
    journal: Journal,
}

#[agent]
impl Server {
    #[on_message(performative = "request")]
    async fn serve(ctx: Context<Self>) -> peak::Result<Inform<String>> {
        ctx.sleep("1s").await?;
        let served = ctx
            .with(|me| {
                me.served += 1;
                me.served
            })
            .await;
        Ok(Inform(served.to_string()))
    }

    #[on_message(performative = "query-ref")]
    async fn panic_beside(_: Context<Self>) -> Inform<String> {
        panic!("beside");
    }

    #[on_message(performative = "query-if")]
    async fn hold(ctx: Context<Self>) -> peak::Result<Confirm> {
        ctx.sleep("1h").await?;
        Ok(Confirm(()))
    }

    #[on_message(performative = "cfp")]
    async fn hold_with_state(&mut self, ctx: &Context<Self>) -> peak::Result<Propose> {
        ctx.sleep("1h").await?;
        Ok(Propose(()))
    }

    #[on_message(performative = "subscribe")]
    async fn echo(&mut self, message: Message) -> Message {
        self.journal.note("echo");
        message
    }

    #[on_message(performative = "propose")]
    async fn once_beside(ctx: Context<Self>) -> Flow {
        ctx.with(|me| me.journal.note("once beside")).await;
        Flow::Stop
    }

    #[on_message(body = "the body")]
    async fn by_body(&mut self) {}
}

async fn server(platform: &Platform) -> (peak::AgentHandle<Server>, Journal) {
    let journal = Journal::default();
    let server = Server {
        served: 0,
        journal: journal.clone(),
    };
    let server = platform.spawn("server@localhost", server).await;
    (server.expect("it starts"), journal)
}

fn to_server(act: Performative) -> Message {
    Message::draft(act).with_to("server@localhost")
}

#[tokio::test(start_paused = true)]
async fn handlers_that_want_the_state_do_not_starve_each_other() {
    let platform = Platform::builder().concurrent(1).build();
    server(&platform).await;
    let answers = drive(&platform, |ctx| async move {
        let mut all = tokio::task::JoinSet::new();
        for _ in 0..5 {
            let ctx = ctx.clone();
            all.spawn(async move {
                ctx.request(to_server(Performative::Request), "1m")
                    .await
                    .map(|a| a.body().map(str::to_owned))
            });
        }
        all.join_all().await
    })
    .await;
    let mut answers: Vec<_> = answers
        .into_iter()
        .map(|it| it.expect("an answer"))
        .collect();
    answers.sort();
    let expected: Vec<_> = (1..=5).map(|n| Some(n.to_string())).collect();
    assert_eq!(answers, expected);
}

#[tokio::test(start_paused = true)]
async fn a_panic_beside_the_agent_is_answered_too() {
    let platform = Platform::new();
    let (server, _) = server(&platform).await;
    for expected in [Performative::Failure, Performative::NotUnderstood] {
        let answer = drive(&platform, |ctx| async move {
            ctx.request(to_server(Performative::QueryRef), "1m")
                .await
                .expect("an answer")
        })
        .await;
        // It ends with its panic, as one with `self` does.
        assert_eq!(answer.performative(), Some(expected));
    }
    server.stop();
    assert_eq!(server.join().await.failure_count, 1);
}

#[tokio::test(start_paused = true)]
async fn whoever_is_being_served_when_the_agent_stops_learns_of_it() {
    for act in [Performative::QueryIf, Performative::Cfp] {
        let platform = Platform::new();
        let (server, _) = server(&platform).await;
        let (error, took) = drive(&platform, move |ctx| async move {
            let begun = Instant::now();
            let stopping = async {
                tokio::time::sleep(Duration::from_secs(1)).await;
                server.stop();
            };
            let (asked, ()) = tokio::join!(ctx.request(to_server(act), "1m"), stopping);
            (asked.expect_err("nobody answers"), begun.elapsed())
        })
        .await;
        assert!(
            matches!(error, RequestError::Undelivered { .. }),
            "{act}: {error}"
        );
        assert!(took < Duration::from_secs(10), "{act}: {took:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_message_given_back_is_an_echo_and_no_loop() {
    let platform = Platform::new();
    let (_, journal) = server(&platform).await;
    let answer = drive(&platform, |ctx| async move {
        let message = to_server(Performative::Subscribe).text("hello");
        ctx.request(message, "1m").await.expect("an answer")
    })
    .await;
    assert_eq!(answer.body(), Some("hello"));
    assert_eq!(journal.read(), ["echo"]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_beside_the_agent_can_end_itself() {
    let platform = Platform::new();
    let (_, journal) = server(&platform).await;
    drive(&platform, |ctx| async move {
        for _ in 0..3 {
            ctx.send(to_server(Performative::Propose))
                .await
                .expect("sent");
            ctx.sleep("1s").await.expect("a duration");
        }
    })
    .await;
    assert_eq!(journal.read(), ["once beside"]);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_ended_while_a_message_waited_for_room_does_not_get_it() {
    let platform = Platform::builder().concurrent(1).build();
    let (_, journal) = server(&platform).await;
    drive(&platform, |ctx| async move {
        for _ in 0..3 {
            ctx.send(to_server(Performative::Propose))
                .await
                .expect("sent");
        }
        ctx.sleep("1s").await.expect("a duration");
    })
    .await;
    assert_eq!(journal.read(), ["once beside"]);
}

/// Fails to start, every time.
#[agent]
struct Unable;

#[agent]
impl Unable {
    #[on_start]
    async fn begin(&mut self) -> peak::Result<()> {
        Err(peak::Error::msg("unable"))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_address_of_an_agent_that_failed_to_start_is_free_at_once() {
    let platform = Platform::new();
    for _ in 0..500 {
        let error = platform
            .spawn("unable@localhost", Unable)
            .await
            .unwrap_err();
        assert!(matches!(error, SpawnError::OnStart { .. }), "{error}");
        assert_eq!(platform.agents(), 0);
    }
}

/// Answers by conversation only, as agents do that know nothing of `reply-with`.
#[agent]
struct Simple {
    #[param]
    offer: String,
    asks_back: bool,
}

#[agent]
impl Simple {
    #[on_message(performative = "cfp")]
    async fn offer(ctx: Context<Self>, message: Message) -> peak::Result<()> {
        let (offer, asks_back) = ctx.with(|me| (me.offer.clone(), me.asks_back)).await;
        let to = message.sender().cloned().expect("the platform fills it in");
        let conversation = message.conversation_id().unwrap_or_default().to_owned();
        if asks_back {
            let question = Message::query_ref(&to).with_conversation_id(&conversation);
            ctx.request(question, "5s").await?;
        }
        let answer = Message::propose(&to)
            .with_conversation_id(conversation)
            .text(offer);
        ctx.send(answer).await
    }
}

/// Asks several at once, in one conversation.
#[agent]
struct Buyer;

#[agent]
impl Buyer {
    #[on_message(performative = "query-ref")]
    async fn explain(&mut self) -> Inform<String> {
        Inform("as I said".into())
    }
}

#[tokio::test(start_paused = true)]
async fn within_a_conversation_each_answer_goes_to_who_was_asked() {
    let platform = Platform::new();
    for name in ["q0", "q1", "q2", "q3"] {
        let simple = Simple {
            offer: name.to_owned(),
            asks_back: name == "q2",
        };
        platform
            .spawn(format!("{name}@localhost"), simple)
            .await
            .expect("it starts");
    }
    let buyer = platform
        .spawn("buyer@localhost", Buyer)
        .await
        .expect("it starts");
    let ask = Behaviour::new("ask", Schedule::OneShot, |ctx: Context<Buyer>| async move {
        let ask = |name: &'static str| {
            let ctx = ctx.clone();
            async move {
                let cfp = Message::cfp(format!("{name}@localhost")).with_conversation_id("c");
                ctx.request(cfp, "10s")
                    .await
                    .map(|answer| answer.body().map(str::to_owned))
            }
        };
        let (a, b, c, d) = tokio::join!(ask("q3"), ask("q2"), ask("q1"), ask("q0"));
        assert_eq!(a?.as_deref(), Some("q3"));
        assert_eq!(b?.as_deref(), Some("q2"));
        assert_eq!(c?.as_deref(), Some("q1"));
        assert_eq!(d?.as_deref(), Some("q0"));
        peak::Ok(())
    });
    let exit = buyer.add(ask).join("1m").await.expect("it ends");
    assert!(matches!(exit, Exit::Finished(0)), "{exit}");
}

#[tokio::test(start_paused = true)]
async fn a_request_keeps_its_timeout_when_the_mailbox_is_full() {
    let platform = Platform::builder().mailbox(1).build();
    server(&platform).await;
    drive(&platform, |ctx| async move {
        for _ in 0..3 {
            let filling = ctx.clone();
            tokio::spawn(async move { filling.send(to_server(Performative::Cfp)).await });
        }
        ctx.sleep("10ms").await.expect("a duration");
        let begun = Instant::now();
        let asked = ctx.request(to_server(Performative::Cfp), "100ms").await;
        assert!(
            matches!(asked, Err(RequestError::Timeout { .. })),
            "{asked:?}"
        );
        assert_eq!(begun.elapsed().as_millis(), 100);
    })
    .await;
}

/// A handler to be added while an agent runs.
#[on_message(performative = "confirm")]
async fn exits<A: Agent>(_: &Context<A>) -> Flow {
    Flow::Exit(3)
}

#[tokio::test(start_paused = true)]
async fn the_handle_of_an_added_handler_tells_its_end() {
    let platform = Platform::new();
    let agent = platform
        .spawn("agent@localhost", Driver)
        .await
        .expect("it starts");
    let added = agent.add(exits());
    let to = agent.jid().clone();
    drive(&platform, |ctx| async move {
        ctx.send(Message::confirm(to)).await
    })
    .await
    .expect("sent");
    let exit = added.join("1s").await.expect("it ends");
    assert!(matches!(exit, Exit::Finished(3)), "{exit}");
}

#[tokio::test(start_paused = true)]
async fn what_is_killed_before_it_begins_never_runs() {
    let platform = Platform::new();
    let journal = Journal::default();
    let agent = platform
        .spawn("agent@localhost", Driver)
        .await
        .expect("it starts");
    let behaviour = |journal: &Journal| {
        let journal = journal.clone();
        Behaviour::new("note", Schedule::OneShot, move |_: Context<Driver>| {
            let journal = journal.clone();
            async move { journal.note("ran") }
        })
    };
    let killed = agent.add(behaviour(&journal));
    killed.kill(9);
    let exit = killed.join("1s").await.expect("it ends");
    assert!(matches!(exit, Exit::Killed(9)), "{exit}");
    agent.stop();
    agent.join().await;
    let orphan = agent.add(behaviour(&journal));
    assert!(orphan.join("1s").await.is_ok());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(journal.read(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn behaviours_that_have_ended_are_not_kept_for_ever() {
    let platform = Platform::new();
    drive(&platform, |ctx| async move {
        for number in 0..1000 {
            let nothing = Behaviour::new(
                format!("b{}", number % 3),
                Schedule::OneShot,
                |_: Context<Driver>| async {},
            );
            ctx.add(nothing).join("1s").await.expect("it ends");
        }
        let error = ctx.kill("none", 0).unwrap_err().to_string();
        assert!(error.len() < 2000, "{} bytes", error.len());
        assert!(ctx.behaviour("b0").expect("the latest is known").is_done());
    })
    .await;
}

/// Cannot even be written.
#[derive(Clone)]
struct Explosive;

impl Serialize for Explosive {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("boom");
    }
}

#[tokio::test(start_paused = true)]
async fn content_that_panics_when_written_harms_nobody() {
    let platform = Platform::new();
    let (server, _) = server(&platform).await;
    drive(&platform, |ctx| async move {
        ctx.send(to_server(Performative::Inform).json(Explosive))
            .await
            .expect("sent");
        let mailbox = ctx.subscribe(template!(body = "other"));
        ctx.send(Message::inform(ctx.jid()).json(Explosive))
            .await
            .expect("sent");
        assert!(mailbox.receive("1s").await.expect("a duration").is_none());
    })
    .await;
    assert!(server.is_alive());
}

#[tokio::test(start_paused = true)]
async fn a_wrong_reply_to_is_not_forgotten() {
    let platform = Platform::new();
    server(&platform).await;
    drive(&platform, |ctx| async move {
        let message = Message::draft(Performative::Request)
            .with_reply_to("bad@")
            .with_to("server@localhost");
        let error = ctx.send(message.clone()).await.unwrap_err();
        let wrong = matches!(error.downcast_ref(), Some(SendError::Invalid { .. }));
        assert!(wrong, "{error}");
        let mended = message.with_reply_to("driver@localhost");
        ctx.send(mended).await.expect("it is mended");
    })
    .await;
}

/// Watches with a handler whose argument does not fit.
#[agent]
struct Watched {
    watched: u32,
}

#[agent]
impl Watched {
    #[on_message(performative = "request", observe)]
    async fn watch(&mut self, Json(number): Json<u32>) {
        self.watched += number;
    }

    #[on_message(performative = "request", observe)]
    async fn stumble(&mut self) -> peak::Result<()> {
        Err(peak::Error::msg("it stumbles"))
    }

    #[on_message(performative = "request")]
    async fn take(&mut self) -> Agree {
        Agree
    }
}

#[tokio::test(start_paused = true)]
async fn an_observer_answers_nothing() {
    let platform = Platform::new();
    platform
        .spawn("watched@localhost", Watched { watched: 0 })
        .await
        .expect("it starts");
    let answer = drive(&platform, |ctx| async move {
        let request = Message::request("watched@localhost").text("no number");
        ctx.request(request, "1s").await.expect("an answer")
    })
    .await;
    assert_eq!(answer.performative(), Some(Performative::Agree));
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_outlives_its_agent_and_says_so() {
    let platform = Platform::new();
    let mailbox = drive(&platform, |ctx| async move {
        ctx.subscribe(template!(performative = "inform"))
    })
    .await;
    assert_eq!(
        mailbox.receive(None).await.unwrap_err(),
        ReceiveError::Closed
    );
}

#[tokio::test(start_paused = true)]
async fn presence_is_of_the_very_address() {
    let platform = Platform::new();
    platform
        .spawn("bob@localhost/desk", Driver)
        .await
        .expect("it starts");
    drive(&platform, |ctx| async move {
        assert!(
            ctx.presence("bob@localhost/desk")
                .expect("an address")
                .is_some()
        );
        assert!(ctx.presence("bob@localhost").expect("an address").is_some());
        assert!(
            ctx.presence("bob@localhost/gone")
                .expect("an address")
                .is_none()
        );
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_longest_durations_are_no_panic() {
    let platform = Platform::builder().stop_timeout(Duration::MAX).build();
    server(&platform).await;
    drive(&platform, |ctx| async move {
        let long = ctx
            .request(to_server(Performative::QueryRef), Duration::MAX)
            .await;
        assert!(long.is_ok());
        let mailbox = ctx.subscribe(template!(performative = "propose"));
        ctx.send(Message::propose(ctx.jid())).await.expect("sent");
        assert!(
            mailbox
                .receive(Duration::MAX)
                .await
                .expect("a duration")
                .is_some()
        );
    })
    .await;
    platform.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_during_a_long_start_is_no_failure() {
    #[agent]
    struct Slow;

    #[agent]
    impl Slow {
        #[on_start]
        async fn begin(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
            ctx.sleep("1h").await
        }
    }

    let platform = Platform::new();
    let spawning = platform.clone();
    let stop = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        platform.stop().await;
    };
    let (spawned, ()) = tokio::join!(spawning.spawn("slow@localhost", Slow), stop);
    assert!(spawned.is_err());
    assert!(platform.report().is_success(), "{:?}", platform.report());
}
