//! What each part lacks.

use peak::prelude::*;
use peak::protocol::{auction, brokering, propose, query, request, request_when, subscribe};

#[agent]
struct Lazy;

#[agent(plays(request, query, request_when, propose, subscribe, auction, brokering))]
impl Lazy {}

impl request::Participant for Lazy {}

impl query::Participant for Lazy {}

impl request_when::Participant for Lazy {}

impl propose::Participant for Lazy {}

impl subscribe::Participant for Lazy {}

impl auction::Participant for Lazy {}

impl brokering::Participant for Lazy {}

fn main() {}
