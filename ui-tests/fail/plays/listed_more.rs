//! Parts that are listed and not implemented.

use peak::prelude::*;

#[agent]
struct Unable;

#[agent(plays(request, query, request_when, propose, subscribe, auction, brokering))]
impl Unable {}

fn main() {}
