//! What messages of a part cannot carry.

use peak::prelude::*;
use peak::protocol::contract_net::{self, Bid, Call};

#[derive(Debug, Clone)]
struct Price(u32);

#[agent]
struct Seller;

#[agent(plays(contract_net))]
impl Seller {}

impl contract_net::Participant for Seller {
    type Task = Price;
    type Offer = Price;
    type Outcome = u32;

    async fn called(&mut self, _: &Context<Self>, _: &Call<Price>) -> Result<Price, Refuse> {
        Ok(Price(3))
    }

    async fn accepted(_: Context<Self>, _: Bid<Self>) -> Result<u32, Failure> {
        Ok(3)
    }
}

fn main() {}
