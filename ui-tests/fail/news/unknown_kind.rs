use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_presence(availble)]
    async fn misspelt(&mut self) {}

    #[on_presence(subscribed, unsubscribe, Unsubscribed)]
    async fn upper_case(&mut self) {}

    #[on_presence(away)]
    async fn invented(&mut self) {}

    #[on_presence(lost)]
    async fn of_the_connection(&mut self) {}

    #[on_connection(unavailable)]
    async fn of_presence(&mut self) {}

    #[on_connection(restord)]
    async fn also_misspelt(&mut self) {}

    #[on_presence("available")]
    async fn quoted(&mut self) {}

    #[on_presence(available = true)]
    async fn with_value(&mut self) {}

    #[on_presence(sender = "bob@localhost")]
    async fn of_messages(&mut self) {}

    #[on_presence = "available"]
    async fn shape(&mut self) {}
}

fn main() {}
