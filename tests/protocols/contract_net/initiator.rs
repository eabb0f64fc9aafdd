//! The Contract Net as its initiator sees it, with participants of every kind.

use std::time::Duration;

use peak::prelude::*;
use peak::protocol::contract_net::NotAProposer;

use crate::{Driver, Journal, drive, on_both_networks};

/// Takes part as its `manner` says.
#[agent]
struct Seller {
    manner: &'static str,
    price: u32,
    journal: Journal,
}

#[agent]
impl Seller {
    #[on_message(performative = "cfp", protocol = "fipa-contract-net")]
    async fn called(
        &mut self,
        ctx: &Context<Self>,
        message: Message,
        Text(task): Text,
    ) -> Option<Result<Propose<Json<u32>>, Refuse>> {
        assert_eq!(
            (task.as_str(), message.ontology()),
            ("a book", Some("books"))
        );
        assert!(message.reply_by().is_some_and(|time| time > ctx.now()));
        match self.manner {
            "refuses" => Some(Err(Refuse::new("sold out"))),
            "is silent" => None,
            "is late" => {
                let (ctx, price) = (ctx.clone(), self.price);
                ctx.clone().spawn(async move {
                    ctx.sleep("3s").await?;
                    ctx.reply(&message, Propose(Json(price))).await
                });
                None
            }
            "proposes twice" => {
                let again = message.reply(Performative::Propose).json(1);
                ctx.send(again).await.expect("the initiator is there");
                Some(Ok(Propose(Json(self.price))))
            }
            _ => Some(Ok(Propose(Json(self.price)))),
        }
    }

    #[on_message(performative = "accept-proposal")]
    async fn accepted(&mut self) -> Option<Result<Inform<&'static str>, Failure>> {
        self.journal.note(format!("{} is accepted", self.manner));
        match self.manner {
            "fails" => Some(Err(Failure::new("the van broke down"))),
            "forgets" => None,
            _ => Some(Ok(Inform("delivered"))),
        }
    }

    #[on_message(performative = "reject-proposal")]
    async fn rejected(&mut self) {
        self.journal.note(format!("{} is rejected", self.manner));
    }

    #[on_message(performative = "not-understood")]
    async fn scolded(&mut self) {
        self.journal.note(format!("{} is scolded", self.manner));
    }
}

const MANNERS: [(&str, u32); 7] = [
    ("sells", 5),
    ("fails", 4),
    ("forgets", 6),
    ("refuses", 0),
    ("is silent", 0),
    ("is late", 1),
    ("proposes twice", 9),
];

async fn sellers(platform: &Platform) -> (Vec<String>, Journal) {
    let journal = Journal::default();
    let mut jids = Vec::new();
    for (manner, price) in MANNERS {
        let jid = format!("{}@localhost", manner.replace(' ', "-"));
        let seller = Seller {
            manner,
            price,
            journal: journal.clone(),
        };
        platform.spawn(&jid, seller).await.expect("it starts");
        jids.push(jid);
    }
    (jids, journal)
}

fn jid(text: &str) -> Jid {
    text.parse().expect("it is one")
}

fn senders(messages: &[Message]) -> Vec<String> {
    let senders = messages
        .iter()
        .filter_map(|message| message.sender()?.local());
    let mut senders: Vec<String> = senders.map(str::to_owned).collect();
    senders.sort_unstable();
    senders
}

on_both_networks! {
    async fn whoever_is_called_is_told_what_became_of_it(platform: &Platform) {
        let (mut to, journal) = sellers(platform).await;
        to.push("nobody@localhost".to_owned());
        // It has no handler for the call.
        platform.spawn("deaf@localhost", Driver).await.unwrap();
        to.push("deaf@localhost".to_owned());
        drive(platform, async move |ctx| {
            let call = ctx
                .contract_net("a book")
                .ontology("books")
                .to(&to)
                .deadline("2s");
            let call = call.await.unwrap();
            let proposers = ["fails", "forgets", "sells"];
            assert_eq!(senders(call.proposals()), proposers);
            assert_eq!(senders(call.refused()), ["refuses"]);
            assert_eq!(call.refused()[0].body(), Some("sold out"));
            assert_eq!(senders(call.not_understood()), ["deaf"]);
            assert_eq!(senders(call.broken()), ["proposes-twice"]);
            assert_eq!(
                call.late(),
                [jid("is-silent@localhost"), jid("is-late@localhost")]
            );
            let [unreachable] = call.unreachable() else {
                panic!("{call:?}")
            };
            assert_eq!(unreachable.jid, jid("nobody@localhost"));
            // The one that comes late is rejected, as the conversation still goes on.
            let winners = ["sells@localhost", "fails@localhost", "forgets@localhost"].map(jid);
            let awarded = call.award(winners, "5s").await.unwrap();
            assert_eq!(senders(awarded.done()), ["sells"]);
            assert_eq!(senders(awarded.failed()), ["fails"]);
            assert_eq!(awarded.failed()[0].body(), Some("the van broke down"));
            assert_eq!(awarded.late(), [jid("forgets@localhost/main")]);
        })
        .await;
        let mut notes = journal.read();
        notes.sort_unstable();
        assert_eq!(
            notes,
            [
                "fails is accepted",
                "forgets is accepted",
                "is late is rejected",
                "proposes twice is scolded",
                "sells is accepted",
            ]
        );
    }

    async fn a_call_that_is_dropped_rejects_all(platform: &Platform) {
        let (_, journal) = sellers(platform).await;
        drive(platform, async |ctx| {
            let to = [
                "sells@localhost",
                "sells@localhost/main",
                "forgets@localhost",
            ];
            let begin = ctx.now();
            let call = ctx
                .contract_net("a book")
                .ontology("books")
                .to(to)
                .await
                .unwrap();
            // Everybody has answered: nobody waits for the deadline.
            assert!(ctx.now() < begin + Duration::from_secs(5));
            assert_eq!(call.proposals().len(), 2);
            drop(call);

            let call = ctx
                .contract_net("a book")
                .ontology("books")
                .to(to)
                .await
                .unwrap();
            let error = call
                .award([jid("refuses@localhost")], "1s")
                .await
                .unwrap_err();
            assert_eq!(
                error.downcast::<NotAProposer>().unwrap().to_string(),
                "`refuses@localhost` has proposed nothing; award the senders of `proposals()`"
            );
            ctx.sleep("1ms").await.unwrap();
        })
        .await;
        let mut notes = journal.read();
        notes.sort_unstable();
        let twice = ["forgets is rejected", "sells is rejected"].map(|note| [note; 2]);
        assert_eq!(notes, twice.concat());
    }

    async fn what_cannot_be_asked_is_an_error_at_once(platform: &Platform) {
        drive(platform, async |ctx| {
            let wrong = ctx.contract_net(()).to(["no@jid@"]).await.unwrap_err();
            assert!(
                wrong.to_string().starts_with("`no@jid@` is not a JID"),
                "{wrong}"
            );
            let wrong = ctx
                .contract_net(())
                .to(["a@x"])
                .deadline("soon")
                .await
                .unwrap_err();
            assert!(wrong.to_string().contains("`soon`"), "{wrong}");
            let nobody: [&str; 0] = [];
            let call = ctx.contract_net(()).to(nobody).await.unwrap();
            assert!(call.award([], "1s").await.unwrap().done().is_empty());
        })
        .await;
    }
}
