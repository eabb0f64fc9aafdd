use peak::prelude::*;

#[agent]
struct Lamp {
    #[param]
    who: &'static str,
    #[param(default)]
    rooms: Vec<&'static str>,
    #[param]
    levels: &'static [u8],
    // One that is no parameter may well point at what lives for ever.
    kind: &'static str,
}

#[agent]
impl Lamp {}

fn main() {}
