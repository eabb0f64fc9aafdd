use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
struct Fan;

#[behaviour(cyclic)]
async fn of_fans(_ctx: Context<Fan>) {}

async fn plain() {}

#[agent(behaviours(of_fans, plain))]
impl Lamp {}

#[agent(behaviours(of_fans(), "plain"))]
impl Fan {}

fn main() {}
