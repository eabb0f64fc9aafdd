use peak::prelude::*;

struct Level(u8);

#[agent]
struct Lamp {
    level: Level,
}

#[agent]
impl Lamp {}

fn main() {}
