use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(performative = "request")]
    async fn number(&mut self) -> u8 {
        1
    }

    #[on_message(performative = "query-ref")]
    async fn result(&mut self) -> Result<Inform<String>, String> {
        Err(String::new())
    }
}

fn main() {}
