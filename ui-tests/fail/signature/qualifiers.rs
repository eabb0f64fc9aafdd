use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(cyclic)]
    async unsafe fn danger(&mut self) {}

    #[behaviour(cyclic)]
    const fn constant(&mut self) {}

    #[behaviour(cyclic)]
    extern "C" fn foreign(&mut self) {}
}

fn main() {}
