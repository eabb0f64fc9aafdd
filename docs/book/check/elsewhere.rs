//! Agents that pages only speak of: the examples of deployment files need somebody to start.

use std::time::Duration;

use peak::prelude::*;

#[agent]
struct Shop {
    #[param(default = 1)]
    stock: u32,
    #[param(default = "1s")]
    patience: Duration,
    #[param(default)]
    label: String,
}

#[agent]
impl Shop {
    #[on_message(performative = "query-ref")]
    async fn tell(&self) -> Inform<String> {
        Inform(format!(
            "{}: {} for {:?}",
            self.label, self.stock, self.patience
        ))
    }
}

#[agent]
struct Buyer {
    #[param(default = "1s")]
    patience: Duration,
}

#[agent]
impl Buyer {
    #[on_message(performative = "query-ref")]
    async fn tell(&self) -> Inform<String> {
        Inform(format!("{:?}", self.patience))
    }
}

#[agent]
struct Log;

#[agent]
impl Log {}

#[agent]
struct Meter;

#[agent]
impl Meter {}
