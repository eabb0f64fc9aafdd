use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_presence(available, available)]
    async fn kind(&mut self) {}

    #[on_connection(lost, observe, observe)]
    async fn option(&mut self) {}

    #[on_presence(available)]
    #[on_presence(unavailable)]
    async fn marker(&mut self) {}
}

fn main() {}
