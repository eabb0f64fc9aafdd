//! Parts that nobody can play as they are written.

use peak::prelude::*;

#[agent(plays(contract_net))]
struct OnStruct;

#[agent]
impl OnStruct {}

#[agent]
struct Misspelt;

#[agent(plays(contract_nett, contract-net, "contract_net", fipa_contract_net, haggling))]
impl Misspelt {}

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

fn main() {}
