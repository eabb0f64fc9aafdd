//! FIPA's interaction protocols, each on the embedded network and on Prosody: the same agents, the same
//! conversations. On the embedded network time is tokio's paused clock; on Prosody what is late is late by the
//! clock on the wall.

mod achieve;
mod auction;
mod brokering;
mod contract_net;
mod propose;
#[cfg(unix)]
mod python;
mod query;
mod request;
mod request_when;
mod subscribe;

use std::time::Duration;

use peak::prelude::*;
pub(crate) use peak_tests::agents::{Driver, Journal, context_of, drive, hands};
#[cfg(unix)]
use peak_tests::servers::Server;

/// A test on the embedded network, and the same one on Prosody.
macro_rules! on_both_networks {
    ($($(#[$attribute:meta])* async fn $name:ident($platform:ident: &Platform) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[tokio::test(start_paused = true)]
            async fn embedded() {
                run(&Platform::new()).await;
            }

            $(#[$attribute])*
            #[cfg(unix)]
            #[test]
            #[ignore = "needs Prosody"]
            fn prosody() {
                $crate::on_prosody(async |platform: Platform| run(&platform).await);
            }

            async fn run($platform: &Platform) $body
        }
    )*};
}
pub(crate) use on_both_networks;

/// How long a test may take in all.
#[cfg(unix)]
const LIMIT: Duration = Duration::from_secs(120);

/// Runs a test with agents that log in to a Prosody of its own, which carries all that they say.
#[cfg(unix)]
pub(crate) fn on_prosody(test: impl AsyncFnOnce(Platform)) {
    on_server(&Server::prosody().start(), test);
}

/// The same, on a server that runs.
#[cfg(unix)]
pub(crate) fn on_server(server: &Server, test: impl AsyncFnOnce(Platform)) {
    let xmpp = peak::Xmpp::new()
        .server(format!("localhost:{}", server.port()))
        .ca_file(server.ca())
        .credentials_file(server.folder().join("credentials"))
        .route_by_server(true);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("the system gives threads");
    let done = runtime.block_on(async {
        let platform = Platform::builder().xmpp(xmpp).build();
        tokio::time::timeout(LIMIT, test(platform)).await
    });
    assert!(done.is_ok(), "it took longer than {LIMIT:?}");
}
