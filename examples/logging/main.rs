//! Agents that log at every level, to the terminal and each to a file of its own.

use peak::prelude::*;

/// Fills a tank and tells of it at every level.
#[agent]
struct Pump {
    /// How much the tank holds, in litres.
    #[param(default = 30)]
    tank: u32,
    level: u32,
}

#[agent]
impl Pump {
    #[behaviour(periodic = "100ms")]
    async fn fill(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        tracing::trace!(litres = self.level, "looking at the tank");
        self.level += 10;
        tracing::debug!(litres = self.level, tank = self.tank, "10 more");
        if self.level == self.tank {
            tracing::warn!("the tank is full");
        }
        if self.level > self.tank {
            tracing::error!(litres = self.level - self.tank, "the floor is wet");
            ctx.send(Message::inform("caretaker@localhost").text("the floor is wet"))
                .await?;
            ctx.stop();
        }
        Ok(())
    }

    #[on_stop]
    async fn rest(&mut self) {
        tracing::info!("the pump rests");
    }
}

/// Is told what goes wrong.
#[agent]
struct Caretaker;

#[agent]
impl Caretaker {
    #[on_message(performative = "inform")]
    async fn hear(&mut self, ctx: &Context<Self>, Text(text): Text, Sender(from): Sender) {
        tracing::info!(%from, "{text}");
        ctx.stop();
    }
}

fn main() -> peak::ExitCode {
    peak::run()
}
