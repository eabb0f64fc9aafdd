//! Options of functions of states.

use peak::prelude::*;

#[derive(Default)]
struct One;
struct Two;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(fsm)]
    async fn a(&mut self) {}

    #[behaviour(fsm())]
    async fn b(&mut self) {}

    #[behaviour(fsm(One, Two), end)]
    async fn c(&mut self) {}

    #[behaviour(fsm(One), on(performative = "inform"), after = "1s", end)]
    async fn d(&mut self) {}

    #[behaviour(fsm(One), enter, next(Two))]
    async fn e(&mut self) {}

    #[behaviour(fsm(One))]
    async fn f(&mut self) {}

    #[behaviour(fsm(One), delay = "1s", endless, name = "lamp", end)]
    async fn g(&mut self) {}

    #[behaviour(fsm(One), initail, end)]
    async fn h(&mut self) {}

    #[behaviour(fsm(One), periodic = "1s", end)]
    async fn i(&mut self) {}

    #[behaviour(fsm(One), performative = "inform", end)]
    async fn j(&mut self) {}

    #[behaviour(fsm(One), after = "0s", end)]
    async fn k(&mut self) {}

    #[behaviour(fsm(&One), end)]
    async fn l(&mut self) {}

    #[behaviour(fsm(One), next(Two, Two))]
    async fn m(&mut self) {}

    #[behaviour(one_shot, next(Two))]
    async fn n(&mut self) {}

    #[behaviour(fsm(One), initial, delay = "1s", start_at = "2026-12-01T08:00:00Z", end)]
    async fn o(&mut self) {}

    #[behaviour(fsm(One), next, end = true)]
    async fn p(&mut self) {}

    #[behaviour(fsm(One), on(performative = "informs"), end)]
    async fn q(&mut self) {}

    #[behaviour(fsm(One), on(performative = "inform"), end)]
    async fn r(&mut self, change: PresenceChange) {}
}

#[behaviour(fsm(One), initial, end)]
async fn free<A: Agent>(ctx: &Context<A>) {}

fn main() {}
