//! Propose, from both sides.

use std::time::Duration;

use peak::Text;
use peak::prelude::*;
use peak::protocol::propose::{self, Proposed};
use peak::protocol::{Asked, Cancelled};

use crate::{Journal, hands, on_both_networks};

/// Does as the proposal says.
#[agent]
struct Host {
    journal: Journal,
}

#[agent(plays(propose(not(ontology = "stamps"))))]
impl Host {
    #[on_message(performative = "propose")]
    async fn other(&mut self) -> RejectProposal {
        RejectProposal::new("not in this way")
    }
}

impl propose::Participant for Host {
    type Proposal = Text;

    async fn proposed(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Text>,
    ) -> Result<(), RejectProposal> {
        self.journal
            .note(format!("{}: {}", asked.initiator(), asked.0));
        match asked.0.as_str() {
            "reject" => Err(RejectProposal::new("no room")),
            "break" => Err("no number".parse::<u32>().unwrap_err().into()),
            "panic" => panic!("as it was told"),
            "slow" => Ok(ctx.sleep("2s").await?),
            _ => Ok(()),
        }
    }

    async fn too_late(&mut self, _: &Context<Self>, asked: &Asked<Text>) {
        self.journal.note(format!("{}: too late", asked.0));
    }
}

/// Answers proposals as they say, by hand.
#[agent]
struct Foreigner {
    journal: Journal,
}

#[agent]
impl Foreigner {
    #[on_message(performative = "propose", protocol = "fipa-propose")]
    async fn obey(&mut self, ctx: &Context<Self>, message: Message, Text(orders): Text) {
        assert!(message.reply_by().is_some_and(|time| time > ctx.now()));
        let ctx = ctx.clone();
        ctx.clone().spawn(async move {
            for order in orders.split(", ") {
                match order {
                    "accept" => ctx.reply(&message, AcceptProposal(())).await?,
                    "reject" => ctx.reply(&message, RejectProposal::new("no")).await?,
                    "fail" => ctx.reply(&message, Failure::new("cannot")).await?,
                    "puzzle" => ctx.reply(&message, NotUnderstood::new("what?")).await?,
                    "inform" => ctx.reply(&message, Inform(())).await?,
                    "propose" => ctx.reply(&message, Propose(())).await?,
                    wait => ctx.sleep(wait).await?,
                }
            }
            peak::Ok(())
        });
    }

    #[on_message(performative = "cancel", protocol = "fipa-propose")]
    async fn cancelled(&mut self) -> Inform<()> {
        self.journal.note("cancelled");
        Inform(())
    }

    #[on_message(performative = "not-understood")]
    async fn scolded(&mut self) {
        self.journal.note("scolded");
    }
}

const HOST: &str = "host@localhost";
const FOREIGNER: &str = "foreigner@localhost";

async fn host(platform: &Platform) -> Journal {
    let journal = Journal::default();
    let host = Host {
        journal: journal.clone(),
    };
    platform.spawn(HOST, host).await.expect("it starts");
    journal
}

async fn foreigner(platform: &Platform) -> Journal {
    let journal = Journal::default();
    let foreigner = Foreigner {
        journal: journal.clone(),
    };
    platform
        .spawn(FOREIGNER, foreigner)
        .await
        .expect("it starts");
    journal
}

/// What became of a proposal, in a line.
fn line(proposed: Proposed) -> String {
    let body = |message: Message| message.body().unwrap_or_default().to_owned();
    match proposed {
        Proposed::Accepted(_) => "accepted".to_owned(),
        Proposed::Rejected(message) => format!("rejected: {}", body(message)),
        Proposed::Failed(message) => format!("failed: {}", body(message)),
        Proposed::NotUnderstood(message) => format!("not understood: {}", body(message)),
        Proposed::Broken(message) => {
            format!("broken: {}", message.performative().expect("it has one"))
        }
        Proposed::Unreachable(unreachable) => format!("unreachable: {}", unreachable.jid),
        Proposed::Cancelled(Cancelled::Done(_)) => "cancelled".to_owned(),
        other => format!("{other:?}"),
    }
}

on_both_networks! {
    async fn every_path_of_a_participant(platform: &Platform) {
        let journal = host(platform).await;
        let ctx = hands(platform, "asker@localhost").await;
            let ask = async |proposal: &str| line(ctx.propose(HOST, proposal).within("1s").await.unwrap());
            assert_eq!(ask("two guests").await, "accepted");
            assert_eq!(ask("reject").await, "rejected: no room");
            assert_eq!(ask("break").await, "rejected: invalid digit found in string");
            assert_eq!(ask("panic").await, "failed: internal error");
            assert_eq!(ask("").await, "not understood: the message has no body, expected text");
            // It accepts it when nobody waits any more.
            assert_eq!(ask("slow").await, "Late");
            journal.up_to("slow: too late").await;
            let stamps = ctx.propose(HOST, "stamps").ontology("stamps").language("words").await;
            assert_eq!(line(stamps.unwrap()), "rejected: not in this way");
            assert_eq!(ask("two guests").await, "accepted");
    }

    async fn foreign_initiators_are_answered(platform: &Platform) {
        let journal = host(platform).await;
        let ctx = hands(platform, "guest@localhost").await;
        let propose = || Message::propose(HOST).with_protocol("fipa-propose").text("two guests");
        let past = propose().with_reply_by(ctx.now() - Duration::from_secs(60));
        let answer = ctx.request(past, "5s").await.unwrap();
        assert_eq!(answer.performative(), Some(Performative::RejectProposal));
        let reason = answer.body().unwrap();
        assert!(reason.starts_with("too late: an answer was wanted by 20"), "{reason}");
        assert_eq!(journal.read(), [""; 0]);
        // With no more than what says which protocol it is.
        let mailbox = ctx.subscribe(template!(sender = "host@localhost"));
        ctx.send(propose()).await.unwrap();
        let answer = mailbox.receive("5s").await.unwrap().unwrap();
        assert_eq!(answer.performative(), Some(Performative::AcceptProposal));
        assert_eq!(answer.protocol(), Some("fipa-propose"));
        journal.next(&["guest@localhost/main: two guests"]).await;
        // By then it is over.
        let cancel = Message::cancel(HOST).with_protocol("fipa-propose");
        let answer = ctx.request(cancel, "5s").await.unwrap();
        assert_eq!(answer.body(), Some("Host has no handler for this message"));
    }

    async fn every_answer_has_its_outcome(platform: &Platform) {
        let journal = foreigner(platform).await;
        let ctx = hands(platform, "asker@localhost").await;
            let ask = async |orders: &str| line(ctx.propose(FOREIGNER, orders).within("1s").await.unwrap());
            for (orders, outcome) in [
                ("accept", "accepted"),
                ("reject", "rejected: no"),
                ("fail", "failed: cannot"),
                ("puzzle", "not understood: what?"),
                ("inform", "broken: inform"),
            ] {
                assert_eq!(ask(orders).await, outcome, "{orders}");
            }
            assert_eq!(journal.read(), [""; 0]);
            assert_eq!(ask("propose").await, "broken: propose");
            journal.next(&["scolded"]).await;
            assert_eq!(ask("1500ms, accept").await, "Late");
            journal.next(&["cancelled"]).await;
            assert!(ctx.propose(FOREIGNER, "accept").await.unwrap().is_accepted());
            assert_eq!(line(ctx.propose("nobody@localhost", ()).await.unwrap()), "unreachable: nobody@localhost");
            let wrong = ctx.propose("no@jid@", ()).await.unwrap_err();
            assert!(wrong.to_string().contains("`no@jid@` is not a JID"), "{wrong}");
            let wrong = ctx.propose(FOREIGNER, ()).within("soon").await.unwrap_err();
            assert!(wrong.to_string().contains("`soon`"), "{wrong}");
    }

    async fn a_proposal_is_taken_back(platform: &Platform) {
        let journal = foreigner(platform).await;
        let hosted = host(platform).await;
        let ctx = hands(platform, "guest@localhost").await;
        let wait = |time: &'static str| {
            let ctx = ctx.clone();
            async move { ctx.sleep(time).await }
        };
        let proposing = ctx.propose(FOREIGNER, "1h").cancel_on(wait("100ms"));
        assert_eq!(line(proposing.await.unwrap()), "cancelled");
        journal.next(&["cancelled"]).await;
        // Dropped where it waits.
        let dropped = ctx.within("100ms", ctx.propose(FOREIGNER, "1h")).await;
        assert!(dropped.unwrap().is_none());
        journal.next(&["cancelled"]).await;
        // It is accepted before the other one hears that it is taken back: then that holds.
        let proposing = ctx.propose(HOST, "slow").cancel_on(wait("500ms"));
        assert_eq!(line(proposing.await.unwrap()), "accepted");
        hosted.next(&["guest@localhost/main: slow"]).await;
    }
}
