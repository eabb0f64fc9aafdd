//! A small market: buyers call for proposals, and take the best of them.

mod buyer;
mod messages;
mod seller;

fn main() -> peak::ExitCode {
    peak::run()
}
