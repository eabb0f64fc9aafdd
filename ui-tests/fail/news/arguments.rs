use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_presence(available, unavailable)]
    async fn not_always_there(&mut self, _presence: Presence) {}

    #[on_presence(observe)]
    async fn of_any_kind(_presence: peak::Presence) {}

    #[on_presence(subscribe)]
    async fn no_body(&mut self, Text(_text): Text, _message: &Message) {}

    #[on_presence(unsubscribed)]
    async fn of_the_connection(&mut self, _change: ConnectionChange) {}

    #[on_connection(lost)]
    async fn of_presence(&mut self, _change: PresenceChange) {}

    #[on_connection(restored)]
    async fn of_nobody(&mut self, Sender(_who): Sender) {}

    #[on_message(performative = "inform")]
    async fn in_a_message(&mut self, _change: PresenceChange, _presence: Presence) {}

    #[on_message]
    async fn of_the_connection_too(&mut self, _change: ConnectionChange) {}
}

fn main() {}
