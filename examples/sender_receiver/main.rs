//! One agent sends a message, another says what it says.

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
    async fn greet(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.send(Message::inform(&self.to).text("Hello World"))
            .await?;
        ctx.stop();
        Ok(())
    }
}

/// Says what the first message says and stops.
#[agent]
struct Receiver;

#[agent]
impl Receiver {
    #[on_message(performative = "inform")]
    async fn read(&mut self, ctx: &Context<Self>, message: Message, Text(text): Text) {
        let from = message.sender().map_or("nobody", Jid::as_str);
        tracing::info!(agent = %ctx.jid(), "{from} says: {text}");
        ctx.stop();
    }
}

fn main() -> peak::ExitCode {
    peak::run()
}
