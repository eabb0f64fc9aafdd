//! Other conversations that are put together and never begun.
#![deny(unused_must_use)]

use peak::prelude::*;

#[agent]
struct Mixed;

#[agent]
impl Mixed {
    #[behaviour(one_shot)]
    async fn forgets_to_ask(ctx: Context<Self>) -> peak::Result<()> {
        ctx.propose("bob@localhost", "dinner");
        ctx.english_auction("a painting");
        ctx.broker("broker@localhost", "anybody", Message::draft(Performative::Request));
        ctx.recruit("broker@localhost", "anybody", Message::draft(Performative::Request));
        ctx.subscribe_to("sensor@localhost", "temperature");
        Ok(())
    }
}

fn main() {}
