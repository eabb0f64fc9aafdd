//! The Contract Net, from both sides.

mod initiator;
mod participant;
