//! Where the passwords of accounts come from, and where new ones are kept.
//!
//! [`Source`] is a place that the user names, [`Passwords`] asks all places in their order, and
//! [`file`] is the one that registration writes to.

mod file;
mod private;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use super::secret::Secret;
use crate::message::Jid;

use file::CredentialsFile;

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
        fit(&secret)?;
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

/// Whether a secret can be one: it must stand in one line.
fn fit(secret: &Secret) -> Result<(), CredentialsError> {
    let text = secret.expose();
    if text.is_empty() {
        return Err(CredentialsError::Unfit("it is empty"));
    }
    if text.contains(['\n', '\r', '\0']) {
        return Err(CredentialsError::Unfit("it is more than one line"));
    }
    Ok(())
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
            fit(&secret)?;
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

    /// Writes a new password down.
    pub(crate) fn remember(&self, account: &Jid, secret: &Secret) -> Result<(), CredentialsError> {
        self.credentials_file()?.remember(account, secret)
    }

    /// Strikes out an account that there is not.
    pub(crate) fn forget(&self, account: &Jid) -> Result<(), CredentialsError> {
        self.credentials_file()?.forget(account)
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

/// What is wrong with a password, or with the place where it is. It never tells the password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CredentialsError {
    /// There is no such file.
    Missing(PathBuf),
    /// A folder, a pipe, or something else.
    NotAFile(PathBuf),
    /// Others can read or write the file.
    NotPrivate {
        /// The file.
        path: PathBuf,
        /// Who may do what with it, as `chmod` has it.
        mode: u32,
    },
    /// The file belongs to another user.
    NotOurs(PathBuf),
    /// The file is larger than any such file can be.
    TooLarge(PathBuf),
    /// The first line of the file is empty.
    Empty(PathBuf),
    /// The file cannot be read.
    Read {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A line of a credentials file is not an account.
    Malformed {
        /// The file.
        path: PathBuf,
        /// The number of the line, from 1.
        line: usize,
        /// Why not.
        reason: String,
    },
    /// The file cannot be written.
    Write {
        /// The file.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Another process has held the file for too long. The file is the lock.
    Busy(PathBuf),
    /// There is no place for a credentials file.
    NoHome,
    /// A variable of the environment that should hold a password is not set, or empty.
    NotSet(String),
    /// A variable of the environment is not UTF-8 text.
    NotText(String),
    /// The text cannot be a password.
    Unfit(&'static str),
    /// The operating system has no randomness to make a password of.
    NoRandomness(String),
}

impl CredentialsError {
    /// What is wrong.
    pub(crate) fn what(&self) -> String {
        match self {
            Self::Missing(path) => format!("there is no file `{}`", path.display()),
            Self::NotAFile(path) => format!("`{}` is not a regular file", path.display()),
            Self::NotPrivate { path, mode } => format!(
                "`{}` holds passwords, and other users can get at it (its mode is {mode:03o})",
                path.display()
            ),
            Self::NotOurs(path) => format!(
                "`{}` holds passwords, and belongs to another user",
                path.display()
            ),
            Self::TooLarge(path) => format!("`{}` is larger than 64 MiB", path.display()),
            Self::Empty(path) => format!("the first line of `{}` is empty", path.display()),
            Self::Read { path, reason } => {
                format!("`{}` cannot be read: {reason}", path.display())
            }
            Self::Malformed { path, line, reason } => {
                format!("line {line} of `{}`: {reason}", path.display())
            }
            Self::Write { path, reason } => {
                format!("`{}` cannot be written: {reason}", path.display())
            }
            Self::Busy(path) => format!(
                "another process has held `{}` for 10 seconds",
                path.display()
            ),
            Self::NoHome => "there is no place for a credentials file".to_owned(),
            Self::NotSet(name) => format!("the variable `{name}` is not set, or empty"),
            Self::NotText(name) => format!("the variable `{name}` is not UTF-8 text"),
            Self::Unfit(reason) => format!("the password cannot be one: {reason}"),
            Self::NoRandomness(reason) => {
                format!("the operating system gives no random numbers: {reason}")
            }
        }
    }

    /// What to do about it.
    pub(crate) fn remedy(&self) -> String {
        match self {
            Self::Missing(_) | Self::Empty(_) => {
                "write the password into its first line, and `chmod 600` it".to_owned()
            }
            Self::NotAFile(_) | Self::TooLarge(_) => {
                "name a text file with the password in it".to_owned()
            }
            Self::NotPrivate { path, .. } => format!("`chmod 600 {}`", path.display()),
            Self::NotOurs(path) => format!(
                "make a copy of your own, with `install -m 600 {} COPY`",
                path.display()
            ),
            Self::Read { .. } => "make it a text file that you can read".to_owned(),
            Self::Malformed { .. } => {
                "write a line for each account, as `name@domain PASSWORD`".to_owned()
            }
            Self::Write { .. } => {
                "name another credentials file, in a folder that you can write to".to_owned()
            }
            Self::Busy(_) => "end that process, or name another credentials file".to_owned(),
            Self::NoHome => {
                let variable = if cfg!(windows) { "APPDATA" } else { "HOME" };
                format!("set `{variable}`, or name a credentials file")
            }
            Self::NotSet(name) | Self::NotText(name) => {
                format!("give the password in `{name}`, or name a password file")
            }
            Self::Unfit(_) => "a password is one line of text".to_owned(),
            Self::NoRandomness(_) => "give a password of your own".to_owned(),
        }
    }
}

impl fmt::Display for CredentialsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.what(), self.remedy())
    }
}

impl std::error::Error for CredentialsError {}
