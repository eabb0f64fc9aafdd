use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(performative = "informs")]
    async fn near(&mut self) {}

    #[on_message(performative = "query_ref")]
    async fn dashed(&mut self) {}

    #[on_message(performative = "hello")]
    async fn far(&mut self) {}
}

fn main() {}
