//! Compiles every file under `pass/`, and every one under `fail/` against the message beside it.
//!
//! `PEAK_UI=name` runs the files whose path contains `name`. After a change of the messages,
//! `TRYBUILD=overwrite` writes them anew: read the difference before committing it.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The files of a kind in a folder and in the folders inside it, in order.
fn files(folder: &Path, kind: &str, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            files(&path, kind, found)?;
        } else if path.extension().is_some_and(|extension| extension == kind) {
            found.push(path);
        }
    }
    Ok(())
}

/// Puts a file where the compiler looks for it: trybuild compiles in a package of its own, in the
/// folder of what is built.
fn give(file: &Path) -> io::Result<()> {
    let built = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let package = built.map(|built| built.join("tests/trybuild").join(env!("CARGO_PKG_NAME")));
    let copy = package.unwrap_or_default().join(file);
    fs::create_dir_all(copy.parent().unwrap_or(Path::new("")))?;
    fs::copy(file, copy).map(drop)
}

#[test]
fn ui() -> io::Result<()> {
    let wanted = env::var("PEAK_UI").unwrap_or_default();
    let tests = trybuild::TestCases::new();
    let mut run = 0;
    for (folder, passes) in [("pass", true), ("fail", false)] {
        let mut found = Vec::new();
        files(Path::new(folder), "yaml", &mut found)?;
        found.drain(..).try_for_each(|file| give(&file))?;
        files(Path::new(folder), "rs", &mut found)?;
        for path in found
            .iter()
            .filter(|path| path.to_string_lossy().contains(&wanted))
        {
            run += 1;
            if passes {
                tests.pass(path);
            } else {
                tests.compile_fail(path);
            }
        }
    }
    assert!(
        run > 0,
        "no file under pass/ or fail/ has `{wanted}` in its path"
    );
    Ok(())
}
