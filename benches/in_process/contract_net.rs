//! A contract net with a thousand participants, one of whom wins.

use std::sync::Arc;
use std::time::Duration;

use peak::prelude::*;
use peak::protocol::contract_net::{self, Bid, Call};

use crate::harness::{body, timed};
use crate::ours::drive;

const PARTICIPANTS: usize = 1000;

#[agent]
struct Seller {
    price: u32,
}

#[agent(plays(contract_net))]
impl Seller {}

impl contract_net::Participant for Seller {
    type Task = Message;
    type Offer = Json<u32>;
    type Outcome = ();

    async fn called(
        &mut self,
        _: &Context<Self>,
        call: &Call<Message>,
    ) -> Result<Json<u32>, Refuse> {
        assert_eq!(call.body().map(str::len), Some(100));
        Ok(Json(self.price))
    }

    async fn accepted(_: Context<Self>, _: Bid<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

/// A call, a proposal, and what becomes of it: three messages to a participant.
pub(crate) async fn ours(messages: usize) -> Duration {
    let platform = Platform::new();
    let mut sellers = Vec::new();
    for nth in 0..PARTICIPANTS {
        let price = u32::try_from(nth + 1).expect("few");
        let seller = platform.spawn(format!("seller{nth}@localhost"), Seller { price });
        sellers.push(seller.await.expect("spawned").jid().clone());
    }
    let sellers = Arc::new(sellers);
    timed(async {
        let calling = drive(&platform, move |ctx| {
            let sellers = Arc::clone(&sellers);
            async move {
                for _ in 0..messages / PARTICIPANTS / 3 {
                    trade(&ctx, &sellers).await;
                }
            }
        })
        .await;
        calling.join(None).await.expect("joined");
    })
    .await
}

async fn trade<A: Agent>(ctx: &Context<A>, sellers: &[Jid]) {
    let call = ctx.contract_net(body()).to(sellers).deadline("1m");
    let call = call.await.expect("called");
    assert_eq!(call.proposals().len(), PARTICIPANTS);
    let price = |proposal: &&Message| proposal.content::<u32>().expect("a price");
    let best = call.proposals().iter().min_by_key(price);
    let winner = best.and_then(Message::sender).cloned();
    let awarded = call.award(winner, "1m").await.expect("awarded");
    assert_eq!(awarded.done().len(), 1);
}
