use peak::prelude::*;

#[agent]
struct Lamp {
    #[param(default = "twenty")]
    count: u32,
    #[param(default = "256")]
    level: u8,
    #[param(default = "-1")]
    places: usize,
    #[param(default = "2.5")]
    offset: i64,
    #[param(default = "warm")]
    target: f64,
    #[param(default = "yes")]
    on: bool,
    #[param(default = "ab")]
    letter: char,
    #[param(default = "bob@")]
    boss: Jid,
    // These are read as the user's would be.
    #[param(default = "20")]
    fine: u32,
    #[param(default = "1e3")]
    float: f32,
    #[param(default = "5")]
    digit: char,
    #[param(default = "bob@localhost")]
    friend: peak::Jid,
}

#[agent]
impl Lamp {}

fn main() {}
