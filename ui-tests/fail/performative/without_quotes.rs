use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(performative = inform)]
    async fn word(&mut self) {}

    #[on_message(performative = not-understood)]
    async fn dashed(&mut self) {}

    #[on_message(performative = Inform)]
    async fn variant(&mut self) {}

    #[on_message(performative = 5)]
    async fn number(&mut self) {}

    #[on_message(request)]
    async fn without_key(&mut self) {}
}

fn main() {}
