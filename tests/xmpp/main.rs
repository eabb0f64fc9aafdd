//! Agents on real XMPP servers, which the tests start themselves.
#![cfg(unix)]

mod accounts;
mod component;
mod crash;
mod eyes;
mod failures;
mod log;
mod presence;
mod process;
mod proxy;
mod python;
mod send;
mod sessions;
mod talk;

use std::time::Duration;

use peak::prelude::*;
use peak::{PlatformBuilder, Xmpp};
use peak_tests::agents::{Driver as Hands, Journal, context_of, hands};
use peak_tests::left_out;
use peak_tests::servers::Server;

use eyes::Eyes;
use log::Log;

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a test may take in all.
const LIMIT: Duration = Duration::from_secs(300);

/// How agents reach a server of a test. Whatever they say goes over it.
fn access(server: &Server) -> Xmpp {
    access_at(server, server.port())
}

/// The same, by another port.
fn access_at(server: &Server, port: u16) -> Xmpp {
    Xmpp::new()
        .server(format!("localhost:{port}"))
        .ca_file(server.ca())
        .credentials_file(server.folder().join("credentials"))
        .route_by_server(true)
}

fn builder(server: &Server) -> PlatformBuilder {
    Platform::builder().xmpp(access(server))
}

fn platform(server: &Server) -> Platform {
    builder(server).build()
}

/// Runs a test on a runtime and with a log of its own.
///
/// # Panics
///
/// As the test does, and if it takes too long.
fn live(test: impl Future<Output = ()>) {
    let log = Log::default();
    let dispatch = log.dispatch();
    log.enter(&dispatch);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .on_thread_start(move || log.enter(&dispatch))
        .build()
        .expect("the system gives threads");
    let done = runtime.block_on(async { tokio::time::timeout(LIMIT, test).await });
    assert!(done.is_ok(), "it took longer than {LIMIT:?}");
}

/// The same test on Prosody and on ejabberd: on a `Server` that runs, or on a `Builder` of one.
macro_rules! on_both_servers {
    ($($(#[$attribute:meta])* async fn $name:ident($server:ident: $kind:ident) $body:block)*) => {$(
        mod $name {
            use super::*;

            $(#[$attribute])*
            #[test]
            #[ignore = "needs Prosody"]
            fn prosody() {
                $crate::live(run($crate::on_both_servers!(@ $kind prosody)));
            }

            $(#[$attribute])*
            #[test]
            #[ignore = "needs ejabberd"]
            fn ejabberd() {
                $crate::live(run($crate::on_both_servers!(@ $kind ejabberd)));
            }

            #[allow(unused_mut, reason = "some tests stop the server")]
            async fn run(mut $server: $kind) $body
        }
    )*};
    (@ Server $name:ident) => {
        peak_tests::servers::Server::$name().start()
    };
    (@ Builder $name:ident) => {
        peak_tests::servers::Server::$name()
    };
}
pub(crate) use on_both_servers;

/// A test that needs Prosody only.
macro_rules! on_prosody {
    ($($(#[$attribute:meta])* async fn $name:ident() $body:block)*) => {$(
        $(#[$attribute])*
        #[test]
        #[ignore = "needs Prosody"]
        fn $name() {
            $crate::live(async $body);
        }
    )*};
}
pub(crate) use on_prosody;

/// Waits until the server has handled all that an agent has said so far: a message to itself has
/// overtaken nothing.
async fn settled<A: Agent>(ctx: &Context<A>) {
    let echo = ctx.subscribe(template!(ontology = "echo"));
    let message = Message::inform(ctx.jid()).with_ontology("echo");
    ctx.send(message).await.expect("it is sent");
    let came = echo.receive(PATIENCE).await.expect("a proper time");
    assert!(came.is_some(), "no echo of {}", ctx.jid());
}

/// Waits until it is so.
///
/// # Panics
///
/// If it is not so in time.
async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begin = tokio::time::Instant::now();
    while !is_so() {
        assert!(begin.elapsed() < PATIENCE, "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
