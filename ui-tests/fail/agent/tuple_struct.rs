use peak::prelude::*;

#[agent]
struct Lamp(#[param] u8);

#[agent]
impl Lamp {
    #[behaviour(cyclic)]
    async fn tick(&mut self) {
        self.0 += 1;
    }
}

fn main() {}
