//! A sensor that tells whoever has subscribed what it measures, by FIPA's Subscribe.

mod display;
mod sensor;

fn main() -> peak::ExitCode {
    peak::run()
}
