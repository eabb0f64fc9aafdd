use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_start]
    async fn hook(_ctx: &Context<Self>) {}

    #[behaviour(cyclic)]
    async fn value(self) {}

    #[behaviour(cyclic)]
    async fn boxed(self: Box<Self>) {}

    #[behaviour(cyclic)]
    async fn long(&'static self) {}
}

fn main() {}
