//! An agent that answers with a language model behind an HTTP endpoint, and one that asks it.
//!
//! - [`model`]: the agent that answers
//! - [`asker`]: the one that asks
//! - [`client`]: one call of the endpoint, with all that can go wrong
//! - [`trouble`]: what went wrong, and how it is answered
//! - [`history`]: what was said in each conversation, up to a bound
//! - [`key`]: the key, which nobody gets to see

mod asker;
mod client;
mod history;
mod key;
mod model;
mod trouble;

fn main() -> peak::ExitCode {
    peak::run()
}
