//! Ways that are not declared.

use peak::prelude::*;

#[derive(Default)]
struct Waiting;
struct Paid;
struct Failed;

#[agent]
struct Buyer;

#[agent]
impl Buyer {
    #[behaviour(fsm(Waiting), initial, next(Paid))]
    async fn wait(&mut self) -> peak::Result<Next<Waiting>> {
        if true {
            return Ok(Next::to(Failed));
        }
        Ok(Next::end())
    }

    #[behaviour(fsm(Paid), next(Failed), end)]
    async fn paid(&mut self) -> Next<Waiting> {
        Next::to(Paid)
    }

    #[behaviour(fsm(Failed), end)]
    async fn failed(&mut self) -> Next<Failed> {
        Next::end()
    }
}

fn main() {}
