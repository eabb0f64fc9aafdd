//! PEAK's receiver.

use peak::prelude::*;

/// Stops when it has what it waits for.
#[agent]
struct Receiver {
    /// How many messages it waits for.
    #[param(default = 1)]
    messages: u32,
    received: u32,
}

#[agent]
impl Receiver {
    #[on_message(performative = "inform")]
    async fn read(&mut self, ctx: &Context<Self>, Text(text): Text) {
        self.received += 1;
        tracing::info!(agent = %ctx.jid(), "it says: {text}");
        if self.received == self.messages {
            ctx.stop();
        }
    }
}
