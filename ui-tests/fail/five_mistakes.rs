use peak::prelude::*;

#[agent]
struct Lamp {
    level: u8,
}

#[agent]
impl Lamp {
    #[on_start]
    fn start(&mut self) {
        self.level = 1;
    }

    #[behaviour(periodic = "5 secnds")]
    async fn tick(&mut self) {
        self.level += self.step();
    }

    #[on_message(performative = "informs")]
    async fn hear(&mut self, Json(level): Json<u8>) {
        self.level = level;
    }

    #[on_message(performative = "request", sender = "bob@@localhost")]
    async fn set(&mut self, Json(level): Json<u8>) -> Agree {
        self.level = level;
        Agree
    }

    #[on_message(ontolgy = "light")]
    async fn rest(&mut self) {}

    fn step(&self) -> u8 {
        1
    }
}

fn main() {
    // Nothing else is wrong here.
    let lamp = Lamp { level: 0 };
    let _ = lamp.step();
    let _ = Lamp::set;
}
