use peak::prelude::*;

#[behaviour(cyclic)]
struct Lamp;

#[on_message]
const LEVEL: u8 = 5;

#[on_start]
enum Colour {
    Red,
}

#[behaviour(cyclic)]
impl Lamp {}

trait Light {
    #[on_message(performative = "inform")]
    async fn hear(&mut self);
}

#[agent]
struct Room;

#[agent]
impl Room {
    #[behaviour(cyclic)]
    const LIMIT: u8 = 5;
}

fn main() {
    // The items are still there.
    let _ = (Lamp, LEVEL, Colour::Red, Room::LIMIT);
}
