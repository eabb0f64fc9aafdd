//! One log file: whose it is, and how it is written.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::names;
use super::record::Record;
use super::{json, text};
use crate::message::Jid;
use peak_shared::logs::{FileSettings, Format, MAX_KEPT};

/// A file that may be written. The path is made when it is: most of a million agents say nothing.
#[derive(Debug)]
pub(super) struct Destination {
    /// No other one has it.
    pub(super) id: u64,
    /// `None`: what no agent says.
    agent: Option<Jid>,
    pub(super) settings: Arc<FileSettings>,
}

impl Destination {
    pub(super) fn new(agent: Option<Jid>, settings: &Arc<FileSettings>) -> Arc<Self> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Arc::new(Self {
            id: NEXT.fetch_add(1, Ordering::Relaxed),
            agent,
            settings: Arc::clone(settings),
        })
    }

    pub(super) fn path(&self) -> PathBuf {
        let name = match &self.agent {
            Some(agent) => names::of(agent),
            None => names::GENERAL.to_owned(),
        };
        self.settings.folder.join(name)
    }

    /// The path of the file that was put aside so many files ago.
    pub(super) fn old_path(&self, ago: u32) -> PathBuf {
        let mut path: OsString = self.path().into();
        path.push(format!(".{ago}"));
        path.into()
    }

    /// The record as it stands in the file.
    pub(super) fn line(&self, record: &Record<'_>) -> String {
        match self.settings.format {
            Format::Text => text::line(record, text::Onto::File),
            Format::Json => json::line(record),
        }
    }

    /// Removes the files of an earlier run, those put aside too.
    ///
    /// # Errors
    ///
    /// If one of them cannot be removed.
    pub(super) fn clear(&self) -> io::Result<()> {
        remove(self.path())?;
        for ago in 1..=MAX_KEPT {
            if !remove(self.old_path(ago))? {
                break;
            }
        }
        Ok(())
    }
}

/// Removes a file; false if there was none.
pub(super) fn remove(path: PathBuf) -> io::Result<bool> {
    match std::fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::Path;

    use super::*;
    use peak_shared::logs::{Mode, Rotation};

    /// One that is never written.
    pub(in crate::launch::logs) fn destination(name: &str) -> Arc<Destination> {
        in_folder(Path::new("nowhere"), name, Rotation::Never, 0)
    }

    pub(in crate::launch::logs) fn in_folder(
        folder: &Path,
        name: &str,
        rotation: Rotation,
        keep: u32,
    ) -> Arc<Destination> {
        let settings = FileSettings {
            folder: folder.to_owned(),
            mode: Mode::Append,
            rotation,
            keep,
            format: Format::Text,
        };
        let agent = format!("{name}@localhost/main").parse().unwrap();
        Destination::new(Some(agent), &Arc::new(settings))
    }

    #[test]
    fn clearing_takes_the_old_files_too() {
        let folder = tempfile::tempdir().unwrap();
        let bob = in_folder(folder.path(), "bob", Rotation::Never, 0);
        let ann = in_folder(folder.path(), "ann", Rotation::Never, 0);
        for path in [bob.path(), bob.old_path(1), bob.old_path(2), ann.path()] {
            std::fs::write(path, "x").unwrap();
        }
        bob.clear().unwrap();
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "{left:?}");
        bob.clear().unwrap();
    }
}
