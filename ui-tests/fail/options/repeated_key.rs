use peak::prelude::*;

#[agent(name = "lamp", name = "light")]
struct Lamp {
    #[param(default = 1, default = 2)]
    level: u8,
}

#[agent]
impl Lamp {
    #[on_message(ontology = "light", ontology = "heat")]
    async fn condition(&mut self) {}

    #[on_message(all(sender = "bob@localhost", sender = "bob@localhost/home"))]
    async fn inside_all(&mut self) {}

    #[on_message(metadata(room = "attic", room = "hall"))]
    async fn field(&mut self) {}

    #[behaviour(cyclic, delay = "1s", delay = "2s")]
    async fn option(&mut self) {}

    #[on_message(observe, observe, name = "a", body = "x")]
    async fn word(&mut self) {}
}

fn main() {}
