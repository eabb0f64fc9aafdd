//! Brokering and Recruiting: brokers, initiators and those to whom a message is passed on, of every kind.

mod broker;
mod by_hand;
mod recruiter;

use std::time::Duration;

use peak::Text;
use peak::prelude::*;
use peak::protocol::brokering::{self, Answers, Brokered, Proxy};
use peak::protocol::{Asked, Cancelled, request};

use crate::{Driver, Journal};

/// Finds the agents whose names the description lists.
#[agent]
struct Broker {
    journal: Journal,
}

#[agent(plays(brokering))]
impl Broker {}

impl brokering::Participant for Broker {
    type Description = String;

    const ANSWER: Duration = Duration::from_secs(1);
    const RESULT: Duration = Duration::from_secs(2);

    async fn find(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Proxy<String>>,
    ) -> Result<Vec<Jid>, Refuse> {
        match asked.description.as_str() {
            "nobody" => Ok(Vec::new()),
            "secret" => Err(Refuse::new("that is nobody's business")),
            "slow" => {
                ctx.sleep("1500ms").await?;
                Ok(Vec::new())
            }
            names => {
                let jids = names.split(", ").map(|name| format!("{name}@localhost"));
                Ok(jids.map(|jid| jid.parse()).collect::<Result<_, _>>()?)
            }
        }
    }

    async fn cancelled(
        &mut self,
        _: &Context<Self>,
        asked: &Asked<Proxy<String>>,
    ) -> Result<(), Failure> {
        self.journal.note("the broker is told to stop");
        match asked.enclosed.content.as_deref() {
            Some("stay") => Err(Failure::new("it stays so")),
            _ => Ok(()),
        }
    }
}

/// Does what is requested in its manner, and notes what it is told.
#[agent]
struct Worker {
    manner: &'static str,
    journal: Journal,
}

#[agent(plays(request))]
impl Worker {
    #[on_message(performative = "inform")]
    async fn told(&mut self, Text(news): Text) {
        self.journal.note(format!("{} hears {news}", self.manner));
    }

    #[on_message(performative = "query-ref", protocol = "fipa-query")]
    async fn queried(&mut self) -> Inform<&'static str> {
        Inform(self.manner)
    }
}

impl request::Participant for Worker {
    type Task = Text;
    type Outcome = String;

    async fn requested(&mut self, _: &Context<Self>, asked: &Asked<Text>) -> Result<(), Refuse> {
        assert_eq!(asked.message().ontology(), Some("work"));
        match self.manner {
            "refuses" => Err(Refuse::new("no time")),
            _ => Ok(()),
        }
    }

    async fn perform(ctx: Context<Self>, asked: Asked<Text>) -> Result<String, Failure> {
        let (manner, journal) = ctx.with(|me| (me.manner, me.journal.clone())).await;
        match manner {
            "fails" => Err(Failure::new("it broke")),
            "takes-long" | "never-ends" => {
                journal.note(format!("{manner} begins"));
                ctx.sleep("1h").await?;
                Ok("at last".to_owned())
            }
            _ => Ok(format!("{} by {manner}", asked.0)),
        }
    }

    async fn cancelled(&mut self, _: &Context<Self>, _: &Asked<Text>) -> Result<(), Failure> {
        self.journal
            .note(format!("{} is told to stop", self.manner));
        match self.manner {
            "never-ends" => Err(Failure::new("it cannot")),
            _ => Ok(()),
        }
    }
}

/// Agrees, and then says what has no place there.
#[agent]
struct Rude {
    journal: Journal,
}

#[agent]
impl Rude {
    #[on_message(performative = "request")]
    async fn serve(&mut self, ctx: &Context<Self>, order: Message) -> peak::Result<()> {
        ctx.reply(&order, Agree).await?;
        ctx.reply(&order, Propose("something else")).await
    }

    #[on_message(performative = "not-understood")]
    async fn scolded(&mut self) {
        self.journal.note("it is scolded");
    }
}

const BROKER: &str = "broker@localhost";

/// A broker, and workers of every manner.
async fn agents(platform: &Platform) -> Journal {
    let journal = Journal::default();
    let own = || journal.clone();
    platform
        .spawn(BROKER, Broker { journal: own() })
        .await
        .expect("it starts");
    for manner in [
        "works",
        "helps",
        "refuses",
        "fails",
        "takes-long",
        "never-ends",
    ] {
        let worker = Worker {
            manner,
            journal: own(),
        };
        let jid = format!("{manner}@localhost");
        platform.spawn(jid, worker).await.expect("it starts");
    }
    platform
        .spawn("rude@localhost", Rude { journal: own() })
        .await
        .expect("it starts");
    // It has no handler for a request.
    platform
        .spawn("deaf@localhost", Driver)
        .await
        .expect("it starts");
    journal
}

fn order(text: &str) -> Message {
    Message::draft(Performative::Request)
        .with_ontology("work")
        .text(text)
}

/// What an answer is, and says.
fn said(message: &Message) -> String {
    let act = message.performative().expect("it has one");
    format!("{act} {}", message.body().unwrap_or_default())
}

/// The names of those who have sent these, in order.
fn senders(messages: &[Message]) -> Vec<&str> {
    let senders = messages
        .iter()
        .map(|message| message.sender().expect("it has one"));
    locals(senders)
}

fn locals<'a>(jids: impl IntoIterator<Item = &'a Jid>) -> Vec<&'a str> {
    let mut names: Vec<&str> = jids.into_iter().filter_map(Jid::local).collect();
    names.sort_unstable();
    names
}

/// An outcome without answers in one line.
fn summary(outcome: &Brokered) -> String {
    match outcome {
        Brokered::Done(_) => "done".to_owned(),
        Brokered::NoMatch(message) => format!("nobody: {}", said(message)),
        Brokered::Refused(message)
        | Brokered::Failed(message)
        | Brokered::NotUnderstood(message)
        | Brokered::Broken(message) => said(message),
        Brokered::Late { agreed } => format!("late, agreed: {}", agreed.is_some()),
        Brokered::Cancelled(Cancelled::Done(message) | Cancelled::Failed(message)) => {
            format!("cancelled: {}", said(message))
        }
        Brokered::Unreachable(unreachable) => format!("unreachable: {}", unreachable.jid),
        other => format!("{other:?}"),
    }
}

fn answers(outcome: Brokered) -> Answers {
    match outcome {
        Brokered::Done(answers) => answers,
        other => panic!("{}", summary(&other)),
    }
}
