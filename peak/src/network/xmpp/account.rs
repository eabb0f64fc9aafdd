//! An agent with an account of its own: from its address to a session on its server.

use std::sync::Arc;

use super::connect::{Endpoint, Opened};
use super::error::ConnectError;
use super::login::log_in;
use super::register::{Registered, register};
use super::secret::Secret;
use super::settings::Settings;
use super::setup::{self, Resumable};
use super::stream::Stream;
use crate::message::Jid;

/// How an account is reached.
#[derive(Debug, Clone)]
pub(super) struct Account {
    /// The full address.
    pub(super) jid: Jid,
    pub(super) settings: Arc<Settings>,
    pub(super) endpoint: Endpoint,
}

impl Account {
    /// Connects and logs in, and makes the account before that if it is asked for; then takes up
    /// the session again, or begins one.
    pub(super) async fn establish(
        &self,
        resume: Option<(&Resumable, u32)>,
    ) -> Result<(Stream, setup::Session), ConnectError> {
        let mut opened = self.endpoint.open(self.jid.domain()).await?;
        let place = opened.place.clone();
        let known = self.password().await?;
        let (features, mut stream) = match known {
            None => {
                let password = self.make_account(&mut opened).await?;
                log_in(opened, &self.jid, password.expose()).await?
            }
            Some(password) => match log_in(opened, &self.jid, password.expose()).await {
                Err(error @ ConnectError::WrongPassword { .. }) if self.registers() => {
                    // There may be no such account yet, or not any more.
                    let mut opened = self.endpoint.open(self.jid.domain()).await?;
                    match register(&mut opened, &self.jid, password.expose()).await? {
                        Registered::Exists => return Err(error),
                        Registered::Done => {
                            tracing::info!(agent = %self.jid, "the account was made");
                            log_in(opened, &self.jid, password.expose()).await?
                        }
                    }
                }
                result => result?,
            },
        };
        let session = setup::set_up(&mut stream, &place, &features, &self.jid, resume).await?;
        Ok((stream, session))
    }

    fn registers(&self) -> bool {
        let host = self.endpoint.host.as_deref();
        self.settings
            .registration(host.unwrap_or_else(|| self.jid.domain()))
    }

    async fn password(&self) -> Result<Option<Secret>, ConnectError> {
        let jid = self.jid.bare();
        self.off_thread(move |settings| settings.password_for(&jid))
            .await
    }

    /// Makes the account with a password that nobody else knows. It is written down first: a
    /// password that is lost cannot be found again.
    async fn make_account(&self, opened: &mut Opened) -> Result<Secret, ConnectError> {
        let jid = self.jid.bare();
        if !self.registers() {
            return Err(ConnectError::NoPassword { jid });
        }
        let password =
            Secret::generate().map_err(|error| ConnectError::Settings(error.to_string()))?;
        let (account, secret) = (jid.clone(), password.clone());
        self.off_thread(move |settings| settings.remember(&account, &secret))
            .await?;
        let made = register(opened, &self.jid, password.expose()).await;
        match made {
            Ok(Registered::Done) => {
                tracing::info!(agent = %self.jid, "the account was made");
                return Ok(password);
            }
            Ok(Registered::Exists) | Err(_) => {
                let account = jid.clone();
                self.off_thread(move |settings| settings.forget(&account))
                    .await?;
            }
        }
        made?;
        Err(ConnectError::AccountExists { jid })
    }

    /// Reads and writes files where that holds nobody up.
    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Settings) -> Result<T, super::CredentialsError> + Send + 'static,
    ) -> Result<T, ConnectError> {
        let settings = Arc::clone(&self.settings);
        match tokio::task::spawn_blocking(move || work(&settings)).await {
            Ok(done) => done.map_err(|error| ConnectError::Settings(error.to_string())),
            Err(error) => Err(ConnectError::Settings(error.to_string())),
        }
    }
}
