//! The Contract Net as a participant plays it: the trait, against initiators of every kind.

use std::time::Duration;

use peak::Text;
use peak::prelude::*;
use peak::protocol::contract_net::{self, Bid, Call, Lost};

use crate::{Journal, hands, on_both_networks};

/// Does as the task says.
#[agent]
pub(super) struct Seller {
    journal: Journal,
}

#[agent(plays(contract_net(not(ontology = "stamps"))))]
impl Seller {
    #[on_message(observe, performative = "cfp")]
    async fn observe(&mut self, Text(task): Text) {
        self.journal.note(format!("sees {task}"));
    }

    #[on_message(performative = "cfp")]
    async fn other(&mut self) -> Refuse {
        Refuse::new("not in this way")
    }
}

impl contract_net::Participant for Seller {
    type Task = Text;
    type Offer = Json<u32>;
    type Outcome = String;

    const STANDS: Duration = Duration::from_secs(2);

    async fn called(
        &mut self,
        ctx: &Context<Self>,
        call: &Call<Text>,
    ) -> Result<Json<u32>, Refuse> {
        match call.0.as_str() {
            "refuse" => Err(Refuse::new("sold out")),
            "break" => Ok(Json("no number".parse::<u32>()?)),
            "panic" => panic!("as it was told"),
            "be slow" => {
                ctx.sleep("1500ms").await?;
                Ok(Json(1))
            }
            _ => Ok(Json(10 - call.round())),
        }
    }

    async fn accepted(ctx: Context<Self>, bid: Bid<Self>) -> Result<String, Failure> {
        match bid.call().0.as_str() {
            "fail" => Err(Failure::new("the van broke down")),
            "panic later" => panic!("as it was told"),
            "take long" | "never end" => {
                let journal = ctx.with(|me| me.journal.clone()).await;
                journal.note(format!("{} is accepted", bid.call().0));
                ctx.sleep("1h").await?;
                Ok("at last".to_owned())
            }
            _ => Ok(format!("{} for {}", bid.call().0, bid.offer().0)),
        }
    }

    async fn lost(&mut self, _: &Context<Self>, bid: Bid<Self>, why: Lost) {
        self.journal.note(format!("{}: {why}", bid.call().0));
    }

    async fn cancelled(&mut self, _: &Context<Self>, call: &Call<Text>) -> Result<(), Failure> {
        match call.0.as_str() {
            "never end" => Err(Failure::new("too late for that")),
            _ => {
                self.journal.note(format!("{} is cancelled", call.0));
                Ok(())
            }
        }
    }
}

pub(super) const SELLER: &str = "seller@localhost";

pub(super) async fn start(platform: &Platform, jid: &str) -> (peak::AgentHandle<Seller>, Journal) {
    let journal = Journal::default();
    let seller = Seller {
        journal: journal.clone(),
    };
    let handle = platform.spawn(jid, seller).await.expect("it starts");
    (handle, journal)
}

pub(super) async fn seller_at(platform: &Platform, jid: &str) -> Journal {
    start(platform, jid).await.1
}

pub(super) async fn seller(platform: &Platform) -> Journal {
    seller_at(platform, SELLER).await
}

fn cfp(id: &str, task: &str) -> Message {
    Message::cfp(SELLER)
        .with_protocol("fipa-contract-net")
        .with_conversation_id(id)
        .text(task)
}

/// What an answer is, and says.
pub(super) fn said(message: &Message) -> String {
    let act = message.performative().expect("it has one");
    format!("{act} {}", message.body().unwrap_or_default())
}

on_both_networks! {
    async fn every_path_of_a_participant(platform: &Platform) {
        let journal = seller(platform).await;
        let ctx = hands(platform, "buyer@localhost").await;
        let sell = async |task: &str| {
            let call = ctx.contract_net(task).to([SELLER]).deadline("1s").await.unwrap();
            if let [refusal] = call.refused() {
                return said(refusal);
            }
            let [proposal] = call.proposals() else {
                return format!("{:?}", call.late());
            };
            assert!(proposal.reply_by().is_some());
            let winner = proposal.sender().cloned();
            let awarded = call.award(winner, "3s").await.unwrap();
            let told = awarded.done().iter().chain(awarded.failed());
            told.map(said).collect()
        };
        assert_eq!(sell("a book").await, "inform a book for 9");
        assert_eq!(sell("refuse").await, "refuse sold out");
        assert_eq!(sell("break").await, "refuse invalid digit found in string");
        assert_eq!(sell("fail").await, "failure the van broke down");
        assert_eq!(sell("panic later").await, "failure it was ended before it was done");
        assert_eq!(sell("panic").await, "failure internal error");
        // The role goes on.
        assert_eq!(sell("a book").await, "inform a book for 9");
        // By the time it is ready nobody waits for it: the offer is not made.
        assert_eq!(sell("be slow").await, "[Jid(seller@localhost)]");
        journal.up_to("be slow: made too late").await;
    }

    async fn what_is_not_won_is_lost(platform: &Platform) {
        let journal = seller(platform).await;
        let ctx = hands(platform, "buyer@localhost").await;
        let call = ctx.contract_net("a book").to([SELLER]).await.unwrap();
        call.award([], "1s").await.unwrap();
        let call = ctx.contract_net("a pen").to([SELLER]).await.unwrap();
        assert_eq!(call.proposals().len(), 1);
        // Nobody says anything, and time passes.
        journal.next(&["sees a book", "a book: rejected", "sees a pen"]).await;
        journal.next(&["a pen: nothing was heard"]).await;
        let winner = call.proposals()[0].sender().cloned();
        let awarded = call.award(winner, "1s").await.unwrap();
        assert_eq!(said(&awarded.failed()[0]), "not-understood Seller has no handler for this message");
    }

    async fn foreign_initiators_are_told_what_is_wrong(platform: &Platform) {
        let journal = seller(platform).await;
        let ctx = hands(platform, "buyer@localhost").await;
        let ask = async |message: Message| said(&ctx.request(message, "5s").await.unwrap());
        // No content.
        let empty = Message::cfp(SELLER).with_protocol("fipa-contract-net");
        assert_eq!(ask(empty).await, "not-understood the message has no body, expected text");
        // Too late when it comes.
        let late = cfp("late", "a book").with_reply_by(ctx.now() - Duration::from_secs(60));
        let answer = ask(late).await;
        assert!(answer.starts_with("refuse too late: an answer was wanted by 20"), "{answer}");
        // Others of the kind go to the handlers.
        let stamps = cfp("stamps", "a stamp").with_ontology("stamps");
        assert_eq!(ask(stamps).await, "refuse not in this way");
        // What has no place ends it.
        assert_eq!(ask(cfp("1", "a book")).await, "propose 9");
        let query = Message::query_ref(SELLER).with_conversation_id("1");
        let reason = "there was no place for this where the conversation stood, and it has ended";
        assert_eq!(ask(query).await, format!("not-understood {reason}"));
        let accept = Message::accept_proposal(SELLER).with_conversation_id("1");
        assert_eq!(ask(accept).await, "not-understood Seller has no handler for this message");
        // In a conversation that somebody else has begun.
        assert_eq!(ask(cfp("2", "a book")).await, "propose 9");
        let other = hands(platform, "other@localhost").await;
        let stolen = other.request(cfp("2", "a book"), "5s").await.unwrap();
        assert_eq!(said(&stolen), "refuse there is no room for this conversation");
        // Without any id, by the flow alone.
        let bare = Message::cfp(SELLER).with_protocol("fipa-contract-net").text("a book");
        let mailbox = ctx.subscribe(template!(sender = "seller@localhost"));
        ctx.send(bare).await.unwrap();
        assert_eq!(said(&mailbox.receive("5s").await.unwrap().unwrap()), "propose 9");
        ctx.send(Message::accept_proposal(SELLER)).await.unwrap();
        assert_eq!(said(&mailbox.receive("5s").await.unwrap().unwrap()), "inform a book for 9");
        journal.up_to("a book: the initiator broke off").await;
    }

    async fn it_is_cancelled_where_it_stands(platform: &Platform) {
        let journal = seller(platform).await;
        let ctx = hands(platform, "buyer@localhost").await;
        let ask = async |message: Message| said(&ctx.request(message, "1s").await.unwrap());
        let accept = |id: &str| Message::accept_proposal(SELLER).with_conversation_id(id);
        let cancel = |id: &str| Message::cancel(SELLER).with_conversation_id(id);
        for task in ["a book", "take long", "never end"] {
            assert_eq!(ask(cfp(task, task)).await, "propose 9");
        }
        assert_eq!(ask(cancel("a book")).await, "inform ");
        journal.up_to("a book: cancelled by the initiator").await;
        ctx.send(accept("take long")).await.unwrap();
        ctx.send(accept("never end")).await.unwrap();
        assert_eq!(ask(cancel("take long")).await, "inform ");
        journal.next(&["take long is cancelled"]).await;
        assert_eq!(ask(cancel("never end")).await, "failure too late for that");
        // It goes on, and can be broken off.
        let again = ask(cfp("never end", "again")).await;
        assert!(again.starts_with("not-understood there was no place for this"), "{again}");
        let over = ask(cancel("never end")).await;
        assert!(over.starts_with("not-understood Seller has no handler"), "{over}");
    }

    async fn rounds_are_counted(platform: &Platform) {
        seller(platform).await;
        let ctx = hands(platform, "buyer@localhost").await;
        let cfp = |task| cfp("1", task).with_protocol("fipa-iterated-contract-net");
        let ask = async |message: Message| said(&ctx.request(message, "1s").await.unwrap());
        assert_eq!(ask(cfp("a book")).await, "propose 9");
        // What follows is known by its conversation.
        let again = Message::cfp(SELLER).with_conversation_id("1").text("a book and a pen");
        assert_eq!(ask(again).await, "propose 8");
        let accept = Message::accept_proposal(SELLER).with_conversation_id("1");
        assert_eq!(ask(accept).await, "inform a book and a pen for 8");
    }
}
