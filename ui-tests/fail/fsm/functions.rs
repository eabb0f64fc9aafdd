//! Functions of a state that do not go together.

use peak::prelude::*;

#[derive(Default)]
struct One;
struct Two;
struct Three;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(fsm(One), initial, next(Two))]
    async fn first(&mut self) -> Next<One> {
        Next::to(Two)
    }

    #[behaviour(fsm(One), next(Two))]
    async fn second(&mut self) -> Next<One> {
        Next::to(Two)
    }

    #[behaviour(fsm(One), after = "1s", next(Two))]
    async fn late(&mut self) -> Next<One> {
        Next::to(Two)
    }

    #[behaviour(fsm(Two), after = "1s", next(Three))]
    async fn soon(&mut self) -> Next<Two> {
        Next::to(Three)
    }

    #[behaviour(fsm(Two), after = "2s", next(Three))]
    async fn later(&mut self) -> Next<Two> {
        Next::to(Three)
    }

    #[behaviour(fsm(Two), on(performative = "inform"))]
    async fn all(&mut self, _: Two) {}

    #[behaviour(fsm(Two), on(performative = "inform", ontology = "light"))]
    async fn some(&mut self, one: &mut Two, other: &Two) {
        _ = (one, other);
    }

    #[behaviour(fsm(Two), enter)]
    async fn enter(&mut self, _: Two) {}

    #[behaviour(fsm(Three), enter)]
    async fn only(&mut self) {}

    #[behaviour(fsm(Three), enter)]
    async fn again(&mut self) {}
}

#[derive(Default)]
struct Last;

#[agent]
struct Looks;

#[agent]
impl Looks {
    #[behaviour(fsm(Last), initial, end)]
    async fn take(&mut self, _: Last) {}

    #[behaviour(fsm(Last), exit)]
    async fn look(&mut self, _: &Last) {}
}

fn main() {}
