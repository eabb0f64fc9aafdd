//! Why a command did nothing.

use std::io;
use std::path::Path;

use peak::__private::tool;

/// Why a command did nothing, in words, with what to do about it.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hint: Option<String>,
    /// 2 if what was asked for is wrong, 1 if it was right and could not be done.
    code: u8,
}

impl Failure {
    /// What was asked for is wrong.
    pub(crate) fn new(what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
            code: 2,
        }
    }

    /// It was right, and could not be done.
    pub(crate) fn failed(what: impl Into<String>) -> Self {
        Self {
            code: 1,
            ..Self::new(what)
        }
    }

    /// A file or a folder could not be read, made or written.
    pub(crate) fn io(action: &str, path: &Path, error: &io::Error) -> Self {
        Self {
            code: 1,
            ..Self::new(format!("`{}` cannot be {action}: {error}", path.display()))
        }
    }

    /// Another program did not do its part.
    pub(crate) fn of_program(program: &str, why: &str) -> Self {
        Self {
            code: 1,
            ..Self::new(format!("`{program}`: {}", why.trim()))
        }
    }

    /// Says what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Writes it to the standard error, and gives the exit code.
    pub(crate) fn told(&self) -> peak::ExitCode {
        tool::print_problem(&self.what, self.hint.as_deref());
        self.code.into()
    }

    /// Both parts, for tests.
    #[cfg(test)]
    pub(crate) fn text(&self) -> String {
        match &self.hint {
            Some(hint) => format!("{}\nhint: {hint}", self.what),
            None => self.what.clone(),
        }
    }
}
