//! Messages of a part that nobody handles.

use peak::prelude::*;
use peak::protocol::contract_net::{self, Bid, Call};

#[agent]
struct Careless;

#[agent(plays(contract_net))]
impl Careless {}

impl contract_net::Participant for Careless {
    type Task = Text;
    type Offer = String;

    async fn called(&mut self, _: &Context<Self>, _: &Call<Text>) -> Result<String, Refuse> {
        Err(Refuse::new("no"))
    }
}

#[agent]
struct Hasty;

#[agent(plays(contract_net))]
impl Hasty {}

impl contract_net::Participant for Hasty {
    type Task = Text;
    type Offer = String;
    type Outcome = ();

    async fn accepted(_: Context<Self>, _: Bid<Self>) -> Result<(), Failure> {
        Ok(())
    }

    async fn rejected(&mut self) {}
}

fn main() {}
