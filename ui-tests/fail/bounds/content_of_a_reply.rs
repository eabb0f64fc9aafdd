use peak::prelude::*;

struct Level(u8);

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(performative = "cfp")]
    async fn number(&mut self) -> Propose<u32> {
        Propose(1)
    }

    #[on_message(performative = "request")]
    async fn both_sides(&mut self) -> Result<Propose<u32>, String> {
        Err(String::new())
    }

    #[on_message(performative = "query-ref")]
    async fn without_serialize(&mut self) -> Inform<Json<Level>> {
        Inform(Json(Level(1)))
    }
}

fn main() {}
