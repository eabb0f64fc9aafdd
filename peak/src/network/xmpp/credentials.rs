//! Where the passwords of accounts come from, and where new ones are kept.
//!
//! [`Source`] is a place that the user names, [`Passwords`] asks all places in their order, and
//! [`file`] is the one that registration writes to.

mod error;
mod file;
mod private;
mod secret;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::message::Jid;

use file::CredentialsFile;

pub use error::CredentialsError;
pub use secret::Secret;

/// The variable of the environment that holds the password of every account without another one.
pub(crate) const PASSWORD_VARIABLE: &str = "PEAK_PASSWORD";

/// Where a password, or another secret, comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The program says it.
    Given(Secret),
    /// The first line of a file that nobody else can read.
    File(PathBuf),
    /// A variable of the environment.
    Env(String),
    /// The bare address of the account itself, as PEAK has it.
    Jid,
}

/// The variables of the environment, or what a test takes for them.
type Env<'a> = &'a dyn Fn(&str) -> Option<OsString>;

impl Source {
    /// The password of an account.
    pub(crate) fn read(&self, account: &Jid) -> Result<Secret, CredentialsError> {
        let secret = self.read_for_all()?;
        Ok(secret.unwrap_or_else(|| Secret::new(account.bare_str())))
    }

    /// The password of all accounts; `None` if each has its own.
    pub(crate) fn read_for_all(&self) -> Result<Option<Secret>, CredentialsError> {
        self.read_in(&|name| std::env::var_os(name))
    }

    fn read_in(&self, env: Env<'_>) -> Result<Option<Secret>, CredentialsError> {
        let secret = match self {
            Self::Given(secret) => secret.clone(),
            Self::File(path) => first_line(path)?,
            Self::Env(name) => {
                variable(name, env)?.ok_or_else(|| CredentialsError::NotSet(name.clone()))?
            }
            Self::Jid => return Ok(None),
        };
        secret.fit()?;
        Ok(Some(secret))
    }
}

/// The password in a file: the first line, without its end.
fn first_line(path: &Path) -> Result<Secret, CredentialsError> {
    let bytes = private::read(path)?.ok_or_else(|| CredentialsError::Missing(path.to_owned()))?;
    let text = std::str::from_utf8(&bytes).map_err(|_| CredentialsError::Read {
        path: path.to_owned(),
        reason: "it is not UTF-8 text".to_owned(),
    })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let line = text.split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    if line.is_empty() {
        return Err(CredentialsError::Empty(path.to_owned()));
    }
    Ok(Secret::new(line))
}

/// The value of a variable; one that is empty is as good as none.
fn variable(name: &str, env: Env<'_>) -> Result<Option<Secret>, CredentialsError> {
    match env(name).map(OsString::into_string) {
        Some(Ok(value)) if !value.is_empty() => Ok(Some(Secret::new(value))),
        Some(Err(_)) => Err(CredentialsError::NotText(name.to_owned())),
        _ => Ok(None),
    }
}

/// Every place where the password of an account may be, in the order in which they are asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Passwords {
    /// Those of single accounts, by bare address.
    pub(crate) accounts: BTreeMap<String, Source>,
    /// That of all others.
    pub(crate) others: Option<Source>,
    /// The credentials file, if it is not in its usual place.
    pub(crate) file: Option<PathBuf>,
}

impl Passwords {
    /// The password of an account, if there is one: what the program or the file says for it, then
    /// for all, then the environment, then the credentials file.
    pub(crate) fn of(&self, account: &Jid) -> Result<Option<Secret>, CredentialsError> {
        self.of_in(account, &|name| std::env::var_os(name))
    }

    fn of_in(&self, account: &Jid, env: Env<'_>) -> Result<Option<Secret>, CredentialsError> {
        let source = self.accounts.get(account.bare_str());
        if let Some(source) = source.or(self.others.as_ref()) {
            return source.read(account).map(Some);
        }
        if let Some(secret) = variable(PASSWORD_VARIABLE, env)? {
            secret.fit()?;
            return Ok(Some(secret));
        }
        Ok(self.kept(env)?.remove(&account.bare()))
    }

    /// Those of many accounts that have no password anywhere.
    #[cfg(feature = "cli")]
    pub(crate) fn without<'a>(
        &self,
        accounts: impl Iterator<Item = &'a Jid>,
    ) -> Result<Vec<&'a Jid>, CredentialsError> {
        let env = |name: &str| std::env::var_os(name);
        if self.others.is_some() || variable(PASSWORD_VARIABLE, &env)?.is_some() {
            return Ok(Vec::new());
        }
        let kept = self.kept(&env)?;
        Ok(accounts
            .filter(|account| {
                !self.accounts.contains_key(account.bare_str())
                    && !kept.contains_key(&account.bare())
            })
            .collect())
    }

    /// What the credentials file has. Who has no home has no file either.
    fn kept(&self, env: Env<'_>) -> Result<HashMap<Jid, Secret>, CredentialsError> {
        match self.file_in(env) {
            Err(CredentialsError::NoHome) => Ok(HashMap::new()),
            file => file?.read(),
        }
    }

    /// Writes a new password down; returns the one that another process has written meanwhile.
    pub(crate) fn remember(
        &self,
        account: &Jid,
        secret: &Secret,
    ) -> Result<Option<Secret>, CredentialsError> {
        self.credentials_file()?.remember(account, secret)
    }

    /// Strikes out an account that there is not, if this is the password it was to have.
    pub(crate) fn forget(&self, account: &Jid, secret: &Secret) -> Result<(), CredentialsError> {
        self.credentials_file()?.forget(account, secret)
    }

    /// The file that new passwords are written to.
    #[cfg(feature = "cli")]
    pub(crate) fn credentials_path(&self) -> Result<PathBuf, CredentialsError> {
        Ok(self.credentials_file()?.path().to_owned())
    }

    /// Whether the credentials file, if there is one, can be read.
    pub(crate) fn check_file(&self) -> Result<(), CredentialsError> {
        self.kept(&|name| std::env::var_os(name)).map(drop)
    }

    /// Waits for other processes that are about to send, see [`CredentialsFile::alone`].
    #[cfg(feature = "cli")]
    pub(crate) fn alone(&self) -> Result<std::fs::File, CredentialsError> {
        self.credentials_file()?.alone()
    }

    fn credentials_file(&self) -> Result<CredentialsFile, CredentialsError> {
        self.file_in(&|name| std::env::var_os(name))
    }

    fn file_in(&self, env: Env<'_>) -> Result<CredentialsFile, CredentialsError> {
        let path = match &self.file {
            Some(path) => path.clone(),
            None => usual_place(env)?,
        };
        Ok(CredentialsFile::new(path))
    }
}

/// Whether a credentials file, if there is one, can be read.
#[cfg(feature = "cli")]
pub(crate) fn check_file(path: &Path) -> Result<(), CredentialsError> {
    CredentialsFile::new(path.to_owned()).read().map(drop)
}

/// Where the credentials file is, unless the user says something else.
fn usual_place(env: Env<'_>) -> Result<PathBuf, CredentialsError> {
    // What is relative is to be ignored, as the XDG base directory specification says.
    let folder = |name| {
        env(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    let configuration = if cfg!(windows) {
        folder("APPDATA")
    } else {
        folder("XDG_CONFIG_HOME").or_else(|| Some(folder("HOME")?.join(".config")))
    };
    let configuration = configuration.ok_or(CredentialsError::NoHome)?;
    Ok(configuration.join("peak").join("credentials"))
}
