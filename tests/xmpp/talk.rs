//! Agents that talk over a server.

use peak::prelude::*;
use peak_tests::servers::Server;

use super::{hands, on_both_servers, platform};

#[agent]
struct Echo;

#[agent]
impl Echo {
    #[on_message(performative = "request")]
    async fn echo(&mut self, message: Message) -> Inform<String> {
        let colour = message.metadata("colour").unwrap_or("no colour");
        let body = message.body().unwrap_or("no body");
        let thread = message.thread().unwrap_or("no thread");
        Inform(format!("{body}, {colour}, {thread}"))
    }
}

on_both_servers! {
    async fn a_request_is_answered(server: Server) {
        let platform = platform(&server);
        platform.spawn("echo@localhost", Echo).await.unwrap();
        let asker = hands(&platform, "asker@localhost").await;
        assert!(asker.is_online());
        for text in ["hello", "<&>'\"\r\n\t é €", "\u{10FFFD} ]]> &amp;"] {
            let request = Message::request("echo@localhost")
                .with_metadata("colour", text)
                .with_thread(text)
                .text(text);
            let answer = asker.request(request, "10s").await.unwrap();
            let wanted = format!("{text}, {text}, {text}");
            assert_eq!(answer.body(), Some(wanted.as_str()));
            assert_eq!(answer.thread(), Some(text));
            assert_eq!(answer.sender().unwrap().as_str(), "echo@localhost/main");
        }
        platform.stop().await;
        assert!(platform.report().is_success());
    }
}
