//! Agents with every kind of fault, for the tests of the command line.

use std::time::Duration;

use peak::prelude::*;

/// Says what it was given and stops.
///
/// A second paragraph, which the short list leaves out.
#[agent]
struct Thermostat {
    /// In degrees Celsius.
    #[param(default = 21.0)]
    target: f64,
    /// Where it hangs.
    #[param]
    room: String,
    /// How often it looks.
    #[param(default = "5s")]
    every: Duration,
}

#[agent]
impl Thermostat {
    #[behaviour(one_shot)]
    async fn tell(&mut self, ctx: &Context<Self>) {
        let Self {
            target,
            room,
            every,
        } = self;
        tracing::info!(agent = %ctx.jid(), room = room.as_str(), "{target} every {every:?}");
        tracing::debug!(agent = %ctx.jid(), "in detail");
        ctx.stop();
    }
}

/// Fails or panics, and then stops.
#[agent]
struct Faulty {
    #[param(default = false)]
    panic: bool,
}

#[agent]
impl Faulty {
    #[behaviour(one_shot)]
    async fn fail(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.stop();
        assert!(!self.panic, "the boiler has burst");
        Err(peak::Error::msg("the boiler is cold"))
    }
}

/// Does not start.
#[agent]
struct Unwilling {
    /// How long it thinks about it.
    #[param(default = "0s")]
    after: Duration,
}

#[agent]
impl Unwilling {
    #[on_start]
    async fn refuse(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        tracing::debug!(agent = %ctx.jid(), "ready to refuse");
        tokio::time::sleep(self.after).await;
        Err(peak::Error::msg("not today"))
    }
}

/// Runs until it is stopped.
#[agent]
struct Idle {
    /// Do not even end when it is told to.
    #[param(default = false)]
    stubborn: bool,
}

#[agent]
impl Idle {
    #[on_start]
    async fn ready(&mut self, ctx: &Context<Self>) {
        tracing::info!(agent = %ctx.jid(), "ready");
    }

    #[on_stop]
    async fn goodbye(&mut self, ctx: &Context<Self>) {
        tracing::info!(agent = %ctx.jid(), "goodbye");
        if self.stubborn {
            std::thread::sleep(Duration::from_secs(50));
        }
    }
}

/// Answers one question with its own address, and stops.
#[agent]
struct Answerer;

#[agent]
impl Answerer {
    #[on_start]
    async fn ready(&mut self, ctx: &Context<Self>) {
        tracing::info!(agent = %ctx.jid(), "ready");
    }

    #[on_message(performative = "query-ref")]
    async fn answer(&mut self, ctx: &Context<Self>) -> Inform<String> {
        ctx.stop();
        Inform(ctx.jid().to_string())
    }
}

/// Asks another agent who it is, and stops.
#[agent]
struct Asker {
    /// The other one.
    #[param]
    whom: Jid,
}

#[agent]
impl Asker {
    #[behaviour(one_shot)]
    async fn ask(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.stop();
        let question = Message::query_ref(&self.whom).text("who are you?");
        let answer = ctx.request(question, "20s").await?;
        let body = answer.body().unwrap_or_default();
        tracing::info!(agent = %ctx.jid(), "it is {body}");
        Ok(())
    }
}

/// Logs at every level, without its name, and stops.
#[agent]
struct Talker {
    /// How often.
    #[param(default = 1)]
    times: u32,
    /// What it says.
    #[param(default = "hello")]
    text: String,
}

#[agent]
impl Talker {
    #[behaviour(one_shot)]
    async fn talk(&mut self, ctx: &Context<Self>) {
        for n in 1..=self.times {
            tracing::error!(n, "{} error", self.text);
            tracing::warn!(n, "{} warn", self.text);
            tracing::info!(n, "{} info", self.text);
            tracing::debug!(n, "{} debug", self.text);
            tracing::trace!(n, "{} trace", self.text);
        }
        ctx.stop();
    }
}

/// Starts a talker, and stops.
#[agent]
struct Parent;

#[agent]
impl Parent {
    #[behaviour(one_shot)]
    async fn have(ctx: Context<Self>) -> peak::Result<()> {
        tracing::info!("a child is on its way");
        let text = "hello from the child".to_owned();
        let child = Talker { times: 1, text };
        ctx.spawn_agent("child@localhost", child).await?;
        ctx.stop();
        Ok(())
    }
}

fn main() -> peak::ExitCode {
    peak::run()
}
