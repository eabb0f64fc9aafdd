//! The folder of a project while it is being made: whole in the end, or not there.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A folder that is being filled. What was put into it is gone again unless it gets [`done`](Making::done).
#[derive(Debug)]
pub(super) struct Making {
    folder: PathBuf,
    /// Folders that were not there before, the innermost first.
    made: Vec<PathBuf>,
    is_done: bool,
}

impl Making {
    /// Makes the folder, unless it is there and empty.
    pub(super) fn begin(folder: &Path) -> Result<Self, Failure> {
        let another = "name another one with `--path DIR`";
        match fs::read_dir(folder) {
            Ok(mut entries) => {
                if entries.next().is_some() {
                    let what = format!("the folder `{}` is there, and not empty", folder.display());
                    return Err(Failure::new(what).hint(another));
                }
            }
            Err(_) if folder.symlink_metadata().is_ok() => {
                let what = format!(
                    "`{}` is there, and no folder to write into",
                    folder.display()
                );
                return Err(Failure::new(what).hint(another));
            }
            Err(_) => {}
        }
        let ancestors = folder.ancestors().map(Path::to_owned);
        let making = Self {
            folder: folder.to_owned(),
            made: ancestors.take_while(|folder| !folder.exists()).collect(),
            is_done: false,
        };
        fs::create_dir_all(folder).map_err(|error| Failure::io("made", folder, &error))?;
        Ok(making)
    }

    /// Writes one of its files.
    pub(super) fn write(&self, path: &str, text: &str) -> Result<(), Failure> {
        let path = self.place(path)?;
        fs::write(&path, text).map_err(|error| Failure::io("written", &path, &error))
    }

    /// Copies a file into it.
    pub(super) fn copy(&self, from: &Path, path: &str) -> Result<(), Failure> {
        let path = self.place(path)?;
        let text = fs::read(from).map_err(|error| Failure::io("read", from, &error))?;
        fs::write(&path, text).map_err(|error| Failure::io("written", &path, &error))
    }

    fn place(&self, path: &str) -> Result<PathBuf, Failure> {
        let path = self.folder.join(path);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(|error| Failure::io("made", folder, &error))?;
        }
        Ok(path)
    }

    /// It is as it shall be, and stays.
    pub(super) fn done(mut self) {
        self.is_done = true;
    }
}

impl Drop for Making {
    fn drop(&mut self) {
        if self.is_done {
            return;
        }
        // The reason why it failed is what is told; and what cannot be removed is there to be seen.
        if let Ok(entries) = fs::read_dir(&self.folder) {
            for path in entries.flatten().map(|entry| entry.path()) {
                let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
            }
        }
        for folder in &self.made {
            let _ = fs::remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_done_leaves_nothing() {
        let here = tempfile::tempdir().unwrap();
        let folder = here.path().join("a/b");
        let making = Making::begin(&folder).unwrap();
        making.write("src/main.rs", "fn main() {}\n").unwrap();
        assert!(
            making
                .copy(Path::new("/nowhere/Cargo.lock"), "Cargo.lock")
                .is_err()
        );
        drop(making);
        assert!(!here.path().join("a").exists());

        // A folder that was there stays, and is empty as it was.
        fs::create_dir_all(&folder).unwrap();
        Making::begin(&folder).unwrap().write("x", "").unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);

        let making = Making::begin(&folder).unwrap();
        making.write("x", "").unwrap();
        making.done();
        assert!(folder.join("x").exists());
    }

    #[test]
    fn what_is_there_is_not_touched() {
        let here = tempfile::tempdir().unwrap();
        let file = here.path().join("file");
        fs::write(&file, "mine").unwrap();
        for (path, words) in [
            (here.path(), "not empty"),
            (&file, "no folder to write into"),
        ] {
            let failure = Making::begin(path).unwrap_err().text();
            assert!(failure.contains(words), "{failure}");
        }
        let below = file.join("below");
        assert!(
            Making::begin(&below)
                .unwrap_err()
                .text()
                .contains("cannot be made")
        );
        assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
    }
}
