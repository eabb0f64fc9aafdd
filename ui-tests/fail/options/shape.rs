use peak::prelude::*;

#[agent]
struct Lamp {
    #[param = 5]
    level: u8,
    #[param(default =)]
    other: u8,
}

#[agent]
impl Lamp {
    #[on_message(ontology)]
    async fn no_value(&mut self) {}

    #[on_message(ontology =)]
    async fn half_a_value(&mut self) {}

    #[on_message(ontology = 5)]
    async fn number(&mut self) {}

    #[on_message(metadata = "room")]
    async fn no_list(&mut self) {}

    #[on_message = "inform"]
    async fn no_parentheses(&mut self) {}

    #[on_message(ontology = "light" body = "on")]
    async fn no_comma(&mut self) {}

    #[behaviour(cyclic = "5s")]
    async fn value(&mut self) {}

    #[behaviour(cyclic, name = "")]
    async fn empty(&mut self) {}

    #[on_start(now)]
    async fn hook(&mut self) {}
}

fn main() {}
