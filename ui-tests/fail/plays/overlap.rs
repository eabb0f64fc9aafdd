//! Handlers whose messages a part takes.

use peak::prelude::*;
use peak::protocol::contract_net::{self, Bid, Call};

#[agent]
struct Seller;

#[agent(plays(contract_net(ontology = "books")))]
impl Seller {
    /// Others may see what it takes.
    #[on_message(performative = "cfp", observe)]
    async fn all(&mut self) {}

    #[on_message(performative = "cfp", protocol = "fipa-contract-net", ontology = "books")]
    async fn books(&mut self) -> Refuse {
        Refuse::new("no")
    }

    /// These are not books.
    #[on_message(performative = "cfp", protocol = "fipa-contract-net")]
    async fn others(&mut self) -> Refuse {
        Refuse::new("no")
    }
}

impl contract_net::Participant for Seller {
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
