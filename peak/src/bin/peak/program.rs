//! Running a program in place of this one.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use crate::failure::Failure;

/// A program of agents.
#[derive(Debug)]
pub(crate) struct Program {
    path: PathBuf,
}

impl Program {
    pub(crate) fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Becomes this program, which gets these words after its name. It calls itself as we are called.
    #[cfg(unix)]
    pub(crate) fn run(&self, words: &[OsString]) -> Result<peak::ExitCode, Failure> {
        use std::os::unix::process::CommandExt as _;
        let error = Command::new(&self.path).arg0("peak").args(words).exec();
        Err(Failure::io("started", &self.path, &error))
    }

    /// Runs the program, which gets these words after its name, to its end.
    #[cfg(not(unix))]
    pub(crate) fn run(&self, words: &[OsString]) -> Result<peak::ExitCode, Failure> {
        let mut running = Command::new(&self.path)
            .args(words)
            .spawn()
            .map_err(|error| Failure::io("started", &self.path, &error))?;
        let ended = running
            .wait()
            .map_err(|error| Failure::io("started", &self.path, &error))?;
        let code = ended.code().and_then(|code| u8::try_from(code).ok());
        Ok(code.map_or(peak::ExitCode::FAILURE, peak::ExitCode::from))
    }
}
