//! Brokering: the broker asks, and relays.

use std::future::IntoFuture as _;

use super::*;
use crate::{drive, on_both_networks};

on_both_networks! {
    async fn all_answers_are_relayed(platform: &Platform) {
        let journal = agents(platform).await;
        drive(platform, async move |ctx| {
            let all = "works, helps, refuses, fails, takes-long, rude, deaf, nowhere, works, broker";
            let outcome = ctx.broker(BROKER, all, order("a bed")).answer_within("5s").await.unwrap();
            let answers = answers(outcome);
            assert_eq!(senders(answers.done()), ["helps", "works"]);
            let works = answers.done().iter().find(|told| told.sender().unwrap().local() == Some("works"));
            assert_eq!(works.unwrap().body(), Some("a bed by works"));
            assert_eq!(senders(answers.refused()), ["refuses"]);
            assert_eq!(said(&answers.refused()[0]), "refuse no time");
            assert_eq!(senders(answers.failed()), ["fails"]);
            assert_eq!(said(&answers.failed()[0]), "failure it broke");
            assert_eq!(senders(answers.not_understood()), ["deaf"]);
            assert_eq!(senders(answers.broken()), ["rude"]);
            assert_eq!(said(&answers.broken()[0]), "propose something else");
            assert_eq!(locals(answers.late()), ["takes-long"]);
            let unreachable = answers.unreachable().iter().map(|one| &one.jid);
            assert_eq!(locals(unreachable), ["broker", "nowhere"]);
            assert_eq!(answers.passed_on().len(), 7);

            let question = Message::draft(Performative::QueryRef);
            let told = ctx.broker(BROKER, "works, refuses".to_owned(), question).await.unwrap();
            assert_eq!(senders(told.done().unwrap().done()), ["refuses", "works"]);
        })
        .await;
        journal.next_in_any_order(&["takes-long begins", "it is scolded", "takes-long is told to stop"]).await;
    }

    async fn an_inform_is_passed_on_as_it_is(platform: &Platform) {
        let journal = agents(platform).await;
        drive(platform, async |ctx| {
            let news = || Message::draft(Performative::Inform).text("the news");
            let told = answers(ctx.broker(BROKER, "works, helps", news()).await.unwrap());
            assert_eq!(locals(told.passed_on()), ["helps", "works"]);
            assert!(told.done().is_empty());
            let told = answers(ctx.recruit(BROKER, "works, helps", news()).await.unwrap());
            assert_eq!(locals(told.passed_on()), ["helps", "works"]);
            assert!(told.late().is_empty());
        })
        .await;
        let heard = ["works hears the news", "helps hears the news"];
        journal.next_in_any_order(&[heard, heard].concat()).await;
    }

    async fn what_a_broker_does_not_do(platform: &Platform) {
        agents(platform).await;
        drive(platform, async |ctx| {
            let ask = async |description: &'static str, message: Message| {
                let outcome = ctx.broker(BROKER, description, message).answer_within("1s").await;
                summary(&outcome.unwrap())
            };
            assert_eq!(
                ask("nobody", order("a bed")).await,
                "nobody: failure no-match: nobody matches the description"
            );
            assert_eq!(ask("secret", order("a bed")).await, "refuse that is nobody's business");
            // By the time it has found somebody nobody waits for it.
            assert_eq!(ask("slow", order("a bed")).await, "late, agreed: false");
            let failed = ask("fails, refuses", order("a bed")).await;
            assert_eq!(
                failed,
                "failure nobody has done it: `fails@localhost` says `failure`, it broke; \
                 `refuses@localhost` says `refuse`, no time"
            );
            let failed = ask("nowhere, takes-long", order("a bed")).await;
            assert!(failed.starts_with("failure nobody has done it: `takes-long@localhost` says nothing in time; \
                 `nowhere@localhost` was not reached, "), "{failed}");
            let not_so = ctx.broker(BROKER, 5, order("a bed")).await.unwrap();
            let reason = "not-understood the body is not JSON with `description` and `enclosed`, as it is expected: \
                 invalid type: integer `5`, expected a string";
            assert!(summary(&not_so).starts_with(reason), "{}", summary(&not_so));
            let nobody = ctx.broker("nobody@localhost", "works", order("a bed")).await.unwrap();
            assert_eq!(summary(&nobody), "unreachable: nobody@localhost");
            // It takes two seconds to learn that nobody does it.
            let late = ctx.broker(BROKER, "takes-long", order("a bed")).done_within("1s").await.unwrap();
            assert_eq!(summary(&late), "late, agreed: true");

            let error = ctx.broker(BROKER, "works", Message::draft(Performative::Cfp)).await.unwrap_err();
            assert!(error.to_string().ends_with("and `inform`; not `cfp`"), "{error}");
            let error = ctx.broker("no@body@", "works", order("a bed")).await.unwrap_err();
            assert!(error.to_string().starts_with("`no@body@` is not a JID"), "{error}");
            let error = ctx.broker(BROKER, "works", order("a bed")).done_within("soon").await.unwrap_err();
            assert!(error.to_string().starts_with("`soon` is not a duration"), "{error}");
        })
        .await;
    }

    async fn a_cancel_reaches_those_who_were_asked(platform: &Platform) {
        let journal = agents(platform).await;
        let begun = journal.clone();
        drive(platform, async move |ctx| {
            let cancel = async |task: &str| {
                let begins = begun.next(&["takes-long begins"]);
                let outcome = ctx.broker(BROKER, "takes-long", order(task)).cancel_on(begins).await;
                summary(&outcome.unwrap())
            };
            assert_eq!(cancel("a bed").await, "cancelled: inform ");
            begun.next(&["the broker is told to stop", "takes-long is told to stop"]).await;
            assert_eq!(cancel("stay").await, "cancelled: failure it stays so");
            begun.next(&["the broker is told to stop"]).await;
            // It gives up on its own.
            begun.next(&["takes-long is told to stop"]).await;
            // Dropped where it is awaited.
            tokio::select! {
                outcome = ctx.broker(BROKER, "takes-long", order("a bed")).into_future() => panic!("{outcome:?}"),
                () = begun.next(&["takes-long begins"]) => {}
            }
        })
        .await;
        journal.next(&["the broker is told to stop", "takes-long is told to stop"]).await;
    }

    async fn a_broker_that_stops_leaves_nobody_waiting(platform: &Platform) {
        let journal = agents(platform).await;
        let broker = Broker { journal: journal.clone() };
        let broker = platform.spawn("other@localhost", broker).await.unwrap();
        let begun = journal.clone();
        let outcome = drive(platform, async move |ctx| {
            let asked = ctx.broker("other@localhost", "takes-long", order("a bed"));
            let stop = async {
                begun.next(&["takes-long begins"]).await;
                broker.stop();
            };
            let (outcome, ()) = tokio::join!(asked.into_future(), stop);
            summary(&outcome.unwrap())
        })
        .await;
        assert_eq!(outcome, "failure it was ended before it was done");
        journal.next(&["takes-long is told to stop"]).await;
    }
}
