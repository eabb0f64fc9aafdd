//! A hundred bidders, each of whom knows alone what a painting is worth to it, and an auctioneer who sells it by
//! FIPA's English auction.

mod auctioneer;
mod bidder;

fn main() -> peak::ExitCode {
    peak::run()
}
