//! Handlers: which one gets a message, what it takes from it, what its answer is.

use peak::prelude::*;
use peak::{Performative as Act, Rejection};
use serde::{Deserialize, Serialize};

use crate::{Journal, drive};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Order {
    item: String,
    count: u32,
}

/// Every shape of handler, and a note of which one ran.
#[agent]
struct Shop {
    journal: Journal,
    stock: u32,
}

#[agent]
impl Shop {
    #[on_message(performative = "request", observe)]
    async fn watch(&self, message: &Message) {
        self.journal
            .note(format!("watch {}", message.body().unwrap_or("-")));
    }

    #[on_message(performative = "request", ontology = "orders")]
    async fn sell(&mut self, Json(order): Json<Order>) -> Result<Inform<Json<u32>>, Refuse> {
        if order.count > self.stock {
            return Err(Refuse::new("sold out"));
        }
        self.stock -= order.count;
        Ok(Inform(Json(self.stock)))
    }

    #[on_message(performative = "request", ontology = "faults")]
    async fn fail(&mut self) -> peak::Result<()> {
        Err(std::io::Error::other("no oven").into())
    }

    #[on_message(performative = "request", ontology = "panics")]
    async fn burn(&mut self) {
        panic!("it burns");
    }

    #[on_message(performative = "query-ref")]
    async fn stock(ctx: Context<Self>, Sender(asking): Sender) -> Inform<String> {
        let stock = ctx.with(|shop| shop.stock).await;
        Inform(format!("{} for {}", stock, asking.bare()))
    }

    #[on_message(performative = "query-if")]
    async fn maybe(&self, Text(text): Text) -> Option<Confirm> {
        (text == "open").then_some(Confirm(()))
    }

    #[on_message(performative = "subscribe")]
    async fn whole(&self, message: Message) -> Message {
        message.reply(Act::Agree).with_metadata("seen", "yes")
    }

    #[on_message(performative = "inform")]
    async fn learn(
        &mut self,
        thread: Option<Thread>,
        metadata: Metadata,
        order: Result<Json<Order>, Rejection>,
    ) {
        let order = match order {
            Ok(Json(order)) => order.item,
            Err(rejection) => rejection.to_string(),
        };
        let thread = thread.map_or_else(|| "-".to_owned(), |thread| thread.0);
        self.journal
            .note(format!("learn {thread} {:?} {order}", metadata.0));
    }

    #[on_message(performative = "confirm")]
    async fn once(&mut self) -> Flow {
        self.journal.note("once");
        Flow::Stop
    }

    #[on_message(performative = "confirm")]
    #[cfg(any())]
    async fn never_compiled(&mut self) {
        self.journal.note("never");
    }
}

async fn shop(platform: &Platform) -> Journal {
    let journal = Journal::default();
    let shop = Shop {
        journal: journal.clone(),
        stock: 5,
    };
    platform
        .spawn("shop@localhost", shop)
        .await
        .expect("it opens");
    journal
}

/// Asks the shop and tells the answer as `performative: body`.
async fn ask(platform: &Platform, message: Message) -> String {
    drive(platform, |ctx| async move {
        match ctx.request(message, "5s").await {
            Ok(answer) => format!(
                "{}: {}",
                answer.performative().expect("answers have one"),
                answer.body().unwrap_or("-")
            ),
            Err(error) => format!("error: {error}"),
        }
    })
    .await
}

fn request(ontology: &str) -> Message {
    Message::request("shop@localhost").with_ontology(ontology)
}

#[tokio::test(start_paused = true)]
async fn a_return_value_is_the_answer() {
    let platform = Platform::new();
    let journal = shop(&platform).await;
    let order = |count| {
        request("orders").json(Order {
            item: "bread".into(),
            count,
        })
    };
    assert_eq!(ask(&platform, order(2)).await, "inform: 3");
    assert_eq!(ask(&platform, order(4)).await, "refuse: sold out");
    assert_eq!(
        ask(&platform, Message::query_ref("shop@localhost"))
            .await
            .split(" for ")
            .next(),
        Some("inform: 3")
    );
    assert_eq!(
        journal.read(),
        [
            r#"watch {"item":"bread","count":2}"#,
            r#"watch {"item":"bread","count":4}"#
        ],
        "an observing handler lets the message go on"
    );
}

#[tokio::test(start_paused = true)]
async fn content_that_does_not_parse_is_not_understood() {
    let platform = Platform::new();
    shop(&platform).await;
    assert_eq!(
        ask(&platform, request("orders").text(r#"{"item": 7}"#)).await,
        "not-understood: the body is not Order as JSON: \
         invalid type: integer `7`, expected a string at line 1 column 10"
    );
    assert_eq!(
        ask(&platform, request("orders")).await,
        "not-understood: the message has no body, expected Order as JSON"
    );
}

#[tokio::test(start_paused = true)]
async fn a_negative_answer_is_not_mistaken_for_content() {
    let platform = Platform::new();
    shop(&platform).await;
    let answer = drive(&platform, |ctx| async move {
        ctx.request(request("weather"), "5s")
            .await
            .expect("an answer")
    })
    .await;
    assert_eq!(
        answer.content::<Order>().unwrap_err().to_string(),
        "expected Order as JSON, but the answer is `not-understood`: \
         Shop has no handler for this message"
    );
}

#[tokio::test(start_paused = true)]
async fn what_nobody_handles_is_not_understood_if_an_answer_is_due() {
    let platform = Platform::new();
    shop(&platform).await;
    assert_eq!(
        ask(&platform, request("weather")).await,
        "not-understood: Shop has no handler for this message"
    );
    for silent in [
        Message::refuse("shop@localhost"),
        Message::new("shop@localhost"),
    ] {
        assert_eq!(
            ask(&platform, silent).await,
            "error: `shop@localhost` did not reply within 5s"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_is_answered_and_the_handler_goes_on() {
    let platform = Platform::new();
    shop(&platform).await;
    assert_eq!(ask(&platform, request("faults")).await, "failure: no oven");
    assert_eq!(ask(&platform, request("faults")).await, "failure: no oven");
    platform.stop().await;
    let report = platform.report();
    assert_eq!(report.failure_count, 2);
    assert_eq!(
        report.failures[0].to_string(),
        "shop@localhost/main: fail: no oven"
    );
}

#[tokio::test(start_paused = true)]
async fn a_panic_ends_its_handler_and_nothing_else() {
    let platform = Platform::new();
    shop(&platform).await;
    assert_eq!(
        ask(&platform, request("panics")).await,
        "failure: internal error"
    );
    assert_eq!(
        ask(&platform, request("panics")).await,
        "not-understood: Shop has no handler for this message"
    );
    assert_eq!(ask(&platform, request("faults")).await, "failure: no oven");
    platform.stop().await;
    let failures = platform.report().failures;
    assert_eq!(
        failures[0].to_string(),
        "shop@localhost/main: burn: panicked: it burns"
    );
}

#[tokio::test(start_paused = true)]
async fn an_option_answers_or_keeps_silent() {
    let platform = Platform::new();
    shop(&platform).await;
    let question = |text| Message::query_if("shop@localhost").text(text);
    assert_eq!(ask(&platform, question("open")).await, "confirm: -");
    assert_eq!(
        ask(&platform, question("closed")).await,
        "error: `shop@localhost` did not reply within 5s"
    );
}

#[tokio::test(start_paused = true)]
async fn a_message_of_ones_own_is_sent_as_it_is() {
    let platform = Platform::new();
    shop(&platform).await;
    let answer = drive(&platform, |ctx| async move {
        let message = Message::subscribe("shop@localhost").with_thread("t7");
        ctx.request(message, "5s").await.expect("an answer")
    })
    .await;
    assert_eq!(answer.performative(), Some(Act::Agree));
    assert_eq!(answer.metadata("seen"), Some("yes"));
    assert_eq!(answer.thread(), Some("t7"));
}

#[tokio::test(start_paused = true)]
async fn extractors_take_what_is_there() {
    let platform = Platform::new();
    let journal = shop(&platform).await;
    drive(&platform, |ctx| async move {
        let bare = Message::inform("shop@localhost");
        let full = bare
            .clone()
            .with_thread("t1")
            .with_metadata("k", "v")
            .json(Order {
                item: "bread".into(),
                count: 1,
            });
        ctx.send(bare).await?;
        ctx.send(full).await?;
        peak::Ok(())
    })
    .await
    .expect("sent");
    platform.stop().await;
    assert_eq!(
        journal.read(),
        [
            "learn - {} the message has no body, expected Order as JSON",
            r#"learn t1 {"k": "v"} bread"#,
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_handler_can_end_itself() {
    let platform = Platform::new();
    let journal = shop(&platform).await;
    drive(&platform, |ctx| async move {
        for _ in 0..3 {
            ctx.send(Message::confirm("shop@localhost"))
                .await
                .expect("sent");
        }
    })
    .await;
    tokio::task::yield_now().await;
    platform.stop().await;
    assert_eq!(journal.read(), ["once"]);
}
