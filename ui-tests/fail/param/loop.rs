use peak::prelude::*;

#[agent]
struct Board {
    #[param(loop)]
    texts: Vec<String>,
    #[param(loop = true)]
    more: Dataset<String>,
    #[param(looop)]
    yet: Dataset<String>,
    #[param(default = "texts.txt", loop)]
    fine: Dataset<String>,
}

#[agent]
impl Board {}

fn main() {}
