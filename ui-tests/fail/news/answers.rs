use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_presence(subscribe)]
    async fn asked(&mut self) -> Agree {
        Agree
    }

    #[on_connection]
    async fn connection(_change: ConnectionChange) -> peak::Result<Message> {
        Ok(Message::inform("bob@localhost"))
    }
}

fn main() {}
