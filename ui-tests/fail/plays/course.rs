//! A conversation goes one way, and no step comes before another.
#![deny(unused_must_use)]

use peak::prelude::*;

#[agent]
struct Buyer;

#[agent]
impl Buyer {
    #[behaviour(one_shot)]
    async fn accepts_before_anything_was_proposed(ctx: Context<Self>) -> peak::Result<()> {
        let call = ctx.contract_net("a book").to(["seller@localhost"]);
        call.award([], "10s").await?;
        Ok(())
    }

    #[behaviour(one_shot)]
    async fn accepts_twice(ctx: Context<Self>) -> peak::Result<()> {
        let call = ctx.contract_net("a book").to(["seller@localhost"]).await?;
        let winner = call.proposals()[0].sender().cloned();
        call.award(winner.clone(), "10s").await?;
        call.award(winner, "10s").await?;
        Ok(())
    }

    #[behaviour(one_shot)]
    async fn calls_again_after_the_award(ctx: Context<Self>) -> peak::Result<()> {
        let call = ctx.iterated_contract_net("a book").to(["seller@localhost"]).await?;
        call.award([], "10s").await?;
        call.call_again([], "two books")?.await?;
        Ok(())
    }

    #[behaviour(one_shot)]
    async fn calls_again_where_there_is_one_round(ctx: Context<Self>) -> peak::Result<()> {
        let call = ctx.contract_net("a book").to(["seller@localhost"]).await?;
        call.call_again([], "two books")?.await?;
        Ok(())
    }

    #[behaviour(one_shot)]
    async fn accepts_what_was_not_proposed(ctx: Context<Self>) -> peak::Result<()> {
        let call = ctx.contract_net("a book").to(["seller@localhost"]).await?;
        call.award(call.refused(), "10s").await?;
        Ok(())
    }

    #[behaviour(one_shot)]
    async fn reads_results_before_the_award(ctx: Context<Self>) -> peak::Result<()> {
        let call = ctx.contract_net("a book").to(["seller@localhost"]).await?;
        println!("{:?}", call.done());
        Ok(())
    }
}

fn main() {}
