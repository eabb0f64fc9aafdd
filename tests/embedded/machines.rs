//! State machines: `#[behaviour(fsm(…))]`.

use std::time::Duration;

use peak::prelude::*;
use peak::{Exit, RequestError};

use crate::{Journal, drive};

/// Nobody has bid.
#[derive(Debug, Default)]
struct Waiting;

/// Somebody has.
#[derive(Debug)]
struct Bidding {
    bidder: Jid,
    price: u32,
    bids: u32,
}

#[derive(Debug)]
struct Sold {
    to: Jid,
    price: u32,
}

struct Unsold;

/// Sells one thing to whoever bids most: a bid stands for ten seconds.
#[agent]
struct Seller {
    journal: Journal,
    reserve: u32,
}

impl Seller {
    fn note(&self, what: &str) {
        self.journal.note(what);
    }
}

#[agent]
impl Seller {
    #[behaviour(
        fsm(Waiting),
        initial,
        name = "sale",
        on(performative = "propose"),
        next(Bidding)
    )]
    async fn open(
        &mut self,
        Sender(bidder): Sender,
        Json(price): Json<u32>,
    ) -> (AcceptProposal<()>, Next<Waiting>) {
        self.note(&format!("opens at {price}"));
        let bidding = Bidding {
            bidder,
            price,
            bids: 1,
        };
        (AcceptProposal(()), Next::to(bidding))
    }

    #[behaviour(fsm(Waiting), after = "1m", next(Unsold))]
    async fn nobody(&mut self) -> Next<Waiting> {
        Next::to(Unsold)
    }

    #[behaviour(fsm(Bidding), enter)]
    async fn show(&mut self, state: &Bidding) {
        self.note(&format!(
            "enters with {} of {}",
            state.price,
            state.bidder.bare()
        ));
    }

    #[behaviour(fsm(Bidding), on(performative = "propose", ontology = "raise"))]
    async fn raise(
        &mut self,
        state: &mut Bidding,
        Sender(bidder): Sender,
        Json(price): Json<u32>,
    ) -> Result<AcceptProposal<()>, RejectProposal> {
        if price <= state.price {
            return Err(RejectProposal::new(format!("{} is bid", state.price)));
        }
        *state = Bidding {
            bidder,
            price,
            bids: state.bids + 1,
        };
        Ok(AcceptProposal(()))
    }

    #[behaviour(fsm(Bidding), after = "10s", next(Sold, Unsold))]
    async fn hammer(&mut self, state: Bidding) -> peak::Result<Next<Bidding>> {
        self.note(&format!("hammer after {} bids", state.bids));
        if state.price == 13 {
            anyhow::bail!("an unlucky price");
        }
        Ok(if state.price < self.reserve {
            Next::to(Unsold)
        } else {
            Next::to(Sold {
                to: state.bidder,
                price: state.price,
            })
        })
    }

    #[behaviour(fsm(Bidding), exit)]
    async fn hide(&mut self) {
        self.note("leaves");
    }

    #[behaviour(fsm(Sold), end)]
    async fn hand_over(&mut self, ctx: &Context<Self>, sold: Sold) -> peak::Result<()> {
        self.note(&format!("sold for {}", sold.price));
        ctx.send(Message::inform(&sold.to).json(sold.price)).await
    }

    #[behaviour(fsm(Unsold), end)]
    async fn keep(&self) -> Flow {
        self.note("unsold");
        Flow::Exit(3)
    }
}

async fn seller(platform: &Platform, reserve: u32) -> (peak::AgentHandle<Seller>, Journal) {
    let journal = Journal::default();
    let seller = Seller {
        journal: journal.clone(),
        reserve,
    };
    let seller = platform.spawn("seller@localhost", seller).await;
    (seller.expect("it starts"), journal)
}

async fn bid(
    ctx: &Context<crate::Driver>,
    ontology: &str,
    price: u32,
) -> Result<Message, RequestError> {
    let bid = Message::propose("seller@localhost").with_ontology(ontology);
    ctx.request(bid.json(price), "1s").await
}

fn says(answer: &Message) -> (Option<Performative>, &str) {
    (answer.performative(), answer.body().unwrap_or_default())
}

#[tokio::test(start_paused = true)]
async fn messages_and_times_lead_from_state_to_state() {
    let platform = Platform::new();
    let (seller, journal) = seller(&platform, 5).await;
    drive(&platform, async |ctx| {
        let answer = bid(&ctx, "bid", 4).await.unwrap();
        assert_eq!(says(&answer).0, Some(Performative::AcceptProposal));
        ctx.sleep("9s").await.unwrap();
        let answer = bid(&ctx, "raise", 4).await.unwrap();
        assert_eq!(
            says(&answer),
            (Some(Performative::RejectProposal), "4 is bid")
        );
        let answer = bid(&ctx, "raise", 7).await.unwrap();
        assert_eq!(says(&answer).0, Some(Performative::AcceptProposal));
        // What it cannot read changes nothing.
        let wrong = Message::propose("seller@localhost")
            .with_ontology("raise")
            .text("much");
        let answer = ctx.request(wrong, "1s").await.unwrap();
        assert_eq!(says(&answer).0, Some(Performative::NotUnderstood));
        ctx.subscribe(peak::template!(performative = "inform"))
            .receive("1m")
            .await
    })
    .await
    .unwrap();
    let exit = seller.behaviour("sale").unwrap().join("1s").await.unwrap();
    assert!(matches!(exit, Exit::Finished(0)), "{exit:?}");
    let bidder = journal.read()[1].split_once(" of ").unwrap().1.to_owned();
    assert_eq!(
        journal.read(),
        [
            "opens at 4".to_owned(),
            format!("enters with 4 of {bidder}"),
            "hammer after 2 bids".to_owned(),
            "leaves".to_owned(),
            "sold for 7".to_owned(),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_machine_ends_with_the_exit_code_of_its_last_state() {
    let platform = Platform::new();
    let (seller, journal) = seller(&platform, 5).await;
    let exit = seller.behaviour("sale").unwrap().join("61s").await.unwrap();
    assert!(matches!(exit, Exit::Finished(3)), "{exit:?}");
    assert_eq!(journal.read(), ["unsold"]);
    seller.stop();
    assert_eq!(seller.join().await.failure_count, 0);
}

#[tokio::test(start_paused = true)]
async fn a_function_that_fails_ends_the_machine_where_it_is() {
    let platform = Platform::new();
    let (seller, journal) = seller(&platform, 5).await;
    drive(&platform, async |ctx| bid(&ctx, "bid", 13).await.unwrap()).await;
    let exit = seller.behaviour("sale").unwrap().join("1m").await.unwrap();
    assert_eq!(exit.to_string(), "in the state Bidding: an unlucky price");
    assert_eq!(journal.read().last().unwrap(), "hammer after 1 bids");
}

#[tokio::test(start_paused = true)]
async fn what_no_state_wants_waits_until_one_does_or_the_machine_ends() {
    let platform = Platform::new();
    let (seller, journal) = seller(&platform, 5).await;
    drive(&platform, async |ctx| {
        // Nobody has opened: `Waiting` takes any proposal, so this is the first bid.
        bid(&ctx, "raise", 6).await.unwrap();
        // A plain bid is for nobody in `Bidding`.
        let unwanted = Message::propose("seller@localhost")
            .with_ontology("bid")
            .json(9);
        let answer = ctx.request(unwanted, "20s").await.unwrap();
        assert_eq!(answer.performative(), Some(Performative::NotUnderstood));
    })
    .await;
    assert_eq!(journal.read().last().unwrap(), "sold for 6");
    drop(seller);
}

#[tokio::test(start_paused = true)]
async fn a_machine_can_be_killed_while_it_waits() {
    let platform = Platform::new();
    let (seller, journal) = seller(&platform, 5).await;
    seller.behaviour("sale").unwrap().kill(7);
    let exit = seller.behaviour("sale").unwrap().join("1s").await.unwrap();
    assert!(matches!(exit, Exit::Killed(7)), "{exit:?}");
    let answer = drive(&platform, async |ctx| bid(&ctx, "bid", 4).await.unwrap()).await;
    assert_eq!(answer.performative(), Some(Performative::NotUnderstood));
    assert!(journal.read().is_empty());
}

/// Goes round without ever waiting, on a task of its own.
#[derive(Debug, Clone, PartialEq, Default)]
struct Red {
    rounds: u32,
}
struct Green {
    rounds: u32,
}

#[agent]
struct Lights {
    journal: Journal,
}

#[agent]
impl Lights {
    #[behaviour(fsm(Red), initial = Red { rounds: 1 }, delay = "1s", next(Green), end)]
    async fn stop(ctx: Context<Self>, Red { rounds }: Red) -> Next<Red> {
        ctx.with(move |me| me.journal.note(format!("red {rounds}")))
            .await;
        if rounds == 3 {
            return Next::exit(9);
        }
        Next::to(Green { rounds })
    }

    #[behaviour(fsm(Green), next(Red))]
    async fn go(Green { rounds }: Green) -> Next<Green> {
        Next::to(Red { rounds: rounds + 1 })
    }
}

#[tokio::test(start_paused = true)]
async fn states_that_do_not_wait_follow_each_other() {
    let platform = Platform::new();
    let journal = Journal::default();
    let lights = Lights {
        journal: journal.clone(),
    };
    let lights = platform.spawn("lights@localhost", lights).await.unwrap();
    tokio::time::sleep(Duration::from_millis(900)).await;
    assert!(journal.read().is_empty());
    let exit = lights.behaviour("stop").unwrap().join("1s").await.unwrap();
    assert!(matches!(exit, Exit::Finished(9)), "{exit:?}");
    assert_eq!(journal.read(), ["red 1", "red 2", "red 3"]);
}

#[derive(Default)]
struct Calm;
struct Angry;

#[agent]
struct Moody {
    journal: Journal,
}

#[agent]
impl Moody {
    #[behaviour(fsm(Calm), initial, on(performative = "request"), next(Angry))]
    async fn poked(&mut self, calm: &Calm) -> (Agree, Next<Calm>) {
        let _ = calm;
        (Agree, Next::to(Angry))
    }

    #[behaviour(fsm(Calm), exit)]
    async fn farewell(&mut self, _: &Calm) {
        self.journal.note("leaves calm");
    }

    #[behaviour(fsm(Angry), on(performative = "request"), end)]
    async fn bursts(&mut self) -> Agree {
        panic!("bursts")
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_state_ends_the_machine_and_is_answered() {
    let platform = Platform::new();
    let journal = Journal::default();
    let moody = Moody {
        journal: journal.clone(),
    };
    let moody = platform.spawn("moody@localhost", moody).await.unwrap();
    let answers = drive(&platform, async |ctx| {
        let mut answers = Vec::new();
        for _ in 0..2 {
            let poke = Message::request("moody@localhost");
            answers.push(ctx.request(poke, "1s").await.unwrap());
        }
        answers
    })
    .await;
    assert_eq!(answers[0].performative(), Some(Performative::Agree));
    assert_eq!(
        says(&answers[1]),
        (Some(Performative::Failure), "internal error")
    );
    let exit = moody.behaviour("poked").unwrap().join("1s").await.unwrap();
    assert_eq!(exit.to_string(), "panicked: bursts");
    assert_eq!(journal.read(), ["leaves calm"]);
    moody.stop();
    let report = moody.join().await;
    assert_eq!(report.failures.len(), 1, "{report:?}");
}
