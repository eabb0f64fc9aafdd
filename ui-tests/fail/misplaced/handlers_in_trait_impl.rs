use peak::prelude::*;

trait Light {
    async fn hear(&mut self);
}

#[agent]
struct Lamp;

#[agent]
impl Light for Lamp {
    #[on_message(performative = "inform")]
    async fn hear(&mut self) {}
}

fn main() {}
