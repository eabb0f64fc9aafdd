//! Agents on real XMPP servers, which the tests start themselves.
#![cfg(unix)]

mod crash;
mod talk;

use std::time::Duration;

use peak::prelude::*;
use peak::{PlatformBuilder, Schedule, Xmpp};
use peak_tests::servers::Server;

/// How agents reach a server of a test. Whatever they say goes over it.
fn access(server: &Server) -> Xmpp {
    Xmpp::new()
        .server(format!("localhost:{}", server.port()))
        .ca_file(server.ca())
        .credentials_file(server.folder().join("credentials"))
        .route_by_server(true)
}

fn builder(server: &Server) -> PlatformBuilder {
    // Shown with a test that fails.
    let log = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_test_writer();
    let _ = log.try_init();
    Platform::builder().xmpp(access(server))
}

fn platform(server: &Server) -> Platform {
    builder(server).build()
}

/// The same test on Prosody and on ejabberd.
macro_rules! on_both_servers {
    ($($(#[$attribute:meta])* async fn $name:ident($server:ident: Server) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs Prosody"]
            async fn prosody() {
                run(Server::prosody().start()).await;
            }

            $(#[$attribute])*
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            #[ignore = "needs ejabberd"]
            async fn ejabberd() {
                run(Server::ejabberd().start()).await;
            }

            #[allow(unused_mut, reason = "some tests stop the server")]
            async fn run(mut $server: Server) $body
        }
    )*};
}
pub(crate) use on_both_servers;

/// Does what a test wants done by an agent.
#[agent]
struct Hands;

#[agent]
impl Hands {}

/// A new agent with nothing to do, and its hands for the test to use.
async fn hands(platform: &Platform, jid: &str) -> Context<Hands> {
    let agent = platform.spawn(jid, Hands).await.expect("it connects");
    context_of(&agent).await
}

/// An agent's hands.
async fn context_of<A: Agent>(agent: &peak::AgentHandle<A>) -> Context<A> {
    let (sender, mut contexts) = tokio::sync::mpsc::unbounded_channel();
    agent.add(Behaviour::new(
        "lend",
        Schedule::OneShot,
        move |ctx: Context<A>| {
            let sent = sender.send(ctx);
            async move { drop(sent) }
        },
    ));
    contexts.recv().await.expect("it has hands")
}

/// Waits until it is so.
///
/// # Panics
///
/// If it is not so for half a minute.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    for _ in 0..3000 {
        if is_so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within half a minute: {what}");
}
