use peak::prelude::*;

#[on_presence(available)]
struct Lamp;

impl Lamp {
    #[on_presence(available)]
    async fn came(&mut self) {}

    #[on_connection(lost)]
    async fn lost(self) {}
}

#[on_connection]
const LAMPS: u8 = 1;

#[agent]
struct Light;

#[agent]
impl Light {
    #[on_presence]
    const LEVEL: u8 = 1;

    #[on_presence]
    fn not_async(&self) {}

    #[on_connection]
    async fn by_value(self) {}

    #[on_presence(crate = "::peak")]
    async fn of_a_crate(&self) {}
}

fn main() {}
