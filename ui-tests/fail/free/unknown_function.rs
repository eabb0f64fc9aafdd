use peak::prelude::*;

#[agent]
struct Lamp;

#[agent(behaviours(heartbeat))]
impl Lamp {}

fn main() {}
