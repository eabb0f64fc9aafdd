//! Buyers of books ask all sellers for an offer, and take the cheapest: JADE's first example, by Contract Net.

mod buyer;
mod seller;

fn main() -> peak::ExitCode {
    peak::run()
}
