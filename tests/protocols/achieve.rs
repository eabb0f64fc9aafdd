//! Request, Query and Request-When as their initiator sees them.

use peak::prelude::*;
use peak::protocol::{Achieved, NoSuchProtocol};

use crate::{drive, on_both_networks};

/// Does as the text says.
#[agent]
struct Servant;

#[agent]
impl Servant {
    #[on_message(
        any(protocol = "fipa-request", protocol = "fipa-request-when"),
        not(body = "nonsense")
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
}
