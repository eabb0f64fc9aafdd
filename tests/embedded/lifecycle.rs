//! From the start of an agent to its end.

use std::time::Duration;

use peak::SpawnError;
use peak::prelude::*;
use tokio::time::Instant;

use crate::{Journal, drive};

#[agent]
struct Dutiful {
    journal: Journal,
    fails: &'static str,
}

#[agent]
impl Dutiful {
    #[on_start]
    async fn begin(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        self.journal
            .note(format!("begin {}", ctx.jid().local().unwrap_or_default()));
        match self.fails {
            "start" => Err(std::io::Error::other("no key").into()),
            "panic" => panic!("no door"),
            _ => Ok(()),
        }
    }

    #[behaviour(cyclic)]
    async fn beside(ctx: Context<Self>) -> peak::Result<()> {
        ctx.sleep("1h").await?;
        Ok(())
    }

    #[on_message(performative = "request")]
    async fn hold(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.sleep("1h").await?;
        self.journal.note("never");
        Ok(())
    }

    #[on_stop]
    async fn end(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        self.journal
            .note(format!("end {}", ctx.jid().local().unwrap_or_default()));
        match self.fails {
            "stop" => Err(std::io::Error::other("no broom").into()),
            "hang" => ctx.sleep("1h").await,
            "talk" => {
                let answer = ctx.request(Message::request("other@localhost"), "1s").await;
                self.journal.note(format!("heard {}", answer.is_ok()));
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

#[agent]
struct Other;

#[agent]
impl Other {
    #[on_message(performative = "request")]
    async fn answer(&mut self) -> Agree {
        Agree
    }
}

fn dutiful(journal: &Journal, fails: &'static str) -> Dutiful {
    Dutiful {
        journal: journal.clone(),
        fails,
    }
}

#[tokio::test(start_paused = true)]
async fn a_failing_on_start_is_the_spawners_error() {
    let platform = Platform::new();
    let journal = Journal::default();
    for (fails, expected) in [
        ("start", "`a@localhost/main`: `begin` failed: no key"),
        (
            "panic",
            "`a@localhost/main`: `begin` failed: panicked: no door",
        ),
    ] {
        let error = platform
            .spawn("a@localhost", dutiful(&journal, fails))
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    assert!(!platform.report().is_success());
    // The address is free again, and no `on_stop` ran of an agent that never began.
    platform
        .spawn("a@localhost", dutiful(&journal, ""))
        .await
        .expect("it starts");
    assert_eq!(journal.read(), ["begin a", "begin a", "begin a"]);
}

#[tokio::test(start_paused = true)]
async fn addresses_are_checked() {
    let platform = Platform::builder().domain("example.org").build();
    let journal = Journal::default();
    platform
        .spawn("a@localhost/x", dutiful(&journal, ""))
        .await
        .expect("it starts");
    platform
        .spawn("a@localhost/y", dutiful(&journal, ""))
        .await
        .expect("another resource");
    platform
        .spawn("a@example.org", dutiful(&journal, ""))
        .await
        .expect("another domain");
    for (jid, expected) in [
        (
            "a@localhost/x",
            "another agent has the address `a@localhost/x`; give each agent a name of its own",
        ),
        (
            "a@",
            "`a@` is not a JID: the domain is not a valid host name; write it as `name@domain` or \
             `name@domain/resource`",
        ),
    ] {
        let error: SpawnError = platform
            .spawn(jid, dutiful(&journal, ""))
            .await
            .unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_ends_everything_in_order_and_waits_for_on_stop() {
    let platform = Platform::new();
    let journal = Journal::default();
    for name in ["a", "b", "c"] {
        let agent = dutiful(&journal, "");
        platform
            .spawn(format!("{name}@localhost"), agent)
            .await
            .expect("it starts");
    }
    platform.stop().await;
    assert_eq!(
        journal.read(),
        ["begin a", "begin b", "begin c", "end c", "end b", "end a"]
    );
    let report = platform.report();
    assert_eq!(report.ended, 3);
    assert!(report.is_success());
}

#[tokio::test(start_paused = true)]
async fn a_stop_interrupts_a_handler_after_a_while_and_no_stop_takes_for_ever() {
    let platform = Platform::builder()
        .stop_timeout(Duration::from_secs(2))
        .build();
    let journal = Journal::default();
    let agent = platform
        .spawn("a@localhost", dutiful(&journal, "hang"))
        .await
        .expect("it starts");
    drive(&platform, |ctx| async move {
        ctx.send(Message::request("a@localhost")).await
    })
    .await
    .expect("sent");
    tokio::time::sleep(Duration::from_millis(10)).await;
    let begun = Instant::now();
    agent.stop();
    let report = agent.join().await;
    // Two seconds for the handler, two for `on_stop`.
    assert_eq!(begun.elapsed().as_secs(), 4);
    assert_eq!(journal.read(), ["begin a", "end a"]);
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert_eq!(failures, ["a@localhost/main: end: not done within 2s"]);
}

#[tokio::test(start_paused = true)]
async fn on_stop_may_still_talk_and_its_errors_are_seen() {
    let platform = Platform::new();
    let journal = Journal::default();
    platform
        .spawn("other@localhost", Other)
        .await
        .expect("it starts");
    let talk = platform
        .spawn("a@localhost", dutiful(&journal, "talk"))
        .await
        .expect("it starts");
    talk.stop();
    talk.join().await;
    assert_eq!(journal.read(), ["begin a", "end a", "heard true"]);

    let fail = platform
        .spawn("b@localhost", dutiful(&journal, "stop"))
        .await
        .expect("it starts");
    fail.stop();
    let report = fail.join().await;
    assert_eq!(
        report.failures[0].to_string(),
        "b@localhost/main: end: no broom"
    );
}

#[tokio::test(start_paused = true)]
async fn a_platform_runs_until_its_agents_have_ended() {
    let platform = Platform::new();
    let spawner = platform.clone();
    let begun = Instant::now();
    let work = async {
        drive(&spawner, |ctx| async move {
            let journal = Journal::default();
            let child = ctx
                .spawn_agent("child@localhost", dutiful(&journal, ""))
                .await?;
            ctx.sleep("5s").await?;
            assert!(child.is_alive());
            child.stop();
            child.join().await;
            assert!(!child.is_alive());
            peak::Ok(())
        })
        .await
    };
    let (worked, report) = tokio::join!(work, async {
        tokio::time::sleep(Duration::from_millis(1)).await;
        platform.run().await
    });
    worked.expect("it works");
    assert_eq!(report.ended, 2);
    assert_eq!(begun.elapsed().as_secs(), 5);
}

/// Fragile things in an agent's state.
#[derive(Default)]
struct Glass;

impl Drop for Glass {
    fn drop(&mut self) {
        panic!("it broke");
    }
}

#[agent]
struct Careful {
    _glass: Glass,
}

#[agent]
impl Careful {}

#[tokio::test(start_paused = true)]
async fn what_an_agent_holds_is_dropped_before_it_has_ended() {
    let platform = Platform::new();
    let careful = Careful { _glass: Glass };
    let careful = platform.spawn("c@localhost", careful).await;
    let careful = careful.expect("it starts");
    careful.stop();
    let report = careful.join().await;
    assert_eq!(report.failure_count, 1);
    assert_eq!(
        report.failures[0].to_string(),
        "c@localhost/main: the agent's own task: panicked: outside of its handlers, in a `Drop` perhaps"
    );
    // Its address is free again.
    platform
        .spawn("c@localhost", dutiful(&Journal::default(), ""))
        .await
        .expect("it starts");
}
