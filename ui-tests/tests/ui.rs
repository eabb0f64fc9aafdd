//! Compiles every file under `pass/`, and every one under `fail/` against the message beside it.
//!
//! `PEAK_UI=name` runs the files whose path contains `name`. After a change of the messages,
//! `TRYBUILD=overwrite` writes them anew: read the difference before committing it.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// The Rust files in a folder and in the folders inside it, in order.
fn cases(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    for path in entries {
        if path.is_dir() {
            cases(&path, found)?;
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

#[test]
fn ui() -> io::Result<()> {
    let wanted = env::var("PEAK_UI").unwrap_or_default();
    let tests = trybuild::TestCases::new();
    let mut run = 0;
    for (folder, passes) in [("pass", true), ("fail", false)] {
        let mut found = Vec::new();
        cases(Path::new(folder), &mut found)?;
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
