//! Other conversations go one way, too.

use peak::prelude::*;
use peak::protocol::{Achieved, Asked, propose};

#[agent]
struct Mixed;

#[agent(plays(propose))]
impl Mixed {
    #[behaviour(one_shot)]
    async fn reads_news_before_it_is_agreed(ctx: Context<Self>) -> peak::Result<()> {
        let mut feed = ctx.subscribe_to("sensor@localhost", "temperature").await?;
        feed.next("1s").await?;
        Ok(())
    }

    #[behaviour(one_shot)]
    async fn takes_what_was_refused_for_done(ctx: Context<Self>) -> peak::Result<()> {
        let achieved = ctx.achieve(Message::request("oven@localhost")).await?;
        println!("{:?}", achieved.body());
        Ok(())
    }

    #[behaviour(one_shot)]
    async fn forgets_what_may_happen(ctx: Context<Self>) -> peak::Result<()> {
        match ctx.achieve(Message::request("oven@localhost")).await? {
            Achieved::Done(_) => {}
            Achieved::Refused(_) => {}
        }
        Ok(())
    }

    #[behaviour(one_shot)]
    async fn publishes_without_playing_that(ctx: Context<Self>) -> peak::Result<()> {
        ctx.publish(Json(21.5)).await
    }
}

impl propose::Participant for Mixed {
    type Proposal = Text;

    async fn proposed(&mut self, _: &Context<Self>, _: &Asked<Text>) -> Result<(), Refuse> {
        Err(Refuse::new("a proposal is rejected, not refused"))
    }
}

fn main() {}
