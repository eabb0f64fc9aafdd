use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[behaviour(cyclic)]
    async fn tick(&mut self) -> Inform<String> {
        Inform(String::new())
    }

    #[on_stop]
    async fn stop(&mut self) -> Flow {
        Flow::Stop
    }
}

fn main() {}
