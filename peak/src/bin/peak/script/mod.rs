//! `peak run agent.rs`: agents in single files, with no project around them.
//!
//! The files become a package in the [`cache`], with the dependencies that their
//! [`front_matter`]s name; [`package`] makes it, and cargo builds it. As long as nothing that went
//! into a program has changed, it is run again without asking cargo.

mod cache;
mod front_matter;
mod package;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use peak::__private::writing::nearest;

use crate::build::{self, Build};
use crate::failure::Failure;
use crate::files;
use crate::program::Program;
use crate::source::Source;
use cache::{Cache, Entry};
use package::{Package, Script};

/// How a program is to be made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Wishes {
    /// Whether its agents are on an XMPP server.
    pub(crate) server: bool,
    pub(crate) release: bool,
}

/// The program of these files, made now or before.
pub(crate) fn program(paths: &[PathBuf], wishes: Wishes) -> Result<Program, Failure> {
    let paths = paths
        .iter()
        .map(|path| found(path))
        .collect::<Result<Vec<_>, _>>()?;
    let source = Source::of_this_tool();
    let cache = Cache::of_this_user()?;
    let entry = cache.entry(&paths, &source, wishes);
    if let Some(program) = entry.program() {
        return Ok(Program::at(program));
    }
    let scripts = paths
        .into_iter()
        .map(|path| read(&path))
        .collect::<Result<Vec<_>, _>>()?;
    let package = Package::of(entry.name(), &scripts, &source, wishes.server)?;
    write(&entry, &package, &source)?;
    let build = Build {
        manifest: entry.folder().join("Cargo.toml"),
        program: entry.name(),
        target: Some(cache.target()),
        release: wishes.release,
        instead_of: &package.instead_of,
        what: &names(&scripts),
    };
    let built = build::run(&build)?;
    entry.keep(&built, &scripts, &source)?;
    Ok(Program::at(built))
}

/// Writes what has changed, and nothing else: cargo goes by the times of files.
fn write(entry: &Entry, package: &Package, source: &Source) -> Result<(), Failure> {
    let mut changes = package.changes(entry.folder());
    let lock = entry.folder().join("Cargo.lock");
    if let Some(ours) = source.lock().filter(|_| !lock.exists()) {
        let text = std::fs::read_to_string(&ours);
        let text = text.map_err(|error| Failure::io("read", &ours, &error))?;
        changes.push(files::Change { path: lock, text });
    }
    changes.retain(|change| {
        std::fs::read_to_string(&change.path).map_or(true, |text| text != change.text)
    });
    for change in &changes {
        let folder = change.path.parent().unwrap_or(entry.folder());
        std::fs::create_dir_all(folder).map_err(|error| Failure::io("made", folder, &error))?;
    }
    files::write(&changes)
}

/// The file, from the root. A link is followed: the same file is the same program.
fn found(path: &Path) -> Result<PathBuf, Failure> {
    let problem = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => missing(path),
        _ => Failure::io("read", path, &error),
    };
    let whole = path.canonicalize().map_err(problem)?;
    if whole.is_dir() {
        return Err(Failure::new(format!("`{}` is a folder", path.display())));
    }
    Ok(whole)
}

fn missing(path: &Path) -> Failure {
    let failure = Failure::new(format!("there is no file `{}`", path.display()));
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    let others: Vec<String> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name.ends_with(".rs"))
        .collect();
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match nearest(&name, others.iter().map(String::as_str)) {
        Some(near) => failure.hint(format!(
            "did you mean `{}`?",
            path.with_file_name(near).display()
        )),
        None => failure.hint("give the path of a file with an agent in it"),
    }
}

fn read(path: &Path) -> Result<Script, Failure> {
    let text = std::fs::read(path).map_err(|error| Failure::io("read", path, &error))?;
    let text = String::from_utf8(text).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes()[..good]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count()
            + 1;
        Failure::new(format!("{}:{line}: this is not UTF-8 text", path.display()))
            .hint("save the file as UTF-8")
    })?;
    Ok(Script {
        path: path.to_owned(),
        text,
    })
}

/// The names of the files, for people.
fn names(scripts: &[Script]) -> String {
    let name = |script: &Script| {
        let name = script.path.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    };
    match scripts {
        [one] => name(one),
        [first, others @ ..] => format!("{} and {} more", name(first), others.len()),
        [] => String::new(),
    }
}

/// The words of a command line without those that only this tool knows.
pub(crate) fn without_own(argv: &[OsString]) -> Vec<OsString> {
    let ends = argv.iter().position(|word| word == "--");
    let ends = ends.unwrap_or(argv.len());
    let is_own = |place: usize, word: &OsString| place < ends && word == "--release";
    let words = argv.iter().enumerate().skip(1);
    words
        .filter(|(place, word)| !is_own(*place, word))
        .map(|(_, word)| word.clone())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_words_are_for_this_tool_only() {
        let words = |line: &str| -> Vec<OsString> { line.split(' ').map(OsString::from).collect() };
        assert_eq!(
            without_own(&words("peak run a.rs --release -c 3 -- --release")),
            words("run a.rs -c 3 -- --release")
        );
    }
}
