//! Real XMPP servers for tests: Prosody and ejabberd with the configurations of `deploy/`, each with a folder,
//! ports and a certificate of its own, so that tests run beside each other.
//!
//! ```no_run
//! use peak_tests::servers::Server;
//!
//! let mut server = Server::prosody().start();
//! server.add_account("bob", "secret");
//! // … connect to 127.0.0.1, server.port(), and trust server.ca() …
//! server.restart();
//! ```
//!
//! Tests that use it are `#[ignore = "needs Prosody"]` or `#[ignore = "needs ejabberd"]`, and run with
//! `cargo test -- --include-ignored`. What is not installed is a panic that names the package.

mod builder;
mod certificates;
mod database;
mod ejabberd;
mod ports;
mod process;
mod prosody;
mod server;
pub mod stream;

pub use builder::{Builder, Wrong};
pub use database::{Access, Database, Storage};
pub use server::Server;

/// Writes each test for both servers: a function that takes a [`Builder`] becomes two tests,
/// `prosody::its_name` and `ejabberd::its_name`.
///
/// It is used once in a file, beside the functions.
#[macro_export]
macro_rules! both {
    ($($name:ident)*) => {
        mod prosody {
            $(#[test]
            #[ignore = "needs Prosody"]
            fn $name() {
                super::$name($crate::servers::Server::prosody());
            })*
        }

        mod ejabberd {
            $(#[test]
            #[ignore = "needs ejabberd"]
            fn $name() {
                super::$name($crate::servers::Server::ejabberd());
            })*
        }
    };
}

/// The domain of every server.
const DOMAIN: &str = "localhost";

/// The domain of the component.
const COMPONENT: &str = "agents.localhost";

/// 128 random bits.
fn secret() -> String {
    let mut bytes = [0; 16];
    std::fs::File::open("/dev/urandom")
        .and_then(|mut random| std::io::Read::read_exact(&mut random, &mut bytes))
        .expect("the system has randomness");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Prosody,
    Ejabberd,
}
