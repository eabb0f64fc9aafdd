use peak::prelude::*;

#[agent]
struct Lamp;

fn main() {}
