//! Parts that nobody can play as they are written.

use peak::prelude::*;

#[agent(plays(contract_net))]
struct OnStruct;

#[agent]
impl OnStruct {}

#[agent]
struct Misspelt;

#[agent(plays(contract_nett, fipa_contract_net, haggling))]
impl Misspelt {}

#[agent]
struct Dashed;

#[agent(plays(contract-net))]
impl Dashed {}

#[agent]
struct Quoted;

#[agent(plays("contract_net"))]
impl Quoted {}

#[agent]
struct Empty;

#[agent(plays())]
impl Empty {}

#[agent]
struct NoList;

#[agent(plays = contract_net)]
impl NoList {}

#[agent]
struct Twice;

#[agent(plays(contract_net, contract_net))]
impl Twice {}

#[agent]
struct Value;

#[agent(plays(contract_net = "books"))]
impl Value {}

#[agent]
struct Conditions;

#[agent(plays(contract_net(ontolgy = "books"), request(performative = "requests")))]
impl Conditions {}

// They do implement what they say that they play: only the words are wrong.
macro_rules! players {
    ($($agent:ident)*) => {$(
        impl peak::protocol::contract_net::Participant for $agent {
            type Task = Text;
            type Offer = ();
            type Outcome = ();

            async fn called(
                &mut self,
                _: &Context<Self>,
                _: &peak::protocol::contract_net::Call<Text>,
            ) -> Result<(), Refuse> {
                Ok(())
            }

            async fn accepted(
                _: Context<Self>,
                _: peak::protocol::contract_net::Bid<Self>,
            ) -> Result<(), Failure> {
                Ok(())
            }
        }
    )*};
}

players! { Dashed Quoted Twice Value Conditions }

impl peak::protocol::request::Participant for Conditions {
    type Task = Text;
    type Outcome = ();

    async fn requested(
        &mut self,
        _: &Context<Self>,
        _: &peak::protocol::Asked<Text>,
    ) -> Result<(), Refuse> {
        Ok(())
    }

    async fn perform(_: Context<Self>, _: peak::protocol::Asked<Text>) -> Result<(), Failure> {
        Ok(())
    }
}

fn main() {}
