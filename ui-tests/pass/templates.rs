//! The whole grammar, in attributes and in `template!`.
#![deny(warnings)]

use peak::prelude::*;
use peak::{Jid, Performative, template};

const ONTOLOGY: &str = "light";

#[agent]
struct Lamp;

#[agent]
impl Lamp {
    const ROOM: &'static str = "attic";

    #[on_message(performative = "inform", ontology = ONTOLOGY)]
    async fn one(&mut self) {}

    #[on_message(performative = Performative::Inform, metadata(room = Self::ROOM, "odd-key" = "1", urgent))]
    async fn two(&mut self) {}

    #[on_message(
        sender = "bob@localhost",
        to = "lamp@localhost/main",
        reply_to = "bob@localhost",
        protocol = "p",
        language = "l",
        encoding = "e",
        conversation_id = "c",
        thread = "t",
        reply_with = "w",
        in_reply_to = "i",
        body = String::from("on"),
    )]
    async fn three(&mut self) {}

    // Overlapping is fine as long as something is left.
    #[on_message(any(performative = "inform", performative = "request"), not(body = "x"))]
    async fn four(&mut self) {}

    #[on_message(performative = "inform")]
    async fn five(&mut self) {}

    #[on_message(observe)]
    async fn all(&mut self) {}

    #[on_message(name = "the-rest")]
    async fn rest(&mut self) {}
}

fn main() {
    let act = Performative::Cfp;
    let jid: Jid = "bob@localhost".parse().expect("a good address");
    let all = [
        template!(),
        template!(performative = act),
        template!(performative = "cfp", sender = jid, not(any(thread = "1", thread = "2"), body = "x")),
        template!(all(metadata(a), any(metadata(b = "1"), community = "group@conference.localhost"))),
    ];
    println!("{}", all.len());
}
