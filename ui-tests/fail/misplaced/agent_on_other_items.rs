use peak::prelude::*;

#[agent]
enum Colour {
    Red,
}

#[agent]
async fn tick() {}

#[agent]
trait Light {}

struct Lamp;

#[agent]
impl Light for Lamp {}

fn main() {
    let _ = (Colour::Red, tick());
}
