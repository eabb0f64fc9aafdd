//! Recruiting: the broker passes the message on, and those who have it answer themselves.

use std::future::IntoFuture as _;

use super::*;
use crate::{drive, hands, on_both_networks};

on_both_networks! {
    async fn they_answer_the_initiator(platform: &Platform) {
        let journal = agents(platform).await;
        drive(platform, async |ctx| {
            let all = "works, helps, refuses, fails, takes-long, rude, deaf, works, broker";
            let recruited = ctx.recruit(BROKER, all, order("a bed")).done_within("2s");
            let answers = answers(recruited.await.unwrap());
            assert_eq!(senders(answers.done()), ["helps", "works"]);
            let own = answers.done().iter().find(|told| told.sender().unwrap().local() == Some("works"));
            assert_eq!(own.unwrap().body(), Some("a bed by works"));
            assert_eq!(own.unwrap().protocol(), Some("fipa-request"));
            assert_eq!(senders(answers.refused()), ["refuses"]);
            assert_eq!(senders(answers.failed()), ["fails"]);
            assert_eq!(senders(answers.not_understood()), ["deaf"]);
            assert_eq!(senders(answers.broken()), ["rude"]);
            assert_eq!(locals(answers.late()), ["takes-long"]);
            assert_eq!(locals(answers.unreachable().iter().map(|one| &one.jid)), ["broker"]);
            assert_eq!(answers.passed_on().len(), 7);
        })
        .await;
        // Whoever is late is told that nobody waits any more.
        journal
            .next_in_any_order(&[
                "takes-long begins",
                "it is scolded",
                "the broker is told to stop",
                "takes-long is told to stop",
            ])
            .await;
    }

    async fn they_answer_somebody_else(platform: &Platform) {
        agents(platform).await;
        let clerk = hands(platform, "clerk@localhost").await;
        let mailbox = clerk.subscribe(template!(protocol = "fipa-request"));
        drive(platform, async |ctx| {
            let recruited = ctx.recruit(BROKER, "works", order("a bed")).answer_to("clerk@localhost");
            let answers = answers(recruited.await.unwrap());
            assert_eq!(locals(answers.passed_on()), ["works"]);
            assert!(answers.done().is_empty() && answers.late().is_empty());
            let wrong = ctx.recruit(BROKER, "works", order("a bed")).answer_to("clerk@").await;
            assert!(wrong.unwrap_err().to_string().starts_with("`clerk@` is not a JID"));
        })
        .await;
        for answer in ["agree ", "inform a bed by works"] {
            let told = mailbox.receive("5s").await.unwrap().unwrap();
            assert_eq!(said(&told), answer);
            assert_eq!(told.sender().unwrap().local(), Some("works"));
        }
    }

    async fn what_a_recruiter_does_not_do(platform: &Platform) {
        agents(platform).await;
        drive(platform, async |ctx| {
            let ask = async |description: &'static str, message: Message| {
                let outcome = ctx.recruit(BROKER, description, message).answer_within("1s").await;
                summary(&outcome.unwrap())
            };
            assert_eq!(
                ask("nobody", order("a bed")).await,
                "nobody: failure no-match: nobody matches the description"
            );
            assert_eq!(ask("secret", order("a bed")).await, "refuse that is nobody's business");
            assert_eq!(ask("slow", order("a bed")).await, "late, agreed: false");
            assert_eq!(
                ask("broker", order("a bed")).await,
                "failure nobody has done it: `broker@localhost` was not reached, it is the broker itself"
            );
            let not_so = ctx.recruit(BROKER, 5, order("a bed")).await.unwrap();
            assert!(summary(&not_so).starts_with("not-understood "), "{}", summary(&not_so));
            let nobody = ctx.recruit("nobody@localhost", "works", order("a bed")).await.unwrap();
            assert_eq!(summary(&nobody), "unreachable: nobody@localhost");
            let error = ctx.recruit(BROKER, "works", Message::new(BROKER)).await.unwrap_err();
            assert!(error.to_string().ends_with("not a message without performative"), "{error}");
        })
        .await;
    }

    async fn a_cancel_reaches_those_who_were_recruited(platform: &Platform) {
        let journal = agents(platform).await;
        let begun = journal.clone();
        drive(platform, async move |ctx| {
            let cancel = async |who: &'static str, task: &str| {
                let begins = async || begun.next(&[&format!("{who} begins")]).await;
                let recruited = ctx.recruit(BROKER, who, order(task)).cancel_on(begins());
                summary(&recruited.await.unwrap())
            };
            assert_eq!(cancel("takes-long", "a bed").await, "cancelled: inform ");
            begun.next(&["the broker is told to stop", "takes-long is told to stop"]).await;
            assert_eq!(
                cancel("never-ends", "a bed").await,
                "cancelled: failure these go on: never-ends@localhost"
            );
            begun.next(&["the broker is told to stop", "never-ends is told to stop"]).await;
            assert_eq!(cancel("never-ends", "stay").await, "cancelled: failure it stays so");
            begun.next(&["the broker is told to stop"]).await;
            tokio::select! {
                outcome = ctx.recruit(BROKER, "takes-long", order("a bed")).into_future() => panic!("{outcome:?}"),
                () = begun.next(&["takes-long begins"]) => {}
            }
        })
        .await;
        journal.next(&["the broker is told to stop", "takes-long is told to stop"]).await;
    }
}

/// Which of those who are found are not there, the platform itself knows at once; a server says so after the message is
/// passed on.
#[tokio::test(start_paused = true)]
async fn who_is_not_reached_is_not_waited_for() {
    let platform = Platform::new();
    agents(&platform).await;
    drive(&platform, async |ctx| {
        let recruited = ctx
            .recruit(BROKER, "works, nowhere", order("a bed"))
            .await
            .unwrap();
        let answers = answers(recruited);
        assert_eq!(senders(answers.done()), ["works"]);
        assert_eq!(locals(answers.passed_on()), ["works"]);
        assert_eq!(
            locals(answers.unreachable().iter().map(|one| &one.jid)),
            ["nowhere"]
        );
        assert!(answers.late().is_empty());
        let outcome = ctx
            .recruit(BROKER, "nowhere", order("a bed"))
            .await
            .unwrap();
        let failed = summary(&outcome);
        assert!(
            failed.starts_with("failure nobody has done it: `nowhere@localhost` was not reached"),
            "{failed}"
        );
    })
    .await;
}
