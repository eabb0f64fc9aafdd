use peak::prelude::*;

#[agent]
struct Lamp<T> {
    value: Option<T>,
}

#[agent]
impl<T> Lamp<T> {
    #[behaviour(cyclic)]
    async fn tick(&mut self) {
        self.value = None;
    }

    #[on_message(performative = "inform")]
    async fn hear(ctx: Context<Self>) {
        ctx.stop();
    }
}

fn main() {}
