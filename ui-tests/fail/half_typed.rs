use peak::prelude::*;

#[agent]
struct Lamp {
    level: u8,
}

#[agent]
impl Lamp {
    #[behaviour(periodic = "5s")]
    async fn tick(&mut self) {
        self.level = ;
    }

    #[on_message(performative = "request")]
    async fn set(&mut self, Json(level): Json<u8>) -> Agree {
        self.level = level;
        Agree
    }

    fn step(&self) -> u8 {
        1
    }
}

fn main() {
    // The functions are all there.
    let lamp = Lamp { level: 0 };
    let _ = lamp.step();
    let _ = (Lamp::tick, Lamp::set);
}
