//! One agent that says hello and stops.

use peak::prelude::*;

/// Says hello and stops.
#[agent]
struct Hello;

#[agent]
impl Hello {
    #[behaviour(one_shot)]
    async fn greet(ctx: Context<Self>) {
        tracing::info!(agent = %ctx.jid(), "Hello World");
        ctx.stop();
    }
}

fn main() -> peak::ExitCode {
    peak::run()
}
