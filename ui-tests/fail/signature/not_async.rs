use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_start]
    fn start(&mut self) {}

    #[behaviour(cyclic)]
    fn tick(&mut self) {}

    #[on_message(performative = "inform")]
    pub(crate) fn hear(&mut self) {}
}

fn main() {}
