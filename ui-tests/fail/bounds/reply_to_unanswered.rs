use peak::prelude::*;

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    #[on_message(performative = "inform")]
    async fn informed(&mut self) -> Inform<String> {
        Inform(String::new())
    }

    #[on_message(performative = "not-understood")]
    async fn confused(&mut self) -> Inform<String> {
        Inform(String::new())
    }

    #[on_message(any(performative = "failure", performative = "refuse"))]
    async fn disappointed(&mut self) -> Message {
        Message::inform("bob@localhost")
    }

    // A request among them wants an answer.
    #[on_message(any(performative = "agree", performative = "request"))]
    async fn asked(&mut self) -> Inform<String> {
        Inform(String::new())
    }
}

fn main() {}
