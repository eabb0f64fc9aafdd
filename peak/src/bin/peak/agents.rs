//! `peak run` and `peak start`: this tool has no agents, so it looks for those that are meant, in
//! single files or in the project around, and runs the program that has them.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use peak::__private::tool::Wanted;

use crate::failure::Failure;
use crate::program::Program;
use crate::project::Package;
use crate::script::{self, Wishes};

/// Runs the agents that a command line wants; nothing if it is for the launcher to do, or to refuse.
pub(crate) fn run(
    wanted: &Wanted,
    argv: &[OsString],
    release: bool,
) -> Option<Result<peak::ExitCode, Failure>> {
    let program = match wanted {
        Wanted::Run {
            agent,
            file,
            server,
        } => {
            let server = *server;
            match file {
                Some(file) => of_files(std::slice::from_ref(file), Wishes { server, release }),
                None => of_type(agent.as_deref(), release),
            }
        }
        Wanted::Start {
            file,
            server,
            sources,
        } => {
            let server = *server;
            of_start(file, sources, Wishes { server, release })?
        }
        Wanted::Types => Package::around(Path::new("")).ok()?.program(release),
        Wanted::Other => return None,
    };
    Some(program.and_then(|program| program.run(&script::without_own(argv))))
}

fn of_type(agent: Option<&str>, release: bool) -> Result<Program, Failure> {
    if let Some(agent) = agent.filter(|agent| agent.ends_with(".py")) {
        let what = format!("`{agent}` is Python, which this program does not run");
        return Err(Failure::new(what).hint(WHERE));
    }
    let project = Package::around(Path::new("")).map_err(|failure| failure.hint(WHERE))?;
    project.program(release)
}

/// To whoever has no program.
const WHERE: &str = "`peak run agent.rs` runs a single file, `peak new NAME` makes a project";

fn of_start(file: &Path, sources: &[PathBuf], wishes: Wishes) -> Option<Result<Program, Failure>> {
    let folder = file.parent().unwrap_or(Path::new(""));
    let rust = sources
        .iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let rust: Vec<PathBuf> = rust.map(|path| folder.join(path)).collect();
    if !rust.is_empty() && rust.iter().all(|path| path.exists()) {
        return Some(of_files(&rust, wishes));
    }
    match Package::around(folder).or_else(|_| Package::around(Path::new(""))) {
        Ok(project) => Some(project.program(wishes.release)),
        Err(_) if !rust.is_empty() => Some(of_files(&rust, wishes)),
        // What is wrong with the file says whoever reads it to the end.
        Err(_) if !sources.is_empty() || !file.is_file() => None,
        Err(failure) => Some(Err(failure.hint(
            "write `file: sender.rs` below each agent, or make a project with `peak new NAME`",
        ))),
    }
}

/// The program of these files: of the project whose sources they are, or one of their own.
fn of_files(paths: &[PathBuf], wishes: Wishes) -> Result<Program, Failure> {
    let first = paths.first().map_or(Path::new(""), PathBuf::as_path);
    let project = Package::around(first.parent().unwrap_or(Path::new("")));
    match project
        .ok()
        .filter(|project| paths.iter().all(|path| project.has(path)))
    {
        Some(project) => project.program(wishes.release),
        None => script::program(paths, wishes),
    }
}
