//! Writing files: each of them whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A file that shall have this text.
#[derive(Debug)]
pub(crate) struct Change {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

/// Writes all of them. Each is written beside its place first, and only when all are there do they
/// take their places; if one cannot, those before it are put back.
pub(crate) fn write(changes: &[Change]) -> Result<(), Failure> {
    let mut drafts = Vec::new();
    for change in changes {
        drafts.push(Draft::of(change)?);
    }
    for (number, draft) in drafts.iter().enumerate() {
        if let Err(failure) = draft.take_place() {
            drafts[..number].iter().for_each(Draft::put_back);
            return Err(failure);
        }
    }
    Ok(())
}

/// A file beside the place that it shall have. It is gone unless it takes that place.
struct Draft {
    path: PathBuf,
    place: PathBuf,
    /// What is there so far.
    before: Option<Vec<u8>>,
}

impl Draft {
    fn of(change: &Change) -> Result<Self, Failure> {
        // Behind a link stands the file that is meant.
        let place = fs::canonicalize(&change.path).unwrap_or_else(|_| change.path.clone());
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let path = place.with_file_name(format!(".{name}.{}.new", std::process::id()));
        let before = fs::read(&place).ok();
        let draft = Self {
            path,
            place,
            before,
        };
        draft
            .write(&change.text)
            .map_err(|error| Failure::io("written", &draft.place, &error))?;
        Ok(draft)
    }

    fn write(&self, text: &str) -> io::Result<()> {
        fs::write(&self.path, text)?;
        match fs::metadata(&self.place) {
            Ok(before) => fs::set_permissions(&self.path, before.permissions()),
            Err(_) => Ok(()),
        }
    }

    fn take_place(&self) -> Result<(), Failure> {
        fs::rename(&self.path, &self.place)
            .map_err(|error| Failure::io("written", &self.place, &error))
    }

    /// Makes its place what it was. That it could be written to has just been seen.
    fn put_back(&self) {
        let _ = match &self.before {
            Some(before) => fs::write(&self.place, before),
            None => fs::remove_file(&self.place),
        };
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Not there any more, if it has taken its place.
        let _ = fs::remove_file(&self.path);
    }
}

/// The text of a file; `None` if there is no such file.
pub(crate) fn read(path: &Path) -> Result<Option<String>, Failure> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::io("read", path, &error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(path: PathBuf, text: &str) -> Change {
        let text = text.to_owned();
        Change { path, text }
    }

    #[test]
    fn all_are_written_or_none() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("a"), "old").unwrap();
        let one_without_a_place = [change(path("a"), "new"), change(path("nowhere/b"), "new")];
        assert!(write(&one_without_a_place).is_err());
        assert_eq!(read(&path("a")).unwrap().as_deref(), Some("old"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

        // A folder gives its place to no file: what was written before it is put back.
        fs::create_dir(path("d")).unwrap();
        let new = ["a", "c", "d"].map(|name| change(path(name), "new"));
        assert!(write(&new).is_err());
        assert_eq!(read(&path("a")).unwrap().as_deref(), Some("old"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        fs::remove_dir(path("d")).unwrap();

        write(&[change(path("a"), "new"), change(path("b"), "new")]).unwrap();
        assert_eq!(read(&path("a")).unwrap().as_deref(), Some("new"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
        assert_eq!(read(&path("c")).unwrap(), None);
    }
}
