//! The credentials file: a line an account, `JID PASSWORD`.
//!
//! The password is all that follows the first space. Lines that begin with `#`, and empty ones, are
//! for people, and stay where they are when an account is added or removed. An address that begins
//! with `#` has a `\` before it.

use std::collections::HashMap;
use std::fs::TryLockError;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::{CredentialsError, Secret, private};
use crate::message::Jid;

/// The accounts of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CredentialsFile {
    path: PathBuf,
}

/// How long another process may hold the file.
const PATIENCE: Duration = Duration::from_secs(10);

/// One at a time in this process; between processes there is a file for that.
static WRITING: Mutex<()> = Mutex::new(());

impl CredentialsFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    #[cfg(any(test, feature = "cli"))]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// All accounts, by their bare addresses. No file is no accounts.
    pub(crate) fn read(&self) -> Result<HashMap<Jid, Secret>, CredentialsError> {
        let text = text(&self.path)?;
        let mut accounts = HashMap::new();
        let mut lines = HashMap::new();
        for (number, line) in numbered(&text) {
            let Some((jid, password)) = self.account(number, line)? else {
                continue;
            };
            if let Some(first) = lines.insert(jid.clone(), number) {
                let reason = format!("`{jid}` stands in line {first} already");
                return Err(self.malformed(number, reason));
            }
            accounts.insert(jid, Secret::new(password));
        }
        Ok(accounts)
    }

    /// Writes down the password of an account, in place of the one it had.
    pub(crate) fn remember(&self, jid: &Jid, secret: &Secret) -> Result<(), CredentialsError> {
        super::fit(secret)?;
        let jid = jid.bare();
        self.edit(|lines| {
            let mark = if begins_like_words(&jid) { "\\" } else { "" };
            let line = Zeroizing::new(format!("{mark}{jid} {}\n", secret.expose()));
            lines.push(Line::Account(jid.clone(), line));
        })
    }

    /// Strikes out an account.
    pub(crate) fn forget(&self, jid: &Jid) -> Result<(), CredentialsError> {
        let jid = jid.bare();
        self.edit(|lines| lines.retain(|line| !line.is_of(&jid)))
    }

    /// Changes the file, with nobody else doing so at the same time. Of several lines of one
    /// account the last stays, in the place of the first.
    fn edit(&self, change: impl FnOnce(&mut Vec<Line>)) -> Result<(), CredentialsError> {
        let _one = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        private::make_folder(&self.path)?;
        // A link stays one: what it leads to is written.
        let path = self
            .path
            .canonicalize()
            .unwrap_or_else(|_| self.path.clone());
        let _lock = self.lock(&path)?;
        let text = text(&path)?;
        let mut lines = Vec::new();
        for (number, line) in numbered(&text) {
            let mut line_end = Zeroizing::new(String::with_capacity(line.len() + 1));
            line_end.push_str(line);
            line_end.push('\n');
            lines.push(match self.account(number, line)? {
                Some((jid, _)) => Line::Account(jid, line_end),
                None => Line::Words(line_end),
            });
        }
        change(&mut lines);
        let lines = last_of_each(lines);
        let size = lines.iter().map(|line| line.text().len()).sum();
        let mut new = Zeroizing::new(String::with_capacity(size));
        lines.iter().for_each(|line| new.push_str(line.text()));
        if new.as_str() == text.as_str() {
            return Ok(());
        }
        private::replace(&path, new.as_bytes())
    }

    /// Holds the file against other processes until it is dropped. The lock is a file beside it, for
    /// the file itself is another one after each change.
    fn lock(&self, path: &Path) -> Result<std::fs::File, CredentialsError> {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".lock");
        let lock = path.with_file_name(name);
        let file =
            private::open(&lock, false).map_err(|error| private::not_written(&lock, &error))?;
        let begin = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if begin.elapsed() < PATIENCE => {
                    // The system tells nobody when a lock is free, with a limit.
                    std::thread::sleep(Duration::from_millis(5));
                }
                Err(TryLockError::WouldBlock) => return Err(CredentialsError::Busy(lock)),
                Err(TryLockError::Error(error)) => {
                    return Err(private::not_written(&lock, &error));
                }
            }
        }
    }

    /// The account of a line, if it is not one for people. What a line says is never told: it may be
    /// a password.
    fn account<'a>(
        &self,
        number: usize,
        line: &'a str,
    ) -> Result<Option<(Jid, &'a str)>, CredentialsError> {
        let start = line.trim_start();
        if start.is_empty() || start.starts_with('#') {
            return Ok(None);
        }
        let wrong = |reason: &str| self.malformed(number, reason.to_owned());
        let (jid, password) = start
            .split_once(' ')
            .ok_or_else(|| wrong("no password follows the address"))?;
        let marked = jid.strip_prefix('\\').and_then(|jid| jid.parse().ok());
        let jid: Jid = match marked.filter(begins_like_words) {
            Some(jid) => jid,
            None => jid
                .parse()
                .map_err(|_| wrong("it does not begin with an address"))?,
        };
        if !jid.is_bare() || jid.local().is_none() {
            return Err(wrong("an account is `name@domain`, with no resource"));
        }
        if password.is_empty() {
            return Err(wrong("no password follows the address"));
        }
        Ok(Some((jid, password)))
    }

    fn malformed(&self, line: usize, reason: String) -> CredentialsError {
        CredentialsError::Malformed {
            path: self.path.clone(),
            line,
            reason,
        }
    }
}

/// Whether the line of an address needs a mark, so that it is not taken for words: it begins with
/// `#`, or with such marks and `#`.
fn begins_like_words(jid: &Jid) -> bool {
    jid.as_str().trim_start_matches('\\').starts_with('#')
}

/// A line of the file, with its end.
enum Line {
    Account(Jid, Zeroizing<String>),
    Words(Zeroizing<String>),
}

impl Line {
    fn text(&self) -> &str {
        match self {
            Self::Account(_, text) | Self::Words(text) => text,
        }
    }

    fn is_of(&self, account: &Jid) -> bool {
        matches!(self, Self::Account(jid, _) if jid == account)
    }
}

fn last_of_each(lines: Vec<Line>) -> Vec<Line> {
    let mut places = HashMap::new();
    let mut kept: Vec<Line> = Vec::with_capacity(lines.len());
    for line in lines {
        if let Line::Account(jid, _) = &line {
            match places.get(jid) {
                Some(place) => {
                    kept[*place] = line;
                    continue;
                }
                None => drop(places.insert(jid.clone(), kept.len())),
            }
        }
        kept.push(line);
    }
    kept
}

fn text(path: &Path) -> Result<Zeroizing<String>, CredentialsError> {
    let Some(mut bytes) = private::read(path)? else {
        return Ok(Zeroizing::default());
    };
    String::from_utf8(std::mem::take(&mut *bytes))
        .map(Zeroizing::new)
        .map_err(|error| {
            let bytes = Zeroizing::new(error.into_bytes());
            let good = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
            CredentialsError::Malformed {
                path: path.to_owned(),
                line: good.matches('\n').count() + 1,
                reason: "this is not UTF-8 text".to_owned(),
            }
        })
}

/// The lines, from 1, without their ends, and without the mark that some editors put first.
fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let lines = text.split_terminator('\n');
    let lines = lines.map(|line| line.strip_suffix('\r').unwrap_or(line));
    lines.enumerate().map(|(index, line)| (index + 1, line))
}
