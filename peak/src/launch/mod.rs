//! The command line.

/// Runs the agents of this binary as the command line says.
pub fn run() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
