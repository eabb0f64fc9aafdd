//! Agents of SPADE and PEAK on the same server: they read us, and we read them.

use peak::prelude::*;
use peak::{ContactState, Show};
use peak_tests::python::{Kind, Peer};
use peak_tests::servers::Server;
use serde_json::{Value, json};
use tokio::task::block_in_place;

use super::{Eyes, PATIENCE, builder, hands, platform, until};

/// The same test with an agent of SPADE and with one of PEAK, on Prosody.
macro_rules! with_both {
    ($($(#[$attribute:meta])* async fn $name:ident($server:ident: Server, $peer:ident: Peer) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[test]
            #[ignore = "needs Prosody and Python"]
            fn spade() {
                run(Kind::Spade);
            }

            $(#[$attribute])*
            #[test]
            #[ignore = "needs Prosody and Python"]
            fn peak() {
                run(Kind::Peak);
            }

            fn run(kind: Kind) {
                let Some(python) = kind.python() else {
                    crate::left_out(&format!("there is no Python for {kind:?}"));
                    return;
                };
                let server = Server::prosody().start();
                let peer = Peer::start(&python, kind, "peer@localhost/main", server.port());
                crate::live(talk(server, peer));
            }

            #[allow(unused_mut, reason = "most peers are told something")]
            async fn talk($server: Server, mut $peer: Peer) $body
        }
    )*};
}

/// Texts that XML, JSON and forms could spoil.
const TEXTS: [&str; 6] = [
    "hello",
    "<&>'\" ]]> &amp; <!-- -->",
    " two\nlines\tand blanks ",
    "é € 数据 ابجد",
    "\u{1F600}\u{10FFFD}\u{FEFF}",
    "{\"json\": [1, null, \"\\u0000\"]}",
];

/// The next message that matches, of those that come.
async fn next(mailbox: &peak::Subscription) -> Message {
    let came = mailbox.receive(PATIENCE).await.expect("a proper time");
    came.expect("a message comes in time")
}

with_both! {
    async fn what_we_send_is_read(server: Server, peer: Peer) {
        let platform = platform(&server);
        let ann = hands(&platform, "ann@localhost").await;
        for text in TEXTS {
            let message = Message::inform("peer@localhost")
                .with_ontology(text)
                .with_metadata("colour", text)
                .with_conversation_id("c1")
                .with_thread(text)
                .text(text);
            ann.send(message).await.unwrap();
            let event = block_in_place(|| peer.event("message", |_| true));
            let metadata = json!({
                "performative": "inform",
                "ontology": text,
                "colour": text,
                "conversation-id": "c1",
            });
            assert_eq!(event["metadata"], metadata);
            assert_eq!(event["body"], text);
            assert_eq!(event["thread"], text);
            assert_eq!(event["from"], "ann@localhost/main");
        }
        let long = "0123456789".repeat(10_000);
        ann.send(Message::new("peer@localhost").text(&long)).await.unwrap();
        let event = block_in_place(|| peer.event("message", |_| true));
        assert_eq!((&event["metadata"], &event["thread"]), (&json!({}), &Value::Null));
        assert_eq!(event["body"], long);
        // Nothing but a performative.
        ann.send(Message::new("peer@localhost").with_performative(Performative::Cancel)).await.unwrap();
        let event = block_in_place(|| peer.event("message", |_| true));
        assert_eq!(event["metadata"], json!({"performative": "cancel"}));
        assert!(event["body"].is_null() || event["body"] == "", "{event}");
        block_in_place(|| peer.stop());
        platform.stop().await;
    }

    async fn what_they_send_is_read(server: Server, peer: Peer) {
        let platform = platform(&server);
        let ann = hands(&platform, "ann@localhost").await;
        let mailbox = ann.subscribe(template!(sender = "peer@localhost"));
        for text in TEXTS {
            let metadata = json!({"performative": "inform", "ontology": text, "reply_with": "r1"});
            peer.tell(&json!({
                "do": "send", "to": "ann@localhost", "body": text, "thread": text, "metadata": metadata,
            }));
            let message = next(&mailbox).await;
            assert_eq!(message.performative(), Some(Performative::Inform));
            assert_eq!(message.ontology(), Some(text));
            assert_eq!(message.thread(), Some(text));
            assert_eq!(message.body(), Some(text));
            // The spelling of SPADE's users is FIPA's too.
            assert_eq!(message.reply_with(), Some("r1"));
            assert_eq!(message.sender().map(Jid::as_str), Some(peer.jid()));
        }
        peer.tell(&json!({"do": "send", "to": "ann@localhost", "body": "plain"}));
        let message = next(&mailbox).await;
        assert_eq!((message.performative(), message.thread()), (None, None));
        assert_eq!(message.metadata_entries().count(), 0);
        assert_eq!(message.body(), Some("plain"));
        // No body at all.
        let metadata = json!({"performative": "request", "protocol": "fipa-request"});
        peer.tell(&json!({"do": "send", "to": "ann@localhost", "metadata": metadata}));
        let message = next(&mailbox).await;
        assert_eq!(message.performative(), Some(Performative::Request));
        assert_eq!(message.protocol(), Some("fipa-request"));
        assert_eq!(message.body().unwrap_or_default(), "");
        block_in_place(|| peer.stop());
        platform.stop().await;
    }

    async fn what_they_echo_comes_back_as_it_was(server: Server, peer: Peer) {
        let platform = platform(&server);
        let ann = hands(&platform, "ann@localhost").await;
        let mailbox = ann.subscribe(template!(sender = "peer@localhost"));
        block_in_place(|| peer.has_done(&json!({"do": "role", "name": "echo"})));
        for text in TEXTS {
            let message = Message::inform("peer@localhost")
                .with_metadata("colour", text)
                .with_thread(text)
                .text(text);
            ann.send(message).await.unwrap();
            let echo = next(&mailbox).await;
            assert_eq!(echo.body(), Some(text));
            assert_eq!(echo.thread(), Some(text));
            assert_eq!(echo.metadata("colour"), Some(text));
            assert_eq!(echo.performative(), Some(Performative::Inform));
        }
        block_in_place(|| peer.stop());
        platform.stop().await;
    }

    /// FIPA's request, with us as the one who asks.
    async fn they_agree_and_inform(server: Server, peer: Peer) {
        let platform = platform(&server);
        let ann = hands(&platform, "ann@localhost").await;
        block_in_place(|| peer.has_done(&json!({"do": "role", "name": "participant"})));
        for text in TEXTS {
            let results = ann.subscribe(template!(performative = "inform", sender = "peer@localhost"));
            let request = Message::request("peer@localhost").with_protocol("fipa-request").text(text);
            let agreed = ann.request(request, PATIENCE).await.expect("an answer");
            assert_eq!(agreed.performative(), Some(Performative::Agree));
            assert_eq!(agreed.body(), Some(text));
            let result = next(&results).await;
            assert_eq!(result.body(), Some(text.to_uppercase().as_str()));

            let asked = block_in_place(|| peer.event("message", |event| event["body"] == text));
            let asked = &asked["metadata"];
            assert_eq!(asked["performative"], "request");
            assert_eq!(asked["protocol"], "fipa-request");
            for answer in [&agreed, &result] {
                assert_eq!(answer.conversation_id(), asked["conversation-id"].as_str());
                assert_eq!(answer.in_reply_to(), asked["reply-with"].as_str());
                assert!(answer.conversation_id().is_some() && answer.in_reply_to().is_some());
            }
        }
        let request = Message::request("peer@localhost").text("refuse me");
        let refused = ann.request(request, PATIENCE).await.expect("an answer");
        assert_eq!(refused.performative(), Some(Performative::Refuse));
        block_in_place(|| peer.stop());
        platform.stop().await;
    }

    /// FIPA's request, with us as the one who is asked.
    async fn we_agree_and_inform(server: Server, peer: Peer) {
        let platform = builder(&server).build();
        platform.spawn("worker@localhost", Worker).await.expect("it connects");
        for text in TEXTS {
            peer.tell(&json!({"do": "role", "name": "initiator", "to": "worker@localhost", "body": text}));
            let conversation = block_in_place(|| peer.event("conversation", |_| true));
            let answers = conversation["answers"].as_array().expect("a list");
            let said: Vec<_> = answers.iter().map(|it| &it["performative"]).collect();
            assert_eq!(said, ["agree", "inform"], "{conversation}");
            assert_eq!(answers[1]["body"], text.to_uppercase());
            for name in ["conversation-id", "in-reply-to"] {
                assert!(answers[0][name].is_string(), "{conversation}");
                assert_eq!(answers[0][name], answers[1][name], "{conversation}");
            }
            assert_ne!(answers[0]["conversation-id"], answers[0]["in-reply-to"], "{conversation}");
        }
        peer.tell(&json!({"do": "role", "name": "initiator", "to": "worker@localhost", "body": "refuse me"}));
        let conversation = block_in_place(|| peer.event("conversation", |_| true));
        assert_eq!(conversation["answers"][0]["performative"], "refuse");
        block_in_place(|| peer.stop());
        platform.stop().await;
        assert!(platform.report().is_success());
    }

    async fn presence_is_seen_both_ways(server: Server, peer: Peer) {
        let platform = platform(&server);
        let ann = Eyes::open(&platform, "ann@localhost").await;
        ann.ctx.contacts().approve_all(true);
        block_in_place(|| peer.has_done(&json!({"do": "approve_all", "value": true})));
        let is = |jid: &'static str, event: &Value, show: Value, status: Value| {
            event["from"] == jid && event["show"] == show && event["status"] == status
        };

        ann.ctx.contacts().subscribe("peer@localhost").unwrap();
        ann.journal.up_to("peer@localhost Subscribed").await;
        // SPADE asks in turn by itself.
        peer.tell(&json!({"do": "subscribe", "to": "ann@localhost"}));
        until("each knows the other", || {
            let contact = ann.ctx.contacts().get("peer@localhost").unwrap();
            contact.is_some_and(|it| it.subscription == ContactState::Both && !it.sessions.is_empty())
        })
        .await;
        peer.tell(&json!({"do": "presence", "show": "dnd", "status": TEXTS[1]}));
        ann.journal.up_to(&format!("peer@localhost/main is there: DoNotDisturb 0 {}", TEXTS[1])).await;
        ann.ctx.set_presence(Presence::available().show(Show::ExtendedAway).status(TEXTS[3]));
        block_in_place(|| peer.event("presence", |event| {
            is("ann@localhost/main", event, json!("xa"), json!(TEXTS[3]))
        }));

        // Who goes is gone, on either side.
        let presence = ann.ctx.presence("peer@localhost").unwrap().expect("it is there");
        assert_eq!(presence.show, Show::DoNotDisturb);
        ann.close().await;
        block_in_place(|| peer.event("presence", |event| {
            event["from"] == "ann@localhost/main" && event["type"] == "unavailable"
        }));
        let ann = Eyes::open(&platform, "ann@localhost").await;
        ann.journal.up_to(&format!("peer@localhost/main is there: DoNotDisturb 0 {}", TEXTS[1])).await;
        block_in_place(|| peer.stop());
        ann.journal.up_to("peer@localhost/main has gone").await;
        platform.stop().await;
    }
}

/// Agrees at once, and does the work later.
#[agent]
struct Worker;

#[agent]
impl Worker {
    #[on_message(performative = "request", protocol = "fipa-request")]
    async fn work(
        &mut self,
        ctx: &Context<Self>,
        message: Message,
        Text(text): Text,
    ) -> Result<Agree, Refuse> {
        if text == "refuse me" {
            return Err(Refuse::new("as you like"));
        }
        let upper = text.to_uppercase();
        let worker = ctx.clone();
        ctx.spawn(async move {
            // After the agreement, which goes out when this function has ended.
            worker.sleep("20ms").await?;
            worker.reply(&message, Inform(upper)).await
        });
        Ok(Agree)
    }
}
