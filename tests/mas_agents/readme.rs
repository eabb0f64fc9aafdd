//! The types of README.md.

use peak::prelude::*;

/// Says hello to whoever asks, and counts them.
#[agent]
struct Greeter {
    greeted: u32,
}

#[agent]
impl Greeter {
    #[on_message(performative = "request")]
    async fn greet(&mut self, Text(name): Text) -> Inform<String> {
        self.greeted += 1;
        Inform(format!("Hello {name}, you are number {}", self.greeted))
    }
}

#[agent]
struct Visitor {
    #[param(default = "Ada")]
    name: String,
}

#[agent]
impl Visitor {
    #[on_start]
    async fn come(&mut self, ctx: &Context<Self>) {
        tracing::info!(agent = %ctx.jid(), "{} is here", self.name);
    }
}
