//! Agents that a `macro_rules!` writes: fragments arrive in invisible groups.
#![deny(warnings)]

use peak::prelude::*;
use std::time::Duration;

macro_rules! agent_of {
    (
        $(#[$meta:meta])* $vis:vis $name:ident, $ty:ty, $default:expr, $period:expr, $act:literal,
        $body:block, $args:tt, $number:literal
    ) => {
        $(#[$meta])*
        #[agent]
        $vis struct $name {
            #[param(default = $default)]
            level: $ty,
            #[param(default = $number)]
            number: u8,
        }

        #[agent]
        impl $name {
            $(#[$meta])*
            #[behaviour(periodic = $period)]
            $vis async fn tick(&mut self) $body

            #[on_message(performative = $act)]
            async fn hear $args {}

            const fn level(&self) -> $ty {
                self.level
            }

            $(#[$meta])*
            #[on_stop]
            async fn stop(&mut self) $body
        }
    };
}

agent_of!(
    /// A lamp.
    #[allow(dead_code)]
    pub(crate) Lamp, Duration, "5s", "1m30s", "inform", { std::future::ready(()).await; }, (&mut self, _text: Text), 5
);
agent_of!(Fan, u64, 1 + 1, Duration::from_secs(5), "request", {}, (_ctx: Context<Self>), 6);

fn main() {
    let lamp = Lamp { level: Duration::ZERO, number: 1 };
    let fan = Fan { level: 2, number: 1 };
    println!("{:?} {} {} {}", lamp.level(), fan.level(), lamp.number, fan.number);
}
