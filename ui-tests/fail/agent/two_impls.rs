use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_start]
    async fn start(&mut self) {}
}

#[agent]
impl Lamp {
    #[on_stop]
    async fn stop(&mut self) {}
}

fn main() {}
