use peak::prelude::*;

struct Level(u8);

#[agent]
struct Lamp {
    #[param]
    level: Level,
}

#[agent]
impl Lamp {}

#[agent]
struct Generic<T: Send + 'static> {
    #[param]
    value: T,
}

#[agent]
impl<T: Send + 'static> Generic<T> {}

fn main() {}
