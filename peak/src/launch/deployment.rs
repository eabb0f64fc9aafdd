//! Deployment files that are part of a program.

use std::process::ExitCode;

/// A deployment file that is part of the program: what [`mas!`](crate::mas) makes of one that it has
/// checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Deployment {
    name: &'static str,
    text: &'static str,
}

impl Deployment {
    /// For `mas!` alone, which checks it first.
    #[doc(hidden)]
    pub const fn __checked(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }

    /// Its path, as `mas!` was given it.
    pub const fn name(self) -> &'static str {
        self.name
    }

    /// What it says.
    pub const fn text(self) -> &'static str {
        self.text
    }

    /// Runs the agents of this program as its command line says, as [`run`](crate::run()) does; but
    /// `prog` without a word, and `prog start` without a file, start the agents of this file. Paths in
    /// it begin at the folder that the program is started in.
    ///
    /// ```no_run
    /// # use peak::prelude::*;
    /// # #[agent]
    /// # struct Greeter {
    /// #     #[param]
    /// #     to: Jid,
    /// # }
    /// # #[agent]
    /// # impl Greeter {}
    /// fn main() -> peak::ExitCode {
    ///     peak::mas!("tests/greeter.yaml").run()
    /// }
    /// ```
    pub fn run(self) -> ExitCode {
        super::run_built_in(self)
    }
}
