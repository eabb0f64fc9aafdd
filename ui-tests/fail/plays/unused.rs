//! Conversations that are put together and never begun.
#![deny(unused_must_use)]

use peak::prelude::*;

#[agent]
struct Buyer;

#[agent]
impl Buyer {
    #[behaviour(one_shot)]
    async fn forgets(ctx: Context<Self>) -> peak::Result<()> {
        ctx.contract_net("a book").to(["seller@localhost"]);
        ctx.achieve(Message::request("seller@localhost"));
        let call = ctx.contract_net("a book").to(["seller@localhost"]).await?;
        call.award([], "1s");
        ctx.contract_net("a book").to(["seller@localhost"]).await?;
        Ok(())
    }
}

fn main() {}
