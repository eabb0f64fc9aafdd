//! Agents on the embedded network, as their users see them. Time is tokio's paused clock: it jumps
//! to whatever is waited for next, so nothing here sleeps.

mod behaviours;
mod content;
mod context;
mod conversations;
mod defects;
mod delivery;
mod handlers;
mod lifecycle;
mod machines;
mod presence;

pub(crate) use peak_tests::agents::{Driver, Journal, drive};
