//! Building with cargo.

use std::ffi::OsString;
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::failure::Failure;

/// What is to be built.
#[derive(Debug)]
pub(crate) struct Build<'a> {
    pub(crate) manifest: PathBuf,
    /// Which program of the package.
    pub(crate) program: &'a str,
    /// Where cargo writes to, if not where it would by itself.
    pub(crate) target: Option<PathBuf>,
    pub(crate) release: bool,
    /// Folders in the package, and what the compiler shall call them.
    pub(crate) instead_of: &'a [(PathBuf, PathBuf)],
    /// What it is to people.
    pub(crate) what: &'a str,
}

/// The one program of a package, built.
pub(crate) fn run(build: &Build<'_>) -> Result<PathBuf, Failure> {
    let is_watched = std::io::stderr().is_terminal();
    say(build, is_watched);
    let mut command = cargo();
    command
        .args(["rustc", "--message-format", "json-render-diagnostics"])
        .arg("--manifest-path")
        .arg(&build.manifest)
        .args(["--bin", build.program])
        .stdout(Stdio::piped());
    if let Some(target) = &build.target {
        command.arg("--target-dir").arg(target);
    }
    if build.release {
        command.arg("--release");
    }
    if !is_watched {
        // There is nobody to see the progress; errors are shown all the same.
        command.arg("--quiet");
    }
    command.arg("--").args(renamed(build.instead_of));
    let mut running = command.spawn().map_err(|error| no_cargo(&error))?;
    let mut messages = String::new();
    if let Some(mut out) = running.stdout.take() {
        // What cannot be read is as good as not said.
        let _ = out.read_to_string(&mut messages);
    }
    let ended = running
        .wait()
        .map_err(|error| Failure::of_program("cargo", &error.to_string()))?;
    if !ended.success() {
        return Err(Failure::failed(format!("{} does not compile", build.what)));
    }
    let programs: Vec<PathBuf> = messages.lines().filter_map(program).collect();
    match programs.as_slice() {
        [one] => Ok(one.clone()),
        [] => Err(Failure::of_program("cargo", "it has built no program")),
        [..] => Err(Failure::of_program(
            "cargo",
            "it has built several programs",
        )),
    }
}

/// Cargo: the one that runs this, if one does.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// What to say of a cargo that is not there.
pub(crate) fn no_cargo(error: &std::io::Error) -> Failure {
    Failure::of_program("cargo", &format!("it cannot be started: {error}"))
        .hint("Rust compiles agents: install it as https://rustup.rs says")
}

/// Says that it takes a while.
fn say(build: &Build<'_>, is_watched: bool) {
    let is_first = build
        .target
        .as_deref()
        .is_some_and(|target| !target.exists());
    let more = match is_first {
        true => "; the first time the framework is compiled too, which takes a minute",
        false => "",
    };
    if is_watched || is_first {
        // Nobody to tell if the terminal is gone.
        let _ = writeln!(std::io::stderr(), "compiling {}{more}", build.what);
    }
}

/// Has the compiler call copies by the names of the files that they are of.
fn renamed(instead_of: &[(PathBuf, PathBuf)]) -> impl Iterator<Item = OsString> {
    let rename = |(copy, own): &(PathBuf, PathBuf)| -> OsString {
        let mut flag = OsString::from("--remap-path-prefix=");
        flag.push(copy);
        flag.push("=");
        flag.push(own);
        flag
    };
    instead_of.iter().map(rename)
}

/// The program that a message of cargo's tells of.
fn program(message: &str) -> Option<PathBuf> {
    let message: Value = serde_json::from_str(message).ok()?;
    let path = message.get("executable")?.as_str()?;
    Some(Path::new(path).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_says_where_the_program_is() {
        let artifact = r#"{"reason":"compiler-artifact","executable":"/t/debug/x"}"#;
        assert_eq!(program(artifact), Some("/t/debug/x".into()));
        for other in [
            r#"{"reason":"compiler-artifact","executable":null}"#,
            "",
            "{}",
        ] {
            assert_eq!(program(other), None);
        }
    }
}
