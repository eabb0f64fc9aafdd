//! A state machine with every option.

use peak::prelude::*;
use std::time::Duration;

mod states {
    #[derive(Default)]
    pub struct Idle;
    pub enum Work<T> {
        Light,
        Hard(T),
    }
    pub struct Done;
}

use states::{Done, Idle, Work};

const SOON: Duration = Duration::from_secs(1);

#[agent]
struct Worker {
    done: u32,
}

/// All that it does.
#[agent]
impl Worker {
    #[behaviour(fsm(Idle), initial, endless, name = "work", delay = "1s", on(performative = "request"), next(Work<u8>))]
    async fn begin(&mut self, Text(_): Text, idle: Idle) -> peak::Result<(Agree, Next<Idle>)> {
        let _: Idle = idle;
        Ok((Agree, Next::to(Work::<u8>::Light)))
    }

    #[behaviour(fsm(Idle), on(performative = "query-if"))]
    async fn asked(&self) -> Confirm<()> {
        Confirm(())
    }

    #[behaviour(fsm(Work<u8>), after = SOON, next(states::Done, Work<u8>))]
    async fn work(ctx: Context<Self>, work: Work<u8>) -> peak::Result<Next<Work<u8>>> {
        match work {
            Work::Light => Ok(Next::to(Work::Hard(3))),
            Work::Hard(times) => {
                ctx.with(move |me| me.done += u32::from(times)).await;
                Ok(Next::to(Done))
            }
        }
    }

    #[behaviour(fsm(Work<u8>), enter)]
    async fn rolls_up_its_sleeves(&mut self, work: &mut Work<u8>, ctx: &Context<Self>) -> peak::Result<()> {
        _ = (work, ctx.jid());
        Ok(())
    }

    #[behaviour(fsm(Work<u8>), exit)]
    async fn wipes_its_brow(&mut self) {}

    #[behaviour(fsm(states::Done), next(Idle))]
    async fn done(&mut self) -> Next<states::Done> {
        Next::to(Idle)
    }

    // Another machine: it shares no state with the first.
    #[behaviour(fsm(Alone), initial = Alone(7), end)]
    async fn alone(&mut self, Alone(code): Alone) -> Flow {
        Flow::Exit(code)
    }
}

struct Alone(i32);

fn main() {}
