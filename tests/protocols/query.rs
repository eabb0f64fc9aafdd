//! Query as a participant plays it.

use peak::Text;
use peak::prelude::*;
use peak::protocol::query::{self, Query};
use peak::protocol::{Achieved, Cancelled};
use serde_json::{Value, json};

use crate::{Journal, drive, hands, on_both_networks};

/// Knows the weather.
#[agent]
struct Oracle {
    journal: Journal,
}

#[agent(plays(query))]
impl Oracle {}

impl query::Participant for Oracle {
    type Question = Text;
    type Answer = Json<Value>;

    async fn queried(&mut self, _: &Context<Self>, query: &Query<Text>) -> Result<(), Refuse> {
        match query.0.as_str() {
            "fate" => Err(Refuse::new("it is not to be known")),
            _ => Ok(()),
        }
    }

    async fn answer(ctx: Context<Self>, query: Query<Text>) -> Result<Json<Value>, Failure> {
        match (query.asks_whether(), query.0.as_str()) {
            (true, "rain") => Ok(Json(json!(true))),
            (false, "rain") => Ok(Json(json!({ "millimetres": 3 }))),
            (_, "tomorrow") => {
                ctx.with(|me| me.journal.note("it ponders")).await;
                ctx.sleep("1day").await?;
                Ok(Json(json!(null)))
            }
            _ => Err(Failure::new("the stars do not say")),
        }
    }

    async fn cancelled(&mut self, _: &Context<Self>, query: &Query<Text>) -> Result<(), Failure> {
        match query.asks_whether() {
            true => Err(Failure::new("it has to be known")),
            false => {
                self.journal.note(format!("never mind {}", query.0));
                Ok(())
            }
        }
    }
}

const ORACLE: &str = "oracle@localhost";

on_both_networks! {
    async fn whether_and_what(platform: &Platform) {
        let journal = Journal::default();
        let oracle = Oracle { journal: journal.clone() };
        platform.spawn(ORACLE, oracle).await.unwrap();
        drive(platform, async move |ctx| {
            let ask = async |question: Message| {
                let pondering = journal.next(&["it ponders"]);
                match ctx.achieve(question).answer_within("5s").cancel_on(pondering).await.unwrap() {
                    Achieved::Done(message) => message.body().unwrap().to_owned(),
                    Achieved::Refused(message) => format!("refused: {}", message.body().unwrap()),
                    Achieved::Failed(message) => format!("failed: {}", message.body().unwrap()),
                    Achieved::NotUnderstood(_) => "not understood".to_owned(),
                    Achieved::Cancelled(Cancelled::Done(_)) => "cancelled".to_owned(),
                    Achieved::Cancelled(Cancelled::Failed(message)) => {
                        format!("goes on: {}", message.body().unwrap())
                    }
                    other => format!("{other:?}"),
                }
            };
            let whether = |text: &str| Message::query_if(ORACLE).text(text);
            let what = |text: &str| Message::query_ref(ORACLE).text(text);
            assert_eq!(ask(whether("rain")).await, "true");
            assert_eq!(ask(what("rain")).await, r#"{"millimetres":3}"#);
            assert_eq!(ask(what("fate")).await, "refused: it is not to be known");
            assert_eq!(ask(what("love")).await, "failed: the stars do not say");
            assert_eq!(ask(Message::query_ref(ORACLE)).await, "not understood");
            assert_eq!(ask(what("tomorrow")).await, "cancelled");
            journal.next(&["never mind tomorrow"]).await;
            assert_eq!(ask(whether("tomorrow")).await, "goes on: it has to be known");
        })
        .await;
    }

    async fn by_hand(platform: &Platform) {
        platform.spawn(ORACLE, Oracle { journal: Journal::default() }).await.unwrap();
        let ctx = hands(platform, "king@localhost").await;
        let mailbox = ctx.subscribe(template!(sender = "oracle@localhost"));
        let question = Message::query_if(ORACLE).with_protocol("fipa-query").with_reply_with("q");
        ctx.send(question.text("rain")).await.unwrap();
        for (act, body) in [(Performative::Agree, None), (Performative::Inform, Some("true"))] {
            let answer = mailbox.receive("5s").await.unwrap().unwrap();
            assert_eq!((answer.performative(), answer.body()), (Some(act), body));
            assert_eq!((answer.protocol(), answer.in_reply_to()), (Some("fipa-query"), Some("q")));
        }
    }
}
