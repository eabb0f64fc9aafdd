use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(any(performative = "inform", performative = "request"))]
    async fn wide(&mut self) {}

    #[on_message(performative = "inform", ontology = "light")]
    async fn narrow(&mut self) {}

    #[on_message(performative = "cfp", sender = "bob@localhost")]
    async fn anywhere(&mut self) {}

    #[on_message(performative = "cfp", sender = "bob@localhost/home")]
    async fn at_home(&mut self) {}

    #[on_message(performative = "agree", metadata(room))]
    async fn with_room(&mut self) {}

    #[on_message(performative = "agree", not(metadata(room)))]
    async fn without_room(&mut self) {}

    #[on_message(performative = "agree", body = "yes")]
    async fn agreed(&mut self) {}

    #[on_message]
    async fn rest(&mut self) {}

    #[on_message]
    async fn after_everything(&mut self) {}
}

fn main() {}
