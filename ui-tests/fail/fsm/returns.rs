//! What functions of states return, and how a machine begins.

use peak::prelude::*;

struct One {
    times: u32,
}
struct Two;
struct Three;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(fsm(One), initial, next(Two, Three))]
    async fn one(&mut self, one: One) -> Two {
        _ = one.times;
        Two
    }

    #[behaviour(fsm(Two), on(performative = "request"), next(Three))]
    async fn two(&mut self) -> (u32, Next<Two>) {
        (1, Next::to(Three))
    }

    #[behaviour(fsm(Two), enter)]
    async fn enter(&mut self) -> Flow {
        Flow::Stop
    }

    #[behaviour(fsm(Three), end)]
    async fn three(&mut self, text: Text) -> Inform<String> {
        Inform(text.0)
    }
}

fn main() {}
