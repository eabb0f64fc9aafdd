//! Request as a participant plays it: the trait, against initiators of every kind.

use std::future::IntoFuture as _;
use std::time::Duration;

use peak::Text;
use peak::prelude::*;
use peak::protocol::{Achieved, Asked, Cancelled, request};

use crate::{Journal, drive, hands, on_both_networks};

/// Does as the task says.
#[agent]
struct Servant {
    journal: Journal,
}

#[agent(plays(request(not(ontology = "stamps"))))]
impl Servant {
    #[on_message(performative = "request")]
    async fn other(&mut self) -> Refuse {
        Refuse::new("not in this way")
    }

    #[on_message(performative = "inform")]
    async fn hears(&mut self, Text(text): Text) {
        self.journal.note(format!("hears {text}"));
    }
}

impl request::Participant for Servant {
    type Task = Text;
    type Outcome = String;

    async fn requested(&mut self, ctx: &Context<Self>, asked: &Asked<Text>) -> Result<(), Refuse> {
        match asked.0.as_str() {
            "refuse" => Err(Refuse::new("no")),
            "break" => {
                "no number".parse::<u32>()?;
                Ok(())
            }
            "panic" => panic!("as it was told"),
            "be slow" => {
                ctx.sleep("1500ms").await?;
                Ok(())
            }
            _ => Ok(()),
        }
    }

    async fn perform(ctx: Context<Self>, asked: Asked<Text>) -> Result<String, Failure> {
        let task = asked.0.as_str();
        ctx.with({
            let begins = format!("begins {task}");
            move |me| me.journal.note(begins)
        })
        .await;
        match task {
            "fail" => Err(Failure::new("cannot")),
            "panic later" => panic!("as it was told"),
            "take long" | "never end" => {
                ctx.sleep("1h").await?;
                Ok("at last".to_owned())
            }
            _ => Ok(format!("{task} is done for {}", asked.initiator().bare())),
        }
    }

    async fn cancelled(&mut self, _: &Context<Self>, asked: &Asked<Text>) -> Result<(), Failure> {
        match asked.0.as_str() {
            "never end" => Err(Failure::new("too late for that")),
            task => {
                self.journal.note(format!("{task} is cancelled"));
                Ok(())
            }
        }
    }
}

const SERVANT: &str = "servant@localhost";

async fn servant(platform: &Platform) -> Journal {
    let journal = Journal::default();
    let servant = Servant {
        journal: journal.clone(),
    };
    platform.spawn(SERVANT, servant).await.expect("it starts");
    journal
}

fn request(id: &str, task: &str) -> Message {
    Message::request(SERVANT)
        .with_protocol("fipa-request")
        .with_conversation_id(id)
        .text(task)
}

/// What an answer is, and says.
fn said(message: &Message) -> String {
    let act = message.performative().expect("it has one");
    format!("{act} {}", message.body().unwrap_or_default())
}

/// The next messages of a conversation.
async fn next(mailbox: &peak::Subscription) -> Message {
    let next = mailbox.receive("10s").await.expect("the agent lives");
    next.expect("it comes in time")
}

on_both_networks! {
    async fn every_path_of_a_participant(platform: &Platform) {
        let journal = servant(platform).await;
        drive(platform, async |ctx| {
            let ask = async |task: &str| {
                let request = Message::request(SERVANT).text(task);
                let outcome = ctx.achieve(request).answer_within("1s").done_within("5s").await;
                match outcome.unwrap() {
                    Achieved::Done(message)
                    | Achieved::Refused(message)
                    | Achieved::Failed(message) => said(&message),
                    Achieved::Late { agreed } => format!("late, agreed: {}", agreed.is_some()),
                    other => format!("{other:?}"),
                }
            };
            let done = format!("inform a bed is done for {}", ctx.jid().bare());
            assert_eq!(ask("a bed").await, done);
            assert_eq!(ask("refuse").await, "refuse no");
            assert_eq!(ask("break").await, "refuse invalid digit found in string");
            assert_eq!(ask("fail").await, "failure cannot");
            assert_eq!(ask("panic later").await, "failure it was ended before it was done");
            assert_eq!(ask("panic").await, "failure internal error");
            // The role goes on.
            assert_eq!(ask("a bed").await, done);
            // By the time it is ready nobody waits for it: it does not begin.
            assert_eq!(ask("be slow").await, "late, agreed: false");
        })
        .await;
        let before = journal.up_to("be slow is cancelled").await;
        assert_eq!(before, ["begins a bed", "begins fail", "begins panic later", "begins a bed"]);
    }

    async fn the_initiator_cancels(platform: &Platform) {
        let journal = servant(platform).await;
        let begun = journal.clone();
        drive(platform, async move |ctx| {
            let cancel_when_begun = async |task: &str| {
                let begins = async || begun.next(&[&format!("begins {task}")]).await;
                let request = Message::request(SERVANT).text(task);
                match ctx.achieve(request).answer_within("5s").cancel_on(begins()).await.unwrap() {
                    Achieved::Cancelled(Cancelled::Done(message) | Cancelled::Failed(message)) => said(&message),
                    other => format!("{other:?}"),
                }
            };
            assert_eq!(cancel_when_begun("take long").await, "inform ");
            begun.next(&["take long is cancelled"]).await;
            assert_eq!(cancel_when_begun("never end").await, "failure too late for that");
            // Dropped where it is awaited.
            let request = Message::request(SERVANT).text("take long");
            let begins = begun.next(&["begins take long"]);
            tokio::select! {
                outcome = ctx.achieve(request) => panic!("{outcome:?}"),
                () = begins => {}
            }
        })
        .await;
        journal.next(&["take long is cancelled"]).await;
    }

    async fn what_takes_too_long_is_cancelled(platform: &Platform) {
        let journal = servant(platform).await;
        drive(platform, async |ctx| {
            let request = Message::request(SERVANT).text("take long");
            let late = ctx.achieve(request).done_within("1s").await.unwrap();
            assert!(matches!(late, Achieved::Late { agreed: Some(_) }), "{late:?}");
        })
        .await;
        journal.next(&["begins take long", "take long is cancelled"]).await;
    }

    async fn foreign_initiators_are_told_what_is_wrong(platform: &Platform) {
        let journal = servant(platform).await;
        let ctx = hands(platform, "master@localhost").await;
        let ask = async |message: Message| said(&ctx.request(message, "5s").await.unwrap());
        // No content.
        let empty = Message::request(SERVANT).with_protocol("fipa-request");
        assert_eq!(ask(empty).await, "not-understood the message has no body, expected text");
        // Too late when it comes.
        let late = request("late", "a bed").with_reply_by(ctx.now() - Duration::from_secs(60));
        let answer = ask(late).await;
        assert!(answer.starts_with("refuse too late: an answer was wanted by 20"), "{answer}");
        // Others of the kind, and what names no protocol, go to the handlers.
        let stamps = request("stamps", "a stamp").with_ontology("stamps");
        assert_eq!(ask(stamps).await, "refuse not in this way");
        let plain = Message::request(SERVANT).text("a bed");
        assert_eq!(ask(plain).await, "refuse not in this way");
        // What has no place ends it, and what is done in it.
        let mailbox = ctx.subscribe(template!(conversation_id = "1"));
        ctx.send(request("1", "take long")).await.unwrap();
        assert_eq!(said(&next(&mailbox).await), "agree ");
        journal.next(&["begins take long"]).await;
        ctx.send(request("1", "again")).await.unwrap();
        let reason = "there was no place for this where the conversation stood, and it has ended";
        assert_eq!(said(&next(&mailbox).await), format!("not-understood {reason}"));
        let cancel = Message::cancel(SERVANT).with_conversation_id("1");
        assert_eq!(ask(cancel).await, "not-understood Servant has no handler for this message");
        // Nobody else has a say in it.
        let other = hands(platform, "other@localhost").await;
        assert_eq!(ask(request("2", "never end")).await, "agree ");
        let foreign = Message::cancel(SERVANT).with_conversation_id("2");
        let answer = other.request(foreign, "5s").await.unwrap();
        assert_eq!(said(&answer), "not-understood Servant has no handler for this message");
        let stolen = other.request(request("2", "a bed"), "5s").await.unwrap();
        assert_eq!(said(&stolen), "refuse there is no room for this conversation");
        journal.next(&["begins never end", "a bed is cancelled"]).await;
        // It goes on all the while. Whoever does not understand the `agree` ends it.
        let cancel = || Message::cancel(SERVANT).with_conversation_id("2");
        assert_eq!(ask(cancel()).await, "failure too late for that");
        ctx.send(Message::not_understood(SERVANT).with_conversation_id("2")).await.unwrap();
        assert_eq!(ask(cancel()).await, "not-understood Servant has no handler for this message");
    }

    async fn a_conversation_without_a_name(platform: &Platform) {
        let journal = servant(platform).await;
        let ctx = hands(platform, "master@localhost").await;
        let mailbox = ctx.subscribe(template!(sender = "servant@localhost"));
        let bare = |task: &str| Message::request(SERVANT).with_protocol("fipa-request").text(task);
        ctx.send(bare("a bed")).await.unwrap();
        assert_eq!(said(&next(&mailbox).await), "agree ");
        assert_eq!(said(&next(&mailbox).await), "inform a bed is done for master@localhost");
        ctx.send(bare("take long")).await.unwrap();
        assert_eq!(said(&next(&mailbox).await), "agree ");
        journal.next(&["begins a bed", "begins take long"]).await;
        // Others that name none are not of it, and do not end it.
        ctx.send(Message::inform(SERVANT).text("the news")).await.unwrap();
        journal.next(&["hears the news"]).await;
        ctx.send(bare("a bed")).await.unwrap();
        assert_eq!(
            said(&next(&mailbox).await),
            "refuse what was asked before is not done, and neither names a conversation; give each a conversation-id"
        );
        ctx.send(Message::cancel(SERVANT)).await.unwrap();
        assert_eq!(said(&next(&mailbox).await), "inform ");
        journal.next(&["take long is cancelled"]).await;
        ctx.send(bare("a bed")).await.unwrap();
        assert_eq!(said(&next(&mailbox).await), "agree ");
    }

    async fn whoever_stops_tells_what_it_leaves(platform: &Platform) {
        let journal = Journal::default();
        let servant = Servant { journal: journal.clone() };
        let servant = platform.spawn(SERVANT, servant).await.unwrap();
        let stopped = journal.clone();
        let outcome = drive(platform, async move |ctx| {
            let asked = ctx.achieve(Message::request(SERVANT).text("take long"));
            let stop = async {
                stopped.next(&["begins take long"]).await;
                servant.stop();
            };
            let (outcome, ()) = tokio::join!(asked.into_future(), stop);
            outcome.unwrap()
        })
        .await;
        let Achieved::Failed(message) = outcome else {
            panic!("{outcome:?}");
        };
        assert_eq!(said(&message), "failure it was ended before it was done");
    }
}
