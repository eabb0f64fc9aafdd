//! Mailboxes that are full, messages that cannot be delivered, messages to many.

use std::time::Duration;

use peak::prelude::*;
use peak::{SendError, Subscription};
use tokio::time::Instant;

use crate::{Journal, drive};

/// Takes a second for each message.
#[agent]
struct Sluggish {
    journal: Journal,
}

#[agent]
impl Sluggish {
    #[on_message]
    async fn take(&mut self, ctx: &Context<Self>, Text(body): Text) -> peak::Result<()> {
        ctx.sleep("1s").await?;
        self.journal.note(body);
        Ok(())
    }
}

async fn sluggish(platform: &Platform) -> Journal {
    let journal = Journal::default();
    let sluggish = Sluggish {
        journal: journal.clone(),
    };
    platform
        .spawn("sluggish@localhost", sluggish)
        .await
        .expect("it starts");
    journal
}

fn message(number: usize) -> Message {
    Message::inform("sluggish@localhost").text(number.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_sender_waits_for_room_and_the_order_is_kept() {
    let platform = Platform::builder()
        .mailbox(2)
        .send_timeout(Duration::from_secs(60))
        .build();
    let journal = sluggish(&platform).await;
    let took = drive(&platform, |ctx| async move {
        let begun = Instant::now();
        for number in 0..10 {
            ctx.send(message(number))
                .await
                .expect("there is room in the end");
        }
        begun.elapsed()
    })
    .await;
    assert!(took >= Duration::from_secs(5), "it waited: {took:?}");
    tokio::time::sleep(Duration::from_secs(20)).await;
    let expected: Vec<String> = (0..10).map(|number| number.to_string()).collect();
    assert_eq!(journal.read(), expected);
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_that_stays_full_gives_the_message_back() {
    let platform = Platform::builder()
        .mailbox(1)
        .send_timeout(Duration::from_millis(300))
        .build();
    sluggish(&platform).await;
    let error = drive(&platform, |ctx| async move {
        for number in 0.. {
            if let Err(error) = ctx.send(message(number)).await {
                return error;
            }
        }
        unreachable!("a mailbox is bounded")
    })
    .await;
    assert_eq!(
        error.to_string(),
        "the mailbox of `sluggish@localhost/main` stayed full for 300ms"
    );
    let message = error
        .downcast::<SendError>()
        .expect("it is one")
        .into_message();
    assert_eq!(message.to().unwrap().as_str(), "sluggish@localhost");
    assert!(message.body().is_some());
}

#[tokio::test(start_paused = true)]
async fn a_sender_who_waits_learns_that_the_receiver_has_ended() {
    let platform = Platform::builder()
        .mailbox(1)
        .send_timeout(Duration::from_secs(600))
        .stop_timeout(Duration::from_millis(10))
        .build();
    let agent = Sluggish {
        journal: Journal::default(),
    };
    let agent = platform
        .spawn("sluggish@localhost", agent)
        .await
        .expect("it starts");
    let error = drive(&platform, move |ctx| async move {
        let filling = async {
            for number in 0.. {
                if let Err(error) = ctx.send(message(number)).await {
                    return error;
                }
            }
            unreachable!("it ends")
        };
        let stopping = async {
            tokio::time::sleep(Duration::from_millis(100)).await;
            agent.stop();
        };
        let (error, ()) = tokio::join!(filling, stopping);
        error
    })
    .await;
    let kind = error.downcast_ref::<SendError>();
    assert!(
        matches!(kind, Some(SendError::NoSuchAgent { .. })),
        "{error}"
    );
}

/// Notes the order in which messages come.
#[agent]
struct Member {
    journal: Journal,
}

#[agent]
impl Member {
    #[on_message(performative = "inform")]
    async fn note(&mut self, ctx: &Context<Self>, Sender(from): Sender, Text(body): Text) {
        let me = ctx.jid().local().unwrap_or_default();
        self.journal.note(format!("{me} {} {body}", from.domain()));
    }
}

#[tokio::test(start_paused = true)]
async fn one_message_to_many() {
    let platform = Platform::new();
    let journal = Journal::default();
    for name in ["ann", "bea", "cid"] {
        let member = Member {
            journal: journal.clone(),
        };
        platform
            .spawn(format!("{name}@localhost"), member)
            .await
            .expect("it starts");
    }
    let errors = drive(&platform, |ctx| async move {
        let hello = Message::draft(Performative::Inform).text("hello");
        let all = [
            "ann@localhost",
            "bob@localhost",
            "bea@localhost",
            "cid@",
            "cid@localhost",
        ];
        ctx.send_all(&all, hello)
            .await
            .expect_err("two of them are wrong")
    })
    .await;
    assert!(
        errors
            .to_string()
            .starts_with("2 of 5 messages were not sent; the first: ")
    );
    let errors = errors.downcast::<peak::SendAllError>().expect("it is one");
    let errors: Vec<String> = errors.errors().iter().map(ToString::to_string).collect();
    assert_eq!(errors.len(), 2, "{errors:?}");
    assert!(errors[0].contains("bob@localhost"), "{errors:?}");
    assert!(errors[1].contains("`cid@` is not a JID"), "{errors:?}");
    platform.stop().await;
    let mut seen = journal.read();
    seen.sort();
    assert_eq!(
        seen,
        [
            "ann localhost hello",
            "bea localhost hello",
            "cid localhost hello"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_mailbox_of_a_behaviour_is_bounded_too() {
    let platform = Platform::builder()
        .mailbox(3)
        .send_timeout(Duration::from_millis(50))
        .build();
    let accepted = drive(&platform, |ctx| async move {
        let mailbox: Subscription = ctx.subscribe(template!(performative = "propose"));
        let mut accepted = 0;
        while ctx.send(Message::propose(ctx.jid())).await.is_ok() {
            accepted += 1;
        }
        drop(mailbox);
        accepted
    })
    .await;
    assert_eq!(accepted, 3);
}
