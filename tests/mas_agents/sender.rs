//! PEAK's sender.

use peak::prelude::*;

/// Sends messages and stops.
#[agent]
struct Sender {
    /// Who gets them.
    #[param(default = "harry@localhost")]
    to: Jid,
    /// How many there are.
    #[param(default = 1)]
    messages: u32,
    /// Whether it fails afterwards.
    #[param(default = false)]
    fails: bool,
}

#[agent]
impl Sender {
    #[behaviour(one_shot)]
    async fn greet(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.stop();
        for _ in 0..self.messages {
            let message = Message::inform(&self.to).text("Hello World");
            ctx.send(message).await?;
        }
        if self.fails {
            return Err(peak::Error::msg("no more messages"));
        }
        Ok(())
    }
}
