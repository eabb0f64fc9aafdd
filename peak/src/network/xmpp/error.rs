//! Why an agent is not connected.

use std::io;

use crate::message::Jid;
use crate::text;

/// Why an agent, or a component, could not connect to its XMPP server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The server's name leads to no address.
    #[error(
        "the XMPP server `{host}` was not found: {reason}; \
         check the name, or say where the server is with `--xmpp HOST[:PORT]`"
    )]
    UnknownHost {
        /// The name.
        host: String,
        /// What the resolver says.
        reason: String,
    },
    /// Nothing listens there, or something in between refuses.
    #[error("no XMPP server answers at {place}: {reason}; is it running, and is the port right?")]
    Unreachable {
        /// Host and port.
        place: String,
        /// What the operating system says.
        reason: String,
    },
    /// The connection broke while it was being set up.
    #[error("{place} ended the connection: {reason}")]
    Broken {
        /// Host and port.
        place: String,
        /// How.
        reason: String,
    },
    /// It took too long.
    #[error("{place} did not answer within {seconds} s")]
    Timeout {
        /// Host and port.
        place: String,
        /// How long that is.
        seconds: u64,
    },
    /// The server offers no encryption.
    #[error(
        "{place} offers no TLS, and passwords are not sent without; \
         turn TLS on there, or accept that with `--insecure`"
    )]
    NoTls {
        /// Host and port.
        place: String,
    },
    /// The server cannot prove who it is.
    #[error(
        "the certificate of {place} is not valid for `{domain}`: {reason}; if the server has a \
         certificate of its own making, name its authority with `--ca FILE`; `--insecure` does \
         without any check"
    )]
    Certificate {
        /// Host and port.
        place: String,
        /// The domain that the certificate should be for.
        domain: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The server has said no in the terms of XMPP.
    #[error("{place} refuses the stream: {reason}")]
    Stream {
        /// Host and port.
        place: String,
        /// Its words.
        reason: String,
        /// The condition that RFC 6120 defines for it.
        condition: String,
    },
    /// The account does not exist, or has another password.
    #[error(
        "the server refuses the password of `{jid}` ({reason}): either it is wrong, or there is no \
         such account; `--register` makes one where the server allows it"
    )]
    WrongPassword {
        /// The account.
        jid: Jid,
        /// Its words.
        reason: String,
    },
    /// There is no password, and no account can be made.
    #[error(
        "there is no password for `{jid}`: give one with `--password-file FILE` or in the \
         environment as PEAK_PASSWORD, or have the account made with `--register`"
    )]
    NoPassword {
        /// The account.
        jid: Jid,
    },
    /// The account exists already, and its password is not known here.
    #[error(
        "the account `{jid}` exists already, and its password is not known here: give it with \
         `--password-file FILE` or in the environment as PEAK_PASSWORD; if it is an account of \
         Python's PEAK, `--jid-password` says so"
    )]
    AccountExists {
        /// The account.
        jid: Jid,
    },
    /// The server makes no accounts for whoever asks.
    #[error(
        "{place} makes no account for `{jid}`: {reason}; make it on the server \
         (`prosodyctl adduser {jid}`, or `ejabberdctl register {} {} PASSWORD`), or open \
         registration there", jid.local().unwrap_or_default(), jid.domain()
    )]
    NoRegistration {
        /// Host and port.
        place: String,
        /// The account.
        jid: Jid,
        /// Its words.
        reason: String,
    },
    /// No way to log in is known to both sides.
    #[error("{place} offers no way to log in that is spoken here: it offers {}", text::list(offered.iter().map(String::as_str)))]
    NoMechanism {
        /// Host and port.
        place: String,
        /// What the server offers.
        offered: Vec<String>,
    },
    /// The server takes no component of that name, or with that secret.
    #[error(
        "{place} refuses the component `{domain}`: {reason}; the component must be in the server's \
         configuration, with the same secret"
    )]
    Component {
        /// Host and port.
        place: String,
        /// Its domain.
        domain: String,
        /// Its words.
        reason: String,
    },
    /// Another session has taken the address.
    #[error(
        "another session has logged in as `{jid}` and taken the place of this one; \
         give each process resources, or names, of its own"
    )]
    Replaced {
        /// The address.
        jid: Jid,
    },
    /// The server does not speak as it should.
    #[error("{place} does not keep to XMPP: {reason}")]
    Protocol {
        /// Host and port.
        place: String,
        /// What was expected.
        reason: String,
    },
    /// What the user gave is wrong.
    #[error("{0}")]
    Settings(String),
}

impl ConnectError {
    /// Whether there is no hope that it goes away by itself. The address may be in use: by a session
    /// of our own, of which the server does not know yet that it is lost.
    pub(super) fn is_final(&self) -> bool {
        matches!(self, Self::Settings(_))
    }

    pub(super) fn broken(place: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Broken {
                place: place.to_owned(),
                reason: "without a word".to_owned(),
            },
            _ => Self::Broken {
                place: place.to_owned(),
                reason: error.to_string(),
            },
        }
    }

    pub(super) fn protocol(place: &str, reason: impl Into<String>) -> Self {
        Self::Protocol {
            place: place.to_owned(),
            reason: reason.into(),
        }
    }
}
