//! How a platform reaches its XMPP server: what the user says, and what a connection reads of it.

pub(crate) mod server;
#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::credentials::{CredentialsError, Passwords, Secret, Source};
use crate::message::{IntoJid, Jid, JidError, Presence};

use server::{Server, Tls};

/// How agents reach their XMPP server, for [`PlatformBuilder::xmpp`](crate::PlatformBuilder::xmpp).
///
/// Nothing has to be said: the server of an agent is then the one that the domain of its address
/// names in the DNS, its certificate is verified, and its password is in the environment variable
/// `PEAK_PASSWORD` or in the credentials file. Whatever is wrong is found before anything is
/// connected, see [`check`](Xmpp::check).
///
/// ```
/// use peak::{Platform, Xmpp};
///
/// let local = Xmpp::new().server("localhost:5222").ca_file("ca.pem").register(true);
/// let builder = Platform::builder().xmpp(local);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
pub struct Xmpp {
    server: Option<String>,
    port: Option<u16>,
    direct_tls: bool,
    ca_file: Option<PathBuf>,
    insecure: bool,
    register: Option<bool>,
    passwords: Passwords,
    /// Addresses that a password was given for, and that are none.
    bad_accounts: Vec<JidError>,
    component: Option<String>,
    secret: Option<Source>,
    route_by_server: bool,
    offline_queue: usize,
    keepalive: Duration,
    presence: Presence,
}

impl Default for Xmpp {
    fn default() -> Self {
        Self {
            server: None,
            port: None,
            direct_tls: false,
            ca_file: None,
            insecure: false,
            register: None,
            passwords: Passwords::default(),
            bad_accounts: Vec::new(),
            component: None,
            secret: None,
            route_by_server: false,
            offline_queue: 1024,
            keepalive: Duration::from_secs(60),
            presence: Presence::available(),
        }
    }
}

impl Xmpp {
    /// The server that the domain of each agent's address names in the DNS.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the server is, as `HOST` or `HOST:PORT`, an IPv6 address in brackets. Unless set it is
    /// what the DNS says for the domain of the address (SRV), else the domain itself at port 5222.
    pub fn server(mut self, server: impl Into<String>) -> Self {
        self.server = Some(server.into());
        self
    }

    /// The port, in place of the usual one: 5222, or 5223 with [`direct_tls`](Xmpp::direct_tls), or
    /// 5347 for a [`component`](Xmpp::component).
    pub fn port(mut self, port: u16) -> Self {
        self.port = Some(port);
        self
    }

    /// Whether the connection is encrypted from its first byte, at port 5223 unless another one is
    /// said. Else it begins in the clear, and goes on encrypted or not at all.
    pub fn direct_tls(mut self, direct: bool) -> Self {
        self.direct_tls = direct;
        self
    }

    /// A file with the certificates, in PEM, of those who may vouch for the server; for servers
    /// whose certificate is your own.
    pub fn ca_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.ca_file = Some(path.into());
        self
    }

    /// Whether the server's certificate is taken as it comes. Whoever is between you and the server
    /// can then read and change everything, and learn the passwords: only for tests.
    pub fn insecure(mut self, insecure: bool) -> Self {
        self.insecure = insecure;
        self
    }

    /// Whether an agent without an account registers one (XEP-0077). Unless set, it does so on
    /// this machine only: `localhost`, `127.0.0.1` and `::1`.
    pub fn register(mut self, register: bool) -> Self {
        self.register = Some(register);
        self
    }

    /// The password of all accounts. See also [`account`](Xmpp::account).
    pub fn password(self, password: impl Into<Secret>) -> Self {
        self.password_from(Source::Given(password.into()))
    }

    /// The password of all accounts is the first line of this file, which nobody else may be able
    /// to read.
    pub fn password_file(self, path: impl Into<PathBuf>) -> Self {
        self.password_from(Source::File(path.into()))
    }

    /// The password of all accounts is in this environment variable, in place of `PEAK_PASSWORD`.
    pub fn password_env(self, name: impl Into<String>) -> Self {
        self.password_from(Source::Env(name.into()))
    }

    /// Whether the password of each account is its own bare address, as PEAK has it. Everybody can
    /// guess that: only for servers that nobody else can reach.
    pub fn jid_as_password(mut self, jid: bool) -> Self {
        if jid {
            return self.password_from(Source::Jid);
        }
        self.passwords
            .others
            .take_if(|source| *source == Source::Jid);
        self
    }

    /// The password of one account, in place of what is said for all.
    pub fn account(mut self, jid: impl IntoJid, password: impl Into<Secret>) -> Self {
        match jid.into_jid() {
            Ok(jid) => self.password_of(&jid, Source::Given(password.into())),
            Err(error) => {
                self.bad_accounts.push(error);
                self
            }
        }
    }

    /// The file in which passwords of registered accounts are kept, in place of `peak/credentials`
    /// in `$XDG_CONFIG_HOME` or `~/.config` (`%APPDATA%` on Windows). It has a line
    /// `JID PASSWORD` for each account.
    pub fn credentials_file(mut self, path: impl Into<PathBuf>) -> Self {
        self.passwords.file = Some(path.into());
        self
    }

    /// All agents of this domain share one connection as a component of the server (XEP-0114), and
    /// need no accounts. The server must know the domain and the secret. It is at `localhost:5347`
    /// unless said otherwise.
    pub fn component(mut self, domain: impl Into<String>) -> Self {
        self.component = Some(domain.into());
        self
    }

    /// The secret of the component.
    pub fn secret(self, secret: impl Into<Secret>) -> Self {
        self.secret_from(Source::Given(secret.into()))
    }

    /// The secret of the component is the first line of this file, which nobody else may be able
    /// to read.
    pub fn secret_file(self, path: impl Into<PathBuf>) -> Self {
        self.secret_from(Source::File(path.into()))
    }

    /// The secret of the component is in this environment variable.
    pub fn secret_env(self, name: impl Into<String>) -> Self {
        self.secret_from(Source::Env(name.into()))
    }

    /// Whether messages between agents of this process go through the server too, so that its
    /// archive and its monitors see them. Else they are handed over in the process.
    pub fn route_by_server(mut self, by_server: bool) -> Self {
        self.route_by_server = by_server;
        self
    }

    /// How many messages of an agent wait while it has no connection before senders have to wait;
    /// 1024 unless set, and at least 1.
    pub fn offline_queue(mut self, messages: usize) -> Self {
        self.offline_queue = messages.max(1);
        self
    }

    /// How long a connection may be silent before the server is asked for a sign of life; a minute
    /// unless set, and at least a second.
    pub fn keepalive(mut self, silence: Duration) -> Self {
        self.keepalive = silence.max(Duration::from_secs(1));
        self
    }

    /// How each session shows itself from the first on.
    #[cfg(feature = "cli")]
    pub(crate) fn shown_as(mut self, presence: Presence) -> Self {
        self.presence = presence;
        self
    }

    /// Whether all is as it should be: the server is one, and the files that are named can be read.
    /// A platform finds out the same before it connects.
    ///
    /// # Errors
    ///
    /// What is wrong, and what to do about it.
    pub fn check(&self) -> Result<(), SettingsError> {
        let settings = self.settings()?;
        for source in settings.passwords.accounts.values() {
            source.read_for_all()?;
        }
        if let Some(source) = &settings.passwords.others {
            source.read_for_all()?;
        }
        if settings.component.is_none() {
            settings.passwords.check_file()?;
        }
        Ok(())
    }

    pub(crate) fn routes_by_server(&self) -> bool {
        self.route_by_server
    }

    pub(crate) fn password_from(mut self, source: Source) -> Self {
        self.passwords.others = Some(source);
        self
    }

    pub(crate) fn password_of(mut self, account: &Jid, source: Source) -> Self {
        let account = account.bare_str().to_owned();
        self.passwords.accounts.insert(account, source);
        self
    }

    pub(crate) fn secret_from(mut self, source: Source) -> Self {
        self.secret = Some(source);
        self
    }

    /// What the user should be told aloud, once.
    pub(crate) fn caution(&self) -> Option<String> {
        let host = self.server.as_deref().map(server::parse);
        let host = host.and_then(Result::ok).map(|(host, _)| host);
        if self.insecure {
            let there = host.map_or_else(String::new, |host| format!(" of `{host}`"));
            return Some(format!(
                "the certificate{there} is not verified: whoever is in between can read \
                 everything, passwords too"
            ));
        }
        let host = host.filter(|host| !server::is_loopback(host))?;
        self.component.is_some().then(|| {
            format!(
                "the connection of the component to `{host}` is not encrypted: whoever is in \
                 between can read and change everything"
            )
        })
    }

    /// What a connection needs, if nothing is wrong with it.
    pub(crate) fn settings(&self) -> Result<Settings, SettingsError> {
        let (host, port) = match &self.server {
            Some(server) => {
                let (host, port) = server::parse(server)?;
                (Some(host), port)
            }
            None => (None, None),
        };
        let port = match (port, self.port) {
            (_, Some(0)) => return Err(SettingsError::PortZero),
            (Some(one), Some(other)) if one != other => {
                return Err(SettingsError::TwoPorts(one, other));
            }
            (one, other) => one.or(other),
        };
        if let Some(account) = self.bad_accounts.first() {
            return Err(SettingsError::Account(account.clone()));
        }
        if self.insecure && self.ca_file.is_some() {
            return Err(SettingsError::TrustTwice);
        }
        if let Some(path) = &self.ca_file {
            check_ca(path)?;
        }
        let component = match (&self.component, &self.secret) {
            (Some(domain), Some(secret)) => Some(Component {
                domain: component_domain(domain)?,
                // A component has one secret, and no address to be it.
                secret: secret
                    .read_for_all()?
                    .ok_or_else(|| SettingsError::NoSecret(domain.clone()))?,
            }),
            (Some(domain), None) => return Err(SettingsError::NoSecret(domain.clone())),
            (None, Some(_)) => return Err(SettingsError::NoComponent),
            (None, None) => None,
        };
        Ok(Settings {
            server: Server {
                host,
                port,
                tls: if self.direct_tls {
                    Tls::Direct
                } else {
                    Tls::StartTls
                },
            },
            trust: Trust {
                ca: self.ca_file.clone(),
                insecure: self.insecure,
            },
            component,
            route_by_server: self.route_by_server,
            offline_queue: self.offline_queue,
            keepalive: self.keepalive,
            presence: self.presence.clone(),
            register: self.register,
            passwords: self.passwords.clone(),
        })
    }
}

/// What a connection needs to know.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) server: Server,
    pub(crate) trust: Trust,
    pub(crate) component: Option<Component>,
    pub(crate) route_by_server: bool,
    pub(crate) offline_queue: usize,
    pub(crate) keepalive: Duration,
    /// How a session shows itself from the first on.
    pub(crate) presence: Presence,
    register: Option<bool>,
    passwords: Passwords,
}

/// Whose certificate is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trust {
    /// The certificates of those who may vouch for the server, in PEM.
    pub(crate) ca: Option<PathBuf>,
    /// Anybody's.
    pub(crate) insecure: bool,
}

/// One connection for all agents of a domain.
#[derive(Debug, Clone)]
pub(crate) struct Component {
    pub(crate) domain: String,
    pub(crate) secret: Secret,
}

/// Where a server listens for components, unless it says otherwise.
const COMPONENT_SERVER: (&str, u16) = ("localhost", 5347);

impl Settings {
    /// Whether accounts are made on a server: what the user says, else on this machine only.
    pub(crate) fn registration(&self, host: &str) -> bool {
        let register = self.register.unwrap_or_else(|| server::is_loopback(host));
        register && self.component.is_none()
    }

    /// Where the component connects to.
    pub(crate) fn component_server(&self) -> (&str, u16) {
        let (host, port) = COMPONENT_SERVER;
        let Server {
            host: said_host,
            port: said_port,
            ..
        } = &self.server;
        (
            said_host.as_deref().unwrap_or(host),
            said_port.unwrap_or(port),
        )
    }

    /// The password of an account, if there is one. It reads files: not for the threads of agents.
    pub(crate) fn password_for(&self, account: &Jid) -> Result<Option<Secret>, CredentialsError> {
        self.passwords.of(account)
    }

    /// The first of these agents that has no password, and registers no account either.
    #[cfg(feature = "cli")]
    pub(crate) fn without_password<'a>(
        &self,
        agents: impl Iterator<Item = &'a Jid>,
    ) -> Result<Option<&'a Jid>, CredentialsError> {
        if self.component.is_some() {
            return Ok(None);
        }
        let registers = |agent: &Jid| {
            let host = self.server.host.as_deref();
            self.registration(host.unwrap_or(agent.domain()))
        };
        let without = self.passwords.without(agents)?;
        Ok(without.into_iter().find(|agent| !registers(agent)))
    }

    /// Writes down the password of an account that is about to be registered, and returns the one
    /// that another process has written meanwhile. It reads and writes files, and may wait for
    /// another process to do so: threads of agents have no time for that.
    pub(crate) fn remember(
        &self,
        account: &Jid,
        secret: &Secret,
    ) -> Result<Option<Secret>, CredentialsError> {
        self.passwords.remember(account, secret)
    }

    /// Strikes out an account that could not be registered with this password.
    pub(crate) fn forget(&self, account: &Jid, secret: &Secret) -> Result<(), CredentialsError> {
        self.passwords.forget(account, secret)
    }

    /// Waits until no other process is about to send by one of these accounts, where it may be made.
    /// It waits for up to ten seconds: not for the threads of agents.
    #[cfg(feature = "cli")]
    pub(crate) fn alone_with(
        &self,
        account: &Jid,
    ) -> Result<Option<std::fs::File>, CredentialsError> {
        let host = self.server.host.as_deref().unwrap_or(account.domain());
        let may_be_made = self.registration(host);
        may_be_made.then(|| self.passwords.alone()).transpose()
    }

    /// Where passwords are written down, to tell the user.
    #[cfg(feature = "cli")]
    pub(crate) fn credentials_path(&self) -> Result<PathBuf, CredentialsError> {
        self.passwords.credentials_path()
    }
}

/// The domain of a component, as addresses have it.
pub(crate) fn component_domain(text: &str) -> Result<String, SettingsError> {
    match text.parse::<Jid>() {
        Ok(jid) if jid.local().is_none() && jid.is_bare() => Ok(jid.domain().to_owned()),
        _ => Err(SettingsError::Component(text.to_owned())),
    }
}

/// More than this is no list of certificates.
const MAX_CA_BYTES: u64 = 16 * 1024 * 1024;

/// Whether a file has certificates in it.
pub(crate) fn check_ca(path: &Path) -> Result<(), SettingsError> {
    let wrong = |reason: String| SettingsError::Ca {
        path: path.to_owned(),
        reason,
    };
    let read = || -> std::io::Result<Option<Vec<u8>>> {
        // To open a pipe is to wait for whoever writes into it.
        if !std::fs::metadata(path)?.is_file() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        File::open(path)?
            .take(MAX_CA_BYTES)
            .read_to_end(&mut bytes)?;
        Ok(Some(bytes))
    };
    let bytes = match read() {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(wrong("it is not a regular file".to_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(wrong("there is no such file".to_owned()));
        }
        Err(error) => return Err(wrong(error.to_string())),
    };
    let text = String::from_utf8_lossy(&bytes);
    if !text.contains("-----BEGIN CERTIFICATE-----") {
        return Err(wrong("there is no certificate in it".to_owned()));
    }
    Ok(())
}

/// What is wrong with an [`Xmpp`], and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsError {
    /// The server is none.
    Server {
        /// What was given.
        server: String,
        /// Why it is none.
        reason: String,
        /// What to write instead.
        remedy: String,
    },
    /// The port is 0.
    PortZero,
    /// One port stands behind the host, and another one is set.
    TwoPorts(u16, u16),
    /// A password is for something that is no address.
    Account(JidError),
    /// The certificates cannot be read.
    Ca {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A file of certificates to trust, and every certificate is trusted.
    TrustTwice,
    /// The domain of the component is none.
    Component(String),
    /// The component has no secret.
    NoSecret(String),
    /// There is a secret, and no component.
    NoComponent,
    /// A password or the secret.
    Credentials(CredentialsError),
}

impl SettingsError {
    /// What is wrong.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Server { server, reason, .. } => format!("`{server}` is not a server: {reason}"),
            Self::PortZero => "0 is not a port".to_owned(),
            Self::TwoPorts(one, other) => {
                format!("the server has the port {one}, and the port {other} is given too")
            }
            Self::Account(error) => format!(
                "a password is given for an account whose address is none: {}",
                error.reason()
            ),
            Self::Ca { path, reason } => format!(
                "no certificates can be had from `{}`: {reason}",
                path.display()
            ),
            Self::TrustTwice => {
                "a CA file is named, and certificates are not to be verified".to_owned()
            }
            Self::Component(domain) => {
                format!("`{domain}` is not the domain of a component")
            }
            Self::NoSecret(domain) => format!("the component `{domain}` has no secret"),
            Self::NoComponent => "there is a secret, and no component that has it".to_owned(),
            Self::Credentials(error) => error.what(),
        }
    }

    /// What to do about it.
    pub(crate) fn remedy(&self) -> String {
        match self {
            Self::Server { remedy, .. } => remedy.clone(),
            Self::PortZero => "give one from 1 to 65535, or none for the usual one".to_owned(),
            Self::TwoPorts(..) => "leave one of them out".to_owned(),
            Self::Account(_) => "write it as `name@domain`".to_owned(),
            Self::Ca { .. } => {
                "name a file with certificates in PEM, as `-----BEGIN CERTIFICATE-----`".to_owned()
            }
            Self::TrustTwice => "leave one of them out: a CA file is the safe way".to_owned(),
            Self::Component(_) => {
                "write the host name that the server has for it: `agents.example.org`".to_owned()
            }
            Self::NoSecret(_) => {
                "name a file with the secret that the server has for it: `secret_file`".to_owned()
            }
            Self::NoComponent => "name its domain: `component`".to_owned(),
            Self::Credentials(error) => error.remedy(),
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what(), self.remedy())
    }
}

impl std::error::Error for SettingsError {}

impl From<CredentialsError> for SettingsError {
    fn from(error: CredentialsError) -> Self {
        Self::Credentials(error)
    }
}
