//! Subscribe, from both sides.

mod initiator;
mod participant;
