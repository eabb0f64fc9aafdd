//! A state machine of three states: the first sends a message, which the third waits for.

use peak::prelude::*;

/// Sends itself a message.
#[derive(Default)]
struct One;

/// Has sent it.
struct Two {
    text: String,
}

/// Waits for it.
struct Three {
    sent: String,
}

/// Walks through its states, and stops.
#[agent]
struct Walker {
    /// What it tells itself.
    #[param(default = "hello from state one")]
    text: String,
}

#[agent]
impl Walker {
    #[behaviour(fsm(One), initial, name = "walk", next(Two))]
    async fn send(&mut self, ctx: &Context<Self>) -> peak::Result<Next<One>> {
        tracing::info!("in state one");
        let text = self.text.clone();
        ctx.send(Message::inform(ctx.jid()).text(&text)).await?;
        Ok(Next::to(Two { text }))
    }

    #[behaviour(fsm(Two), next(Three))]
    async fn pass(&mut self, Two { text }: Two) -> Next<Two> {
        tracing::info!("in state two");
        Next::to(Three { sent: text })
    }

    #[behaviour(fsm(Three), on(performative = "inform"), end)]
    async fn receive(&mut self, three: Three, Text(text): Text) -> peak::Result<()> {
        tracing::info!("in state three: {text}");
        match text == three.sent {
            true => Ok(()),
            false => Err(peak::Error::msg("that is not what was sent")),
        }
    }

    #[behaviour(fsm(Three), after = "10s", end)]
    async fn give_up(&mut self) -> peak::Result<()> {
        Err(peak::Error::msg("no message came"))
    }

    #[behaviour(fsm(Three), exit)]
    async fn done(&mut self, ctx: &Context<Self>) {
        ctx.stop();
    }
}

fn main() -> peak::ExitCode {
    peak::run()
}
