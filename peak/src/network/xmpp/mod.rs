//! Agents on XMPP servers: the seam as stanzas.

#[allow(dead_code, reason = "a connection asks all of it")]
pub(crate) mod credentials;
#[allow(dead_code, reason = "a connection writes it")]
mod secret;
#[allow(dead_code, reason = "a connection reads all of it")]
pub(crate) mod settings;
mod stanza;

pub use credentials::CredentialsError;
pub use secret::Secret;
pub use settings::{SettingsError, Xmpp};
