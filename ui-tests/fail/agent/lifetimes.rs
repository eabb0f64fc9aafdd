use peak::prelude::*;

#[agent]
struct Lamp<'a> {
    name: &'a str,
}

#[agent]
impl<'a> Lamp<'a> {
    #[behaviour(cyclic)]
    async fn tick(&mut self) {}
}

fn main() {}
