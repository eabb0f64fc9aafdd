use peak::prelude::*;
use std::rc::Rc;

#[agent]
struct Lamp;

async fn pause() {}

#[agent]
impl Lamp {
    #[on_message(performative = "inform")]
    async fn hear(&mut self) {
        let shared = Rc::new(5);
        pause().await;
        drop(shared);
    }

    #[behaviour(cyclic)]
    async fn tick(ctx: Context<Self>) {
        let shared = Rc::new(5);
        pause().await;
        drop((shared, ctx));
    }
}

fn main() {}
