//! A Git repository for a new project.

use std::io::ErrorKind;
use std::path::Path;
use std::process::{Command, Output};

use crate::failure::Failure;

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repository {
    /// There is a new one, or none was wanted.
    AsWanted,
    /// The project is in one already.
    Outer,
    /// There is no Git here.
    NoGit,
}

impl Repository {
    /// What to say of it, if it is not what was to be expected.
    pub(super) fn note(self) -> Option<String> {
        match self {
            Self::AsWanted => None,
            Self::Outer => {
                Some("it stands inside a Git repository, and belongs to that".to_owned())
            }
            Self::NoGit => Some("there is no `git` here, so it is no repository".to_owned()),
        }
    }
}

/// Makes a repository if one is wanted, and this folder is in none.
pub(super) fn repository(folder: &Path, wanted: Option<&str>) -> Result<Repository, Failure> {
    if wanted == Some("none") {
        return Ok(Repository::AsWanted);
    }
    let inside = match git(folder, &["rev-parse", "--is-inside-work-tree"]) {
        Ok(output) => output.status.success(),
        Err(error) if error.kind() == ErrorKind::NotFound && wanted.is_none() => {
            return Ok(Repository::NoGit);
        }
        Err(error) => return Err(of_git(&error.to_string())),
    };
    if inside {
        return Ok(Repository::Outer);
    }
    match git(folder, &["init", "--quiet"]) {
        Ok(output) if output.status.success() => Ok(Repository::AsWanted),
        Ok(output) => Err(of_git(&String::from_utf8_lossy(&output.stderr))),
        Err(error) => Err(of_git(&error.to_string())),
    }
}

fn git(folder: &Path, args: &[&str]) -> std::io::Result<Output> {
    let mut git = Command::new("git");
    // A hook of Git that runs this speaks of another repository.
    for variable in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(variable);
    }
    git.args(args).current_dir(folder).output()
}

fn of_git(why: &str) -> Failure {
    Failure::of_program("git", why).hint("`--vcs none` makes the project without it")
}
