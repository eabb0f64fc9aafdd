use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(all(performative = "inform", performative = "request"))]
    async fn at_once(&mut self) {}

    #[on_message(performative = "inform", all(performative = "request", body = "x"))]
    async fn nested(&mut self) {}

    #[on_message(ontology = "light", not(ontology = "light"))]
    async fn negated(&mut self) {}

    #[on_message(metadata(room = "attic"), not(metadata(room)))]
    async fn absent(&mut self) {}

    #[on_message(sender = "bob@localhost/home", not(sender = "bob@localhost"))]
    async fn elsewhere(&mut self) {}

    #[behaviour(cyclic, receives(thread = "1", any(thread = "2", thread = "3")))]
    async fn wait(_ctx: Context<Self>) {}
}

fn main() {}
