//! What can be wrong with a password, or with the place where it is.

use std::fmt;
use std::path::PathBuf;

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
