use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(all())]
    async fn all(&mut self) {}

    #[on_message(any())]
    async fn any(&mut self) {}

    #[on_message(not())]
    async fn not(&mut self) {}

    #[on_message(metadata())]
    async fn metadata(&mut self) {}
}

fn main() {}
