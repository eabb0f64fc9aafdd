use peak::prelude::*;

#[agent(nme = "lamp")]
struct Lamp {
    #[param(defualt = 5)]
    level: u8,
}

#[agent(behaviors(tick))]
impl Lamp {
    #[on_message(ontolgy = "light")]
    async fn condition(&mut self) {}

    #[on_message(conversation-id = "1")]
    async fn dashes(&mut self) {}

    #[behaviour(periodc = "5s")]
    async fn kind(&mut self) {}

    #[behaviour(cyclic, wait = "5s")]
    async fn option(&mut self) {}

    #[behaviour(cyclic, ontology = "light")]
    async fn condition_of_a_behaviour(&mut self) {}
}

fn main() {}
