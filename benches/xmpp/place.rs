//! Where the server of a run is, in a form that can be handed to another process.

use std::path::PathBuf;

use peak_tests::servers::Server;

/// All that a client or a component needs to know.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) port: u16,
    pub(crate) component_port: u16,
    pub(crate) component: String,
    pub(crate) component_secret: String,
    pub(crate) ca: PathBuf,
    /// The number of the server's process.
    pub(crate) process: u32,
}

/// The domain of the accounts.
pub(crate) const DOMAIN: &str = "localhost";

/// The password of every account of the bench; the server is of this run and on this machine only.
pub(crate) const PASSWORD: &str = "benchmark";

/// In which a process that measures memory is told where the server is.
const VARIABLE: &str = "PEAK_BENCH_PLACE";

impl Place {
    pub(crate) fn of(server: &Server) -> Self {
        Self {
            port: server.port(),
            component_port: server.component_port(),
            component: server.component().to_owned(),
            component_secret: server.component_secret().to_owned(),
            ca: server.ca().to_owned(),
            process: server.process_id(),
        }
    }

    /// The variable of the environment that tells another process of this place.
    pub(crate) fn variable(&self) -> (&'static str, String) {
        let parts = [
            self.port.to_string(),
            self.component_port.to_string(),
            self.component.clone(),
            self.component_secret.clone(),
            self.process.to_string(),
            self.ca.display().to_string(),
        ];
        (VARIABLE, parts.join("\n"))
    }

    /// The place of which this process was told.
    pub(crate) fn told() -> Self {
        let told = std::env::var(VARIABLE).expect("whoever starts this says where the server is");
        let mut parts = told.splitn(6, '\n').map(str::to_owned);
        let mut part = || parts.next().expect("six parts");
        Self {
            port: part().parse().expect("a port"),
            component_port: part().parse().expect("a port"),
            component: part(),
            component_secret: part(),
            process: part().parse().expect("a number"),
            ca: part().into(),
        }
    }
}
