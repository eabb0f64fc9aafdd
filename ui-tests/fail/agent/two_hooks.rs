use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_start]
    async fn first(&mut self) {}

    #[on_start]
    async fn second(&mut self) {}

    #[on_stop]
    async fn third(&mut self) {}

    #[on_stop]
    async fn fourth(&mut self) {}
}

fn main() {}
