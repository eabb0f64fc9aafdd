//! Content given as a value, between agents of one process.

use peak::prelude::*;
use serde::{Deserialize, Serialize, Serializer};

use crate::{Journal, drive};

/// Cannot be encoded: whoever receives it shows that nobody tried.
#[derive(Debug, Clone, PartialEq, Deserialize)]
struct Plan {
    steps: Vec<String>,
}

impl Serialize for Plan {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("somebody encoded it"))
    }
}

#[agent]
struct Planner {
    journal: Journal,
}

#[agent]
impl Planner {
    #[on_message(performative = "request", ontology = "value")]
    async fn take(&mut self, Json(mut plan): Json<Plan>) -> Inform<Json<Plan>> {
        self.journal.note(plan.steps.join(" "));
        plan.steps.push("rest".into());
        Inform(Json(plan))
    }

    #[on_message(performative = "request", ontology = "text")]
    async fn read(&mut self, Text(body): Text) -> Inform<String> {
        Inform(body)
    }
}

#[tokio::test(start_paused = true)]
async fn a_value_is_handed_over_and_never_encoded() {
    let platform = Platform::new();
    let journal = Journal::default();
    let planner = Planner {
        journal: journal.clone(),
    };
    platform
        .spawn("planner@localhost", planner)
        .await
        .expect("it starts");
    drive(&platform, |ctx| async move {
        let plan = Plan {
            steps: vec!["think".into(), "act".into()],
        };
        let request = Message::request("planner@localhost");
        let answer = ctx
            .request(
                request.clone().with_ontology("value").json(plan.clone()),
                "1s",
            )
            .await
            .expect("an answer");
        let changed: Plan = answer.content().expect("the same type");
        assert_eq!(changed.steps, ["think", "act", "rest"]);

        // As text it must be encoded, which fails: the receiver says so.
        let answer = ctx
            .request(request.clone().with_ontology("text").json(plan), "1s")
            .await
            .expect("an answer");
        assert_eq!(answer.performative(), Some(Performative::NotUnderstood));
        assert_eq!(
            answer.body(),
            Some("the content cannot be written as JSON: somebody encoded it")
        );

        // Another type of the same shape goes through JSON.
        let answer = ctx
            .request(request.with_ontology("text").json([1, 2, 3]), "1s")
            .await
            .expect("an answer");
        assert_eq!(answer.content::<Vec<u8>>().expect("numbers"), [1, 2, 3]);
    })
    .await;
    assert_eq!(journal.read(), ["think act"]);
}
