use peak::prelude::*;

struct Reading {
    kw: f64,
}

#[agent]
struct Meter {
    #[param]
    load: Dataset<Reading>,
}

#[agent]
impl Meter {}

#[agent]
struct Board {
    #[param]
    texts: Option<Dataset<String>>,
}

#[agent]
impl Board {}

fn main() {}
