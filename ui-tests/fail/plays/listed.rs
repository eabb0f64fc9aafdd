//! A part that is played is listed and implemented, both.

use peak::prelude::*;
use peak::protocol::contract_net::{self, Bid, Call};

#[agent]
struct Unable;

#[agent(plays(contract_net))]
impl Unable {}

#[agent]
struct Unlisted;

#[agent]
impl Unlisted {}

impl contract_net::Participant for Unlisted {
    type Task = Text;
    type Offer = String;
    type Outcome = ();

    async fn called(&mut self, _: &Context<Self>, _: &Call<Text>) -> Result<String, Refuse> {
        Err(Refuse::new("no"))
    }

    async fn accepted(_: Context<Self>, _: Bid<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {}
