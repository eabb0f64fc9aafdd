//! Where programs that were made of single files are kept, and whether they are still right.
//!
//! A program is right as long as everything that the compiler read for it has the same content: the
//! files themselves, what they include, and the framework if it is a checkout. The compiler writes
//! down what that is; the contents are told apart by a sum of each.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use super::Wishes;
use super::package::Script;
use crate::failure::Failure;
use crate::files::{self, Change};
use crate::source::Source;

/// The folder of all of them. It may be removed at any time.
pub(super) struct Cache {
    folder: PathBuf,
}

/// The variable that names another folder.
const VARIABLE: &str = "PEAK_CACHE";

impl Cache {
    pub(super) fn of_this_user() -> Result<Self, Failure> {
        let folder = folder(&|name| std::env::var_os(name)).ok_or_else(|| {
            Failure::new("there is no place to keep compiled programs in")
                .hint(format!("set `{VARIABLE}` to a folder of your own"))
        })?;
        Ok(Self { folder })
    }

    /// What cargo writes to. All programs share their dependencies.
    pub(super) fn target(&self) -> PathBuf {
        self.folder.join("target")
    }

    /// The place of a program of these files.
    pub(super) fn entry(&self, paths: &[PathBuf], source: &Source, wishes: Wishes) -> Entry {
        let mut hasher = DefaultHasher::new();
        paths.hash(&mut hasher);
        (env!("CARGO_PKG_VERSION"), format!("{source:?}")).hash(&mut hasher);
        (wishes.server, wishes.release).hash(&mut hasher);
        let stem = paths.first().and_then(|path| path.file_stem());
        let stem: String = stem
            .unwrap_or_default()
            .to_string_lossy()
            .chars()
            .map(|char| {
                if char.is_ascii_alphanumeric() {
                    char
                } else {
                    '-'
                }
            })
            .collect();
        let name = format!("script-{stem}-{:016x}", hasher.finish());
        Entry {
            folder: self.folder.join("scripts").join(&name),
            name,
        }
    }
}

/// `PEAK_CACHE`, or `peak` in the folder that the system has for such.
fn folder(env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // What is relative is to be ignored, as the XDG base directory specification says.
    let folder = |name| {
        env(name)
            .map(PathBuf::from)
            .filter(|path| path.is_absolute())
    };
    if let Some(own) = env(VARIABLE).filter(|own| !own.is_empty()) {
        return std::path::absolute(own).ok();
    }
    let caches = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Caches"))
    } else {
        folder("XDG_CACHE_HOME").or_else(|| Some(folder("HOME")?.join(".cache")))
    };
    Some(caches?.join("peak"))
}

/// The place of one program.
pub(super) struct Entry {
    folder: PathBuf,
    name: String,
}

/// What is written down of a program: it, and the sums of what it was made of.
type Record = (PathBuf, BTreeMap<PathBuf, u64>);

impl Entry {
    /// What the package and the program are called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where the package is.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The program, if it is there and still right.
    pub(super) fn program(&self) -> Option<PathBuf> {
        let record = std::fs::read(self.record()).ok()?;
        let (program, sums): Record = serde_json::from_slice(&record).ok()?;
        let is_right =
            program.is_file() && sums.iter().all(|(path, known)| sum(path) == Some(*known));
        is_right.then_some(program)
    }

    /// Writes down what a program was made of.
    pub(super) fn keep(
        &self,
        program: &Path,
        scripts: &[Script],
        source: &Source,
    ) -> Result<(), Failure> {
        let listed = program.with_extension("d");
        let text = std::fs::read_to_string(&listed)
            .map_err(|error| Failure::io("read", &listed, &error))?;
        let mut read = parts(&text);
        read.extend(scripts.iter().map(|script| script.path.clone()));
        read.push(self.folder.join("Cargo.toml"));
        if let Source::Checkout(package) = source {
            read.push(package.join("Cargo.toml"));
        }
        let mut sums = BTreeMap::new();
        for path in read {
            // What is gone already makes it wrong the next time.
            let sum = sum(&path).unwrap_or_default();
            sums.insert(path, sum);
        }
        let record: Record = (program.to_owned(), sums);
        let text = serde_json::to_string(&record)
            .map_err(|error| Failure::io("written", &self.record(), &error.into()))?;
        files::write(&[Change {
            path: self.record(),
            text,
        }])
    }

    fn record(&self) -> PathBuf {
        self.folder.join("program.json")
    }
}

fn sum(path: &Path) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    std::fs::read(path).ok()?.hash(&mut hasher);
    Some(hasher.finish())
}

/// What stands behind `program:` in the compiler's list. A space in a path has a `\` before it.
fn parts(list: &str) -> Vec<PathBuf> {
    let mut parts = Vec::new();
    let lines = list.lines().filter_map(|line| line.split_once(": "));
    for (_, line) in lines {
        let mut part = String::new();
        let mut chars = line.chars().peekable();
        while let Some(char) = chars.next() {
            match char {
                '\\' if chars.peek() == Some(&' ') => part.extend(chars.next()),
                ' ' => parts.extend(finished(&mut part)),
                _ => part.push(char),
            }
        }
        parts.extend(finished(&mut part));
    }
    parts
}

fn finished(part: &mut String) -> Option<PathBuf> {
    let part = std::mem::take(part);
    (!part.is_empty()).then(|| part.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_the_compiler() {
        assert_eq!(
            parts("/t/prog: /a/b.rs /a/with\\ space.rs C:\\x.rs\n\n"),
            ["/a/b.rs", "/a/with space.rs", "C:\\x.rs"].map(PathBuf::from)
        );
    }

    #[cfg(not(any(windows, target_os = "macos")))]
    #[test]
    fn where_it_is() {
        let place = |variables: &[(&str, &str)]| {
            folder(&|name| {
                let mut variables = variables.iter();
                let found = variables.find(|(other, _)| *other == name);
                found.map(|(_, value)| OsString::from(value))
            })
        };
        let path = |text: &str| Some(PathBuf::from(text));
        assert_eq!(place(&[("HOME", "/h")]), path("/h/.cache/peak"));
        assert_eq!(
            place(&[("HOME", "/h"), ("XDG_CACHE_HOME", "/c")]),
            path("/c/peak")
        );
        assert_eq!(place(&[("PEAK_CACHE", "/p"), ("HOME", "/h")]), path("/p"));
        assert_eq!(place(&[("XDG_CACHE_HOME", "relative")]), None);
    }

    #[test]
    fn a_program_is_right_until_what_it_was_made_of_changes() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let entry = Entry {
            folder: folder.path().to_owned(),
            name: "it".to_owned(),
        };
        let source = Source::Version("0.1.0".to_owned());
        let (program, module) = (write("prog", "elf"), write("module.rs", "1"));
        write("Cargo.toml", "");
        let script = Script {
            path: write("a.rs", "fn main() {}"),
            text: String::new(),
        };
        write("prog.d", &format!("prog: {}\n", module.display()));
        assert_eq!(entry.program(), None);
        entry.keep(&program, &[script], &source).unwrap();
        assert_eq!(entry.program(), Some(program.clone()));
        for changed in ["module.rs", "a.rs", "Cargo.toml"] {
            let before = std::fs::read_to_string(folder.path().join(changed)).unwrap();
            write(changed, "other");
            assert_eq!(entry.program(), None, "{changed}");
            write(changed, &before);
            assert_eq!(entry.program(), Some(program.clone()), "{changed}");
        }
        std::fs::remove_file(&program).unwrap();
        assert_eq!(entry.program(), None);
    }
}
