//! A local electricity market: a day of it, quarter by quarter.
//!
//! - [`clock`]: begins each quarter of an hour, adds up what is reported, and checks the sums
//! - [`household`]: uses electricity, and buys it where it is cheapest
//! - [`seller`]: produces electricity, stores it, and sells it
//! - [`messages`]: what they say to each other
//! - [`load`], [`money`], [`members`], [`table`]: what they all need for it

mod clock;
mod household;
mod load;
mod members;
mod messages;
mod money;
mod seller;
mod table;

fn main() -> peak::ExitCode {
    peak::run()
}
