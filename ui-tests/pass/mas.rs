//! A deployment file with everything that the compiler looks at.

use peak::prelude::*;
use std::collections::HashMap;
use std::num::NonZero;
use std::time::Duration;

mod agents {
    use super::*;

    #[agent]
    pub struct SmartMeter {
        #[param]
        to: Jid,
        #[param(default = "5s")]
        period: Duration,
        #[param(default)]
        limit: Option<u8>,
        #[param(default = 1.0)]
        factor: f64,
        #[param(default = 'x')]
        letter: char,
        #[param(default)]
        names: Vec<String>,
        #[param(default)]
        prices: HashMap<String, f64>,
        #[param]
        count: NonZero<u16>,
        #[param(default)]
        own: Own,
        #[param(default)]
        on: bool,
    }

    #[agent]
    impl SmartMeter {}

    #[derive(Default, serde::Deserialize)]
    pub struct Own {
        pub depth: u8,
    }

    #[agent(name = "house")]
    pub struct Building;

    #[agent]
    impl Building {}
}

use agents::{Building as House, SmartMeter};

const SYSTEM: peak::Deployment = peak::mas!("pass/mas/system.yaml");

fn main() {
    let inside = mas!("pass/mas/system.yaml",);
    assert_eq!(inside, SYSTEM);
    assert_eq!(SYSTEM.name(), "pass/mas/system.yaml");
    assert!(SYSTEM.text().contains("smart_meter"));
    let _: fn(peak::Deployment) -> peak::ExitCode = peak::Deployment::run;
}
