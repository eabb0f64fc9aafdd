use peak::prelude::*;

#[agent(behaviours(tick))]
struct Lamp;

#[agent(name = "lamp")]
impl Lamp {}

fn main() {}
