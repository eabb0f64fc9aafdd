//! Answers that have no place where the conversation stands.

use peak::prelude::*;
use peak::protocol::contract_net::{self, Bid, Call};

#[agent]
struct Agrees;

#[agent(plays(contract_net))]
impl Agrees {}

impl contract_net::Participant for Agrees {
    type Task = Text;
    type Offer = String;
    type Outcome = ();

    /// A call is not agreed to.
    async fn called(&mut self, _: &Context<Self>, _: &Call<Text>) -> Result<Agree, Refuse> {
        Ok(Agree)
    }

    /// What was offered is not refused.
    async fn accepted(_: Context<Self>, _: Bid<Self>) -> Result<(), Refuse> {
        Err(Refuse::new("I have changed my mind"))
    }
}

#[agent]
struct Says;

#[agent(plays(contract_net))]
impl Says {}

impl contract_net::Participant for Says {
    type Task = Text;
    type Offer = String;
    type Outcome = ();

    async fn called(&mut self, _: &Context<Self>, _: &Call<Text>) -> Result<String, Refuse> {
        Err("sold out")
    }

    /// Runs beside the agent, and so without its state.
    async fn accepted(&mut self, _: Context<Self>, _: Bid<Self>) -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {}
