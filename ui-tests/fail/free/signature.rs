use peak::prelude::*;

#[behaviour(cyclic)]
fn not_async<A: Agent>(_ctx: Context<A>) {}

#[behaviour(periodic = "soon")]
async fn malformed<A: Agent>(_ctx: Context<A>) {}

#[behaviour(cyclic)]
async fn lifetime<'a, A: Agent>(_ctx: &'a Context<A>) {}

#[on_message]
async fn argument<A: Agent>(_ctx: &Context<A>, _loud: bool) {}

#[behaviour(cyclic)]
#[on_message]
async fn both<A: Agent>(_ctx: Context<A>) {}

#[agent]
struct Lamp;

// What is wrong inside them is wrong there only.
#[agent(behaviours(not_async, malformed, lifetime, argument, both))]
impl Lamp {}

fn main() {}
