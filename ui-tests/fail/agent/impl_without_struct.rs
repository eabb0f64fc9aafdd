use peak::prelude::*;

struct Lamp {
    level: u8,
}

#[agent]
impl Lamp {
    #[on_start]
    async fn start(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.send(Message::inform("bob@localhost").text("on")).await?;
        Ok(())
    }

    #[behaviour(periodic = "5s")]
    async fn tick(&mut self) {
        self.level += 1;
    }

    #[behaviour(cyclic, receives(performative = "cfp"))]
    async fn wait(ctx: Context<Self>) -> peak::Result<()> {
        ctx.receive("5s").await?;
        Ok(())
    }

    #[on_message(performative = "request")]
    async fn set(&mut self, Json(level): Json<u8>) -> Agree {
        self.level = level;
        Agree
    }
}

fn main() {}
