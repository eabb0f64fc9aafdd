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

use super::error::CredentialsError;
use super::private;
use super::secret::Secret;
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
        for line in self.lines(&text)? {
            if let Some((jid, password)) = line.account {
                accounts.insert(jid, Secret::new(password));
            }
        }
        Ok(accounts)
    }

    /// Writes down the password of an account that has none here. One that stands here already
    /// stays, and is returned: another process may be using it.
    pub(crate) fn remember(
        &self,
        jid: &Jid,
        secret: &Secret,
    ) -> Result<Option<Secret>, CredentialsError> {
        secret.fit()?;
        let jid = jid.bare();
        let mark = if begins_like_words(&jid) { "\\" } else { "" };
        let added = Zeroizing::new(format!("{mark}{jid} {}", secret.expose()));
        let mut known = None;
        self.change(|lines| {
            let mut accounts = lines.iter().filter_map(|line| line.account.as_ref());
            if let Some((_, password)) = accounts.find(|(account, _)| *account == jid) {
                known = Some(Secret::new(*password));
                return None;
            }
            let before = lines.iter().map(|line| line.text);
            Some(joined(before.chain([added.as_str()]).collect()))
        })?;
        Ok(known)
    }

    /// Strikes out an account if this is its password.
    pub(crate) fn forget(&self, jid: &Jid, secret: &Secret) -> Result<(), CredentialsError> {
        let ours = Some((jid.bare(), secret.expose()));
        self.change(|lines| {
            let stands = lines.iter().any(|line| line.account == ours);
            let others = lines.iter().filter(|line| line.account != ours);
            stands.then(|| joined(others.map(|line| line.text).collect()))
        })
    }

    /// Changes the text of the file, if it is to be another, with nobody else doing so at the same
    /// time.
    fn change(
        &self,
        change: impl FnOnce(&[Line<'_>]) -> Option<Zeroizing<String>>,
    ) -> Result<(), CredentialsError> {
        let _one = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        private::make_folder(&self.path)?;
        // A link stays one: what it leads to is written.
        let path = self
            .path
            .canonicalize()
            .unwrap_or_else(|_| self.path.clone());
        let _lock = lock(&path, ".lock")?;
        let text = text(&path)?;
        match change(&self.lines(&text)?) {
            Some(new) => private::replace(&path, new.as_bytes()),
            None => Ok(()),
        }
    }

    /// The lines of the file, each understood. An account stands in one line.
    fn lines<'t>(&self, text: &'t str) -> Result<Vec<Line<'t>>, CredentialsError> {
        let mut places = HashMap::new();
        let mut lines = Vec::new();
        for (number, text) in numbered(text) {
            let account = self.account(number, text)?;
            if let Some((jid, _)) = &account
                && let Some(first) = places.insert(jid.clone(), number)
            {
                let reason = format!("`{jid}` stands in line {first} already");
                return Err(self.malformed(number, reason));
            }
            lines.push(Line { text, account });
        }
        Ok(lines)
    }

    /// Waits until no other process is about to send by an account of this file, and may make it. That
    /// is over when the value is dropped.
    #[cfg(feature = "cli")]
    pub(crate) fn alone(&self) -> Result<std::fs::File, CredentialsError> {
        private::make_folder(&self.path)?;
        lock(&self.path, ".send.lock")
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

/// Holds the file against other processes until it is dropped. The lock is a file beside it, for
/// the file itself is another one after each change.
fn lock(path: &Path, suffix: &str) -> Result<std::fs::File, CredentialsError> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(suffix);
    let lock = path.with_file_name(name);
    let file = private::open(&lock, false).map_err(|error| private::not_written(&lock, &error))?;
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

/// Whether the line of an address needs a mark, so that it is not taken for words: it begins with
/// `#`, or with such marks and `#`.
fn begins_like_words(jid: &Jid) -> bool {
    jid.as_str().trim_start_matches('\\').starts_with('#')
}

/// A line of the file, without its end.
struct Line<'t> {
    text: &'t str,
    /// The account in it and its password, if it is not a line for people.
    account: Option<(Jid, &'t str)>,
}

/// The text of these lines.
fn joined(lines: Vec<&str>) -> Zeroizing<String> {
    // Room from the start: a longer text would leave its shorter self in memory.
    let size = lines.iter().map(|line| line.len() + 1).sum();
    let mut text = Zeroizing::new(String::with_capacity(size));
    for line in lines {
        text.push_str(line);
        text.push('\n');
    }
    text
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
