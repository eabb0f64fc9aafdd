//! The Contract Net, from both sides.

mod course;
mod initiator;
mod participant;
