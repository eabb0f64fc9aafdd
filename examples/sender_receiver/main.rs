//! One agent sends a message, another prints it.

use peak::prelude::*;

/// Sends one message and stops.
#[agent]
struct Sender {
    /// Who gets the message.
    #[param(default = "harry@localhost")]
    to: Jid,
}

#[agent]
impl Sender {
    #[behaviour(one_shot)]
    async fn send(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.send(Message::inform(&self.to).text("Hello World")).await?;
        ctx.stop();
        Ok(())
    }
}

/// Prints the first message it gets and stops.
#[agent]
struct Receiver;

#[agent]
impl Receiver {
    #[on_message(performative = "inform")]
    async fn print(&mut self, ctx: &Context<Self>, peak::Sender(from): peak::Sender, Text(text): Text) {
        tracing::info!(agent = %ctx.jid(), "{from} says: {text}");
        ctx.stop();
    }
}

fn main() -> peak::ExitCode {
    peak::run()
}
