//! Foreign initiators against a broker, and foreign brokers against an initiator.

use serde_json::{Value, json};

use super::*;
use crate::{hands, on_both_networks};

fn proxy(id: Option<&str>, protocol: &str, body: &Value) -> Message {
    let proxy = Message::proxy(BROKER)
        .with_protocol(protocol)
        .with_reply_with("r");
    let proxy = match id {
        Some(id) => proxy.with_conversation_id(id),
        None => proxy,
    };
    proxy.text(body.to_string())
}

fn for_worker(name: &str) -> Value {
    json!({
        "description": name,
        "enclosed": { "performative": "request", "ontology": "work", "content": "a bed" },
    })
}

/// The next message in a mailbox.
async fn next(mailbox: &peak::Subscription) -> Message {
    let next = mailbox.receive("10s").await.expect("the agent lives");
    next.expect("it comes in time")
}

on_both_networks! {
    async fn a_foreign_initiator(platform: &Platform) {
        let journal = agents(platform).await;
        let ctx = hands(platform, "master@localhost").await;
        let all = ctx.subscribe(template!(not(performative = "request")));

        ctx.send(proxy(Some("1"), "fipa-brokering", &for_worker("works"))).await.unwrap();
        let agree = next(&all).await;
        assert_eq!((said(&agree).as_str(), agree.conversation_id()), ("agree ", Some("1")));
        let told = next(&all).await;
        let report: Value = told.content().unwrap();
        assert_eq!((told.conversation_id(), told.in_reply_to()), (Some("1"), Some("r")));
        assert_eq!(
            report,
            json!({
                "passed_on": ["works@localhost"],
                "answers": [{
                    "agent": "works@localhost",
                    "performative": "inform",
                    "protocol": "fipa-request",
                    "ontology": "work",
                    "content": "a bed by works",
                }],
            })
        );

        // The answers of those who are recruited are of the same conversation.
        for (id, thread) in [(Some("2"), None), (None, Some("t")), (None, None)] {
            let mut message = proxy(id, "fipa-recruiting", &for_worker("works"));
            if let Some(thread) = thread {
                message = message.with_thread(thread);
            }
            ctx.send(message).await.unwrap();
            let mut heard = Vec::new();
            for _ in 0..4 {
                let message = next(&all).await;
                let sender = message.sender().unwrap().local().unwrap();
                heard.push(format!("{sender}: {}", said(&message)));
                assert_eq!(message.in_reply_to(), Some("r"));
                assert_eq!(message.thread(), thread);
                if id.is_some() {
                    assert_eq!(message.conversation_id(), id);
                }
            }
            heard.sort_unstable();
            assert_eq!(
                heard,
                [
                    "broker: agree ",
                    r#"broker: inform {"passed_on":["works@localhost"]}"#,
                    "works: agree ",
                    "works: inform a bed by works",
                ]
            );
        }

        // They are cancelled through the broker, whoever names no conversation included.
        for id in [Some("3"), None] {
            ctx.send(proxy(id, "fipa-recruiting", &for_worker("takes-long"))).await.unwrap();
            for _ in 0..3 {
                next(&all).await;
            }
            journal.next(&["takes-long begins"]).await;
            let mut cancel = Message::cancel(BROKER);
            if let Some(id) = id {
                cancel = cancel.with_conversation_id(id);
            }
            ctx.send(cancel).await.unwrap();
            journal.next(&["the broker is told to stop", "takes-long is told to stop"]).await;
            assert_eq!(said(&next(&all).await), "inform ");
        }
    }

    async fn a_foreign_initiator_is_told_what_is_wrong(platform: &Platform) {
        agents(platform).await;
        let ctx = hands(platform, "master@localhost").await;
        let ask = async |message: Message| said(&ctx.request(message, "5s").await.unwrap());
        let give = |body: Value| Message::proxy(BROKER).with_protocol("fipa-brokering").text(body.to_string());
        let enclosed = |enclosed: Value| give(json!({ "description": "works", "enclosed": enclosed }));
        let empty = Message::proxy(BROKER).with_protocol("fipa-brokering");
        assert_eq!(
            ask(empty).await,
            "not-understood the message has no body, expected JSON with `description` and `enclosed`"
        );
        let none = ask(give(json!({ "description": "works" }))).await;
        assert!(none.contains("missing field `enclosed`"), "{none}");
        let unknown = ask(enclosed(json!({ "performative": "ask" }))).await;
        assert!(unknown.contains("unknown performative `ask`"), "{unknown}");
        let passes = "refuse a broker passes on `request`, `request-when`, `query-if` and `query-ref`, each by its own \
             protocol, and `inform`; not";
        let cfp = ask(enclosed(json!({ "performative": "cfp" }))).await;
        assert_eq!(cfp, format!("{passes} `cfp`"));
        let own = ask(enclosed(json!({ "performative": "request", "protocol": "mine" }))).await;
        assert_eq!(own, format!("{passes} `request` by another protocol than `fipa-request`"));
        let late = enclosed(json!({ "performative": "request" }));
        let late = ask(late.with_reply_by(ctx.now() - Duration::from_secs(60))).await;
        assert!(late.starts_with("refuse too late: "), "{late}");
        // What has no place in it ends it.
        let mailbox = ctx.subscribe(template!(conversation_id = "1"));
        ctx.send(proxy(Some("1"), "fipa-brokering", &for_worker("takes-long"))).await.unwrap();
        assert_eq!(said(&next(&mailbox).await), "agree ");
        ctx.send(Message::query_ref(BROKER).with_conversation_id("1")).await.unwrap();
        let answer = said(&next(&mailbox).await);
        assert!(answer.starts_with("not-understood there was no place for this"), "{answer}");
    }

    async fn a_foreign_broker(platform: &Platform) {
        let broker = hands(platform, BROKER).await;
        let worker = hands(platform, "works@localhost").await;
        let stranger = hands(platform, "stranger@localhost").await;
        let scolding = stranger.subscribe(template!(performative = "not-understood"));
        let proxies = broker.subscribe(template!(performative = "proxy"));
        let ctx = hands(platform, "master@localhost").await;
        let recruit = || ctx.recruit(BROKER, json!({ "can": "work" }), order("a bed")).done_within("3s");

        let by_hand = async {
            let proxy = next(&proxies).await;
            assert_eq!(proxy.protocol(), Some("fipa-recruiting"));
            assert!(proxy.reply_by().is_some_and(|time| time > broker.now()));
            assert_eq!(
                proxy.content::<Value>().unwrap(),
                json!({
                    "description": { "can": "work" },
                    "enclosed": { "performative": "request", "ontology": "work", "content": "a bed" },
                })
            );
            // The answer comes before the broker says who has the message, and so does one of somebody else.
            let answer = |act| proxy.reply(act);
            worker.send(answer(Performative::Agree)).await.unwrap();
            worker.send(answer(Performative::Inform).text("done")).await.unwrap();
            stranger.send(answer(Performative::Request)).await.unwrap();
            broker.send(answer(Performative::Agree)).await.unwrap();
            let report = json!({ "passed_on": ["works@localhost"] });
            broker.send(answer(Performative::Inform).text(report.to_string())).await.unwrap();
        };
        let (outcome, ()) = tokio::join!(async { recruit().await.unwrap() }, by_hand);
        let outcome = answers(outcome);
        // Through a server the order may be another one, with the same outcome.
        assert_eq!(said(&outcome.done()[0]), "inform done");
        assert!(outcome.late().is_empty() && outcome.broken().is_empty());
        next(&scolding).await;

        // Words that have no place, and a report that is none.
        for (act, body) in [(Performative::Propose, ""), (Performative::Inform, "yes")] {
            let by_hand = async {
                let proxy = next(&proxies).await;
                broker.send(proxy.reply(act).text(body)).await.unwrap();
            };
            let (outcome, ()) = tokio::join!(async { recruit().await.unwrap() }, by_hand);
            assert!(matches!(outcome, Brokered::Broken(_)), "{outcome:?}");
            let by_hand = async {
                let proxy = next(&proxies).await;
                assert_eq!(proxy.protocol(), Some("fipa-brokering"));
                broker.send(proxy.reply(act).text(body)).await.unwrap();
            };
            let brokered = async { ctx.broker(BROKER, "works", order("a bed")).await.unwrap() };
            let (outcome, ()) = tokio::join!(brokered, by_hand);
            assert!(matches!(outcome, Brokered::Broken(_)), "{outcome:?}");
        }

        // It agrees, and is not heard of again.
        let cancels = broker.subscribe(template!(performative = "cancel"));
        let by_hand = async {
            let proxy = next(&proxies).await;
            broker.send(proxy.reply(Performative::Agree)).await.unwrap();
            assert_eq!(next(&cancels).await.conversation_id(), proxy.conversation_id());
        };
        let (outcome, ()) = tokio::join!(async { recruit().await.unwrap() }, by_hand);
        assert_eq!(summary(&outcome), "late, agreed: true");
    }
}
