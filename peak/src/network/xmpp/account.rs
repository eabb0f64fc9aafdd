//! An agent with an account of its own: from its address to a session on its server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::OwnedMutexGuard;

use super::connect::{Endpoint, Opened, in_time};
use super::credentials::Secret;
use super::error::ConnectError;
use super::features::Features;
use super::login::log_in;
use super::register::{Registered, register};
use super::settings::Settings;
use super::setup::{self, Resumable};
use super::stream::Stream;
use crate::message::Jid;

/// Those who are about to make an account, by its bare address.
static MAKING: Mutex<BTreeMap<Jid, Arc<tokio::sync::Mutex<()>>>> = Mutex::new(BTreeMap::new());

/// Waits until no other session of the account is about to make it.
async fn alone_with(jid: &Jid) -> OwnedMutexGuard<()> {
    let lock = {
        let mut making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        // Those that nobody holds or waits for any more.
        making.retain(|_, lock| Arc::strong_count(lock) > 1);
        Arc::clone(making.entry(jid.bare()).or_default())
    };
    lock.lock_owned().await
}

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
        let (password, is_made) = match self.password().await? {
            Some(password) => (password, false),
            None => {
                let _alone = alone_with(&self.jid).await;
                // Another session of the account may have made it by now.
                match self.password().await? {
                    Some(password) => (password, false),
                    None => self.make_account(&mut opened).await?,
                }
            }
        };
        let (features, mut stream) = match self.log_in(opened, &password).await {
            Err(ConnectError::WrongPassword { .. }) if self.registers() && !is_made => {
                // There may be no such account yet, or not any more.
                let alone = alone_with(&self.jid).await;
                let mut opened = self.endpoint.open(self.jid.domain()).await?;
                if self.register(&mut opened, &password).await? == Registered::Done {
                    tracing::info!(agent = %self.jid, "the account was made");
                }
                drop(alone);
                // One that exists may have been made just now.
                self.log_in(opened, &password).await?
            }
            result => result?,
        };
        let set_up = setup::set_up(&mut stream, &place, &features, &self.jid, resume);
        let session = in_time(&place, set_up).await?;
        Ok((stream, session))
    }

    async fn log_in(
        &self,
        opened: Opened,
        password: &Secret,
    ) -> Result<(Features, Stream), ConnectError> {
        let place = opened.place.clone();
        in_time(&place, log_in(opened, &self.jid, password.expose())).await
    }

    async fn register(
        &self,
        opened: &mut Opened,
        password: &Secret,
    ) -> Result<Registered, ConnectError> {
        let place = opened.place.clone();
        in_time(&place, register(opened, &self.jid, password.expose())).await
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
    /// password that is lost cannot be found again. If another process has done so meanwhile, that is
    /// the password, and the account may not be made yet.
    async fn make_account(&self, opened: &mut Opened) -> Result<(Secret, bool), ConnectError> {
        let jid = self.jid.bare();
        if !self.registers() {
            return Err(ConnectError::NoPassword { jid });
        }
        let password =
            Secret::generate().map_err(|error| ConnectError::Settings(error.to_string()))?;
        let (account, secret) = (jid.clone(), password.clone());
        let known = self
            .off_thread(move |settings| settings.remember(&account, &secret))
            .await?;
        if let Some(known) = known {
            // Not asked for at once: where somebody logs in while an account that exists is asked for,
            // ejabberd 23.01 was seen to let nobody in any more.
            return Ok((known, false));
        }
        let made = self.register(opened, &password).await;
        match made {
            Ok(Registered::Done) => {
                tracing::info!(agent = %self.jid, "the account was made");
                return Ok((password, true));
            }
            // The account may have been made, and only the answer be lost: then this is its password.
            Err(error) if !matches!(error, ConnectError::NoRegistration { .. }) => {
                return Err(error);
            }
            Ok(Registered::Exists) | Err(_) => {
                let account = jid.clone();
                self.off_thread(move |settings| settings.forget(&account, &password))
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
