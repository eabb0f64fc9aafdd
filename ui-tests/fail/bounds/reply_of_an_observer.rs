use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(performative = "request", observe)]
    async fn watch(&mut self) -> Inform<String> {
        Inform(String::new())
    }

    #[on_message(observe)]
    async fn count(&mut self) -> peak::Result<()> {
        Ok(())
    }

    #[on_message(performative = "request")]
    async fn take(&mut self) -> Inform<String> {
        Inform(String::new())
    }
}

fn main() {}
