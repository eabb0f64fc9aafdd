use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(ontology = "a")]
    async fn types<T>(&mut self) {}

    #[on_message(ontology = "b")]
    async fn lifetimes<'a>(&mut self, _ctx: &'a Context<Self>) {}

    #[on_message(ontology = "c")]
    async fn constants<const N: usize>(&mut self) {}

    #[on_message(ontology = "d")]
    async fn opaque(&mut self, _text: impl Into<String>) {}
}

fn main() {}
