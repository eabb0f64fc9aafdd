use peak::prelude::*;

#[agent]
struct Miner;

#[agent]
impl Miner {
    #[behaviour(one_shot, blocking)]
    async fn dig(ctx: Context<Self>) {
        drop(ctx);
    }

    #[behaviour(one_shot, blocking)]
    fn own(&mut self) {}

    #[behaviour(one_shot, blocking = true)]
    fn value() {}

    #[behaviour(one_shot)]
    fn plain() {}
}

#[agent]
struct Shared;

#[agent]
impl Shared {
    #[behaviour(one_shot, blocking)]
    fn text(ctx: &Context<Self>) -> u32 {
        std::thread::sleep(std::time::Duration::ZERO);
        ctx.jid().as_str().len() as u32
    }
}

fn main() {}
