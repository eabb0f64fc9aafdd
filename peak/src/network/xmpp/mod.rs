//! Agents on XMPP servers: the seam as stanzas.
//!
//! [`network`] implements the seam. Each agent with an account, and each component, has a
//! [`line`]: a bounded queue of what goes out, and a [`task`] that owns the stream, works on it
//! ([`serve`]) and restores it. [`connect`], [`login`], [`register`] and [`setup`] lead from an
//! address to a session; [`stanza`] is what goes over it. [`doctor`] looks at what a server offers.

mod account;
mod acquaintances;
mod component;
mod connect;
pub(crate) mod credentials;
#[cfg(feature = "cli")]
pub(crate) mod doctor;
mod error;
mod features;
mod fences;
mod flight;
mod hosted;
mod ids;
mod incoming;
mod inquiry;
mod io;
mod line;
mod login;
mod network;
mod outbox;
mod parking;
mod places;
mod presence;
mod register;
mod retries;
mod roster;
mod seen;
mod serve;
pub(crate) mod settings;
mod setup;
mod stanza;
mod stanzas;
mod stream;
mod task;
mod tls;
mod versioned;
mod wire;

pub use credentials::{CredentialsError, Secret};
pub use error::ConnectError;
pub(crate) use network::XmppNetwork;
pub use settings::{SettingsError, Xmpp};
#[cfg(feature = "cli")]
pub(crate) use stanza::unwritable;
