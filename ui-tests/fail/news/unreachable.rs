use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_presence(available, unavailable)]
    async fn came_or_went(&mut self) {}

    #[on_presence(available)]
    async fn came(&mut self) {}

    #[on_presence(subscribe, subscribed)]
    async fn asked(&mut self) {}

    #[on_presence(subscribed, unavailable)]
    async fn of_two(&mut self) {}

    #[on_presence]
    async fn rest(&mut self) {}

    #[on_presence(unsubscribe)]
    async fn after_the_rest(&mut self) {}

    #[on_connection]
    async fn connection(&mut self) {}

    #[on_connection(restored, observe)]
    async fn restored(&mut self) {}
}

fn main() {}
