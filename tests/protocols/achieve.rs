//! Request, Query and Request-When as their initiator sees them.

use peak::prelude::*;
use peak::protocol::{Achieved, Cancelled, NoSuchProtocol};

use crate::{Journal, drive, hands, on_both_networks};

/// Does as the text says.
#[agent]
struct Servant;

#[agent]
impl Servant {
    #[on_message(
        any(protocol = "fipa-request", protocol = "fipa-request-when"),
        not(body = "nonsense"),
        not(performative = "cancel")
    )]
    async fn serve(&mut self, ctx: &Context<Self>, order: Message) -> peak::Result<()> {
        let ctx = ctx.clone();
        ctx.clone().spawn(async move {
            for act in order.body().unwrap_or_default().split(", ") {
                match act {
                    "agree" => ctx.reply(&order, Agree).await?,
                    "refuse" => ctx.reply(&order, Refuse::new("no")).await?,
                    "fail" => ctx.reply(&order, Failure::new("cannot")).await?,
                    "inform" => ctx.reply(&order, Inform("done")).await?,
                    "propose" => ctx.reply(&order, Propose(())).await?,
                    wait => ctx.sleep(wait).await?,
                }
            }
            peak::Ok(())
        });
        Ok(())
    }

    #[on_message(performative = "query-if", protocol = "fipa-query")]
    async fn is_it_so(&mut self, Text(text): Text) -> Result<Confirm<()>, Refuse> {
        match text.as_str() {
            "so" => Ok(Confirm(())),
            _ => Err(Refuse::new("who knows")),
        }
    }
}

/// Agrees to everything, and does not listen to what is said then.
#[agent]
struct Stubborn {
    journal: Journal,
}

#[agent]
impl Stubborn {
    #[on_message(performative = "request")]
    async fn serve(&mut self) -> Agree {
        self.journal.note("agrees");
        Agree
    }

    #[on_message(performative = "cancel", protocol = "fipa-request")]
    async fn ignore(&mut self) {
        self.journal.note("is told to stop");
    }

    #[on_message(performative = "not-understood")]
    async fn scolded(&mut self) {
        self.journal.note("is scolded");
    }
}

on_both_networks! {
async fn every_path_has_its_outcome(platform: &Platform) {
    platform.spawn("servant@localhost", Servant).await.unwrap();
    drive(platform, async |ctx| {
        let ask = async |message: Message| {
            let outcome = ctx.achieve(message).answer_within("1s").done_within("3s").await;
            match outcome.unwrap() {
                Achieved::Done(message) => format!("done: {}", message.body().unwrap_or_default()),
                Achieved::Refused(message) => format!("refused: {}", message.body().unwrap()),
                Achieved::Failed(message) => format!("failed: {}", message.body().unwrap()),
                Achieved::NotUnderstood(_) => "not understood".to_owned(),
                Achieved::Broken(message) => format!("broken: {}", message.performative().unwrap()),
                Achieved::Unreachable(unreachable) => unreachable.jid.to_string(),
                Achieved::Late { agreed } => format!("late, agreed: {}", agreed.is_some()),
                other => format!("{other:?}"),
            }
        };
        for (order, outcome) in [
            ("agree, 2s, inform", "done: done"),
            ("inform", "done: done"),
            ("refuse", "refused: no"),
            ("agree, fail", "failed: cannot"),
            ("fail", "failed: cannot"),
            ("nonsense", "not understood"),
            ("2s, inform", "late, agreed: false"),
            ("agree, 4s, inform", "late, agreed: true"),
            ("agree, propose, 1s, inform", "broken: propose"),
            ("agree, agree", "broken: agree"),
            ("agree, refuse", "broken: refuse"),
        ] {
            let request = Message::request("servant@localhost").text(order);
            assert_eq!(ask(request).await, outcome, "{order}");
        }
        let when = Message::request_when("servant@localhost").text("agree, inform");
        assert_eq!(ask(when).await, "done: done");
        let query = |text| Message::query_if("servant@localhost").text(text);
        assert_eq!(ask(query("so")).await, "done: ");
        assert_eq!(ask(query("perhaps")).await, "refused: who knows");

        assert_eq!(ask(Message::request("nobody@localhost")).await, "nobody@localhost");
        let malformed = ctx.achieve(Message::request("no@body@")).await.unwrap_err();
        assert!(malformed.to_string().contains("`no@body@` is not a JID"), "{malformed}");
        let inform = ctx.achieve(Message::inform("servant@localhost")).await;
        let error = inform.unwrap_err().downcast::<NoSuchProtocol>().unwrap();
        assert_eq!(
            error.to_string(),
            "`achieve` is for `request`, `query-if`, `query-ref` and `request-when`, not for `inform`"
        );
    })
    .await;
}

async fn a_cancel_is_answered_in_many_ways(platform: &Platform) {
    let journal = Journal::default();
    let stubborn = Stubborn { journal: journal.clone() };
    platform.spawn("servant@localhost", Servant).await.unwrap();
    let handle = platform.spawn("stubborn@localhost", stubborn).await.unwrap();
    let agreed = journal.clone();
    drive(platform, async move |ctx| {
        // It does not know what to make of a cancel.
        let request = Message::request("servant@localhost").text("agree, 1h");
        let outcome = ctx.achieve(request).cancel_on(ctx.sleep("1s")).await.unwrap();
        assert!(matches!(outcome, Achieved::Cancelled(Cancelled::NotUnderstood(_))), "{outcome:?}");

        let stubborn = || ctx.achieve(Message::request("stubborn@localhost")).answer_within("1s");
        let outcome = stubborn().cancel_on(agreed.next(&["agrees"])).await.unwrap();
        assert!(matches!(outcome, Achieved::Cancelled(Cancelled::Late)), "{outcome:?}");
        agreed.next(&["is told to stop"]).await;

        // It is gone by then.
        let gone = async {
            agreed.next(&["agrees"]).await;
            handle.stop();
            handle.join().await;
        };
        let outcome = stubborn().cancel_on(gone).await.unwrap();
        assert!(matches!(outcome, Achieved::Cancelled(Cancelled::Unreachable(_))), "{outcome:?}");

        let late = ctx.achieve(Message::request("servant@localhost")).answer_within("soon").await;
        assert!(late.unwrap_err().to_string().starts_with("`soon` is not a duration"));
    })
    .await;
}

async fn whoever_drops_it_cancels_it(platform: &Platform) {
    let journal = Journal::default();
    let stubborn = Stubborn { journal: journal.clone() };
    platform.spawn("stubborn@localhost", stubborn).await.unwrap();
    let ctx = hands(platform, "master@localhost").await;
    let asked = ctx.achieve(Message::request("stubborn@localhost"));
    tokio::select! {
        outcome = asked => panic!("{outcome:?}"),
        () = journal.next(&["agrees"]) => {}
    }
    journal.next(&["is told to stop"]).await;
}

async fn who_breaks_the_protocol_is_told_so(platform: &Platform) {
    let servant = hands(platform, "servant@localhost").await;
    let orders = servant.subscribe(template!(performative = "request"));
    let others = servant.subscribe(template!(not(performative = "request")));
    let told = async {
        let order = orders.receive("5s").await.unwrap().unwrap();
        servant.reply(&order, Agree).await.unwrap();
        servant.reply(&order, Propose("something else")).await.unwrap();
        let told = others.receive("5s").await.unwrap().unwrap();
        assert_eq!(told.conversation_id(), order.conversation_id());
        (told.performative(), told.body().map(str::to_owned))
    };
    let master = hands(platform, "master@localhost").await;
    let asked = async { master.achieve(Message::request("servant@localhost")).await.unwrap() };
    let (outcome, told) = tokio::join!(asked, told);
    assert!(matches!(outcome, Achieved::Broken(_)), "{outcome:?}");
    let reason = "there is no place for this where the conversation stands".to_owned();
    assert_eq!(told, (Some(Performative::NotUnderstood), Some(reason)));
}
}
