//! What a server is to be like.

use super::{Kind, Server, Storage};

/// A server before it is started; made by [`Server::prosody`] or [`Server::ejabberd`].
#[derive(Clone, Debug)]
#[must_use = "a server runs only after `start`"]
pub struct Builder {
    pub(super) kind: Kind,
    pub(super) without: Vec<String>,
    pub(super) registration: bool,
    pub(super) encrypted: bool,
    pub(super) archive: bool,
    pub(super) wrong: Option<Wrong>,
    pub(super) storage: Storage,
}

/// What is wrong with a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It is for another server.
    Name,
    /// It was valid until yesterday.
    Expired,
    /// No authority signed it; [`Server::ca`] is that of nobody.
    SelfSigned,
}

impl Builder {
    pub(super) fn new(kind: Kind) -> Self {
        Self {
            kind,
            without: Vec::new(),
            registration: true,
            encrypted: true,
            archive: false,
            wrong: None,
            storage: Storage::Own,
        }
    }

    /// Leaves a module out, by its name in Prosody: `smacks`, `carbons`, `muc`, `pubsub`, `ping`, … ; for
    /// ejabberd it is translated.
    ///
    /// # Panics
    ///
    /// When it starts, if the configuration has no such module.
    pub fn without(mut self, module: &str) -> Self {
        self.without.push(module.to_owned());
        self
    }

    /// Lets nobody register.
    pub fn without_registration(mut self) -> Self {
        self.registration = false;
        self
    }

    /// Offers no encryption, and lets clients log in without.
    pub fn plain_only(mut self) -> Self {
        self.encrypted = false;
        self
    }

    /// Keeps every message.
    pub fn with_mam(mut self) -> Self {
        self.archive = true;
        self
    }

    /// Presents a certificate that no client may accept.
    pub fn certificate(mut self, wrong: Wrong) -> Self {
        self.wrong = Some(wrong);
        self
    }

    /// Keeps accounts, and all else, elsewhere than in the server's own files.
    pub fn storage(mut self, storage: Storage) -> Self {
        self.storage = storage;
        self
    }

    /// Starts it, and waits until it answers.
    ///
    /// # Panics
    ///
    /// With the server's log if it does not come up; with the name of a package if it is not installed.
    pub fn start(self) -> Server {
        Server::start(self)
    }
}
