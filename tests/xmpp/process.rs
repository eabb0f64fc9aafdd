//! Programs with agents on XMPP servers.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use peak_tests::servers::Server;
use peak_tests::{Ran, end, workspace};

/// The program with agents of every kind.
pub(crate) const AGENTS: &str = env!("CARGO_BIN_EXE_cli-agents");

/// A program that finds no password but where it is told to look.
pub(crate) fn command(program: impl AsRef<Path>, home: &Path) -> Command {
    let mut command = Command::new(program.as_ref());
    command
        .current_dir(workspace())
        .env_remove("PEAK_PASSWORD")
        .env_remove("XDG_CONFIG_HOME")
        .env("HOME", home);
    command
}

/// One that runs an agent on a server, whose home is the server's folder.
pub(crate) fn agent(server: &Server, line: &str) -> Command {
    let mut command = command(AGENTS, server.folder());
    command.args(["run", "--xmpp", &format!("localhost:{}", server.port())]);
    command.args(line.split_whitespace());
    command
}

/// Starts it.
pub(crate) fn start(command: &mut Command) -> Child {
    let started = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    started.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Runs it to its end, while agents of this process go on.
pub(crate) async fn ran(mut command: Command) -> Ran {
    let ran = tokio::task::spawn_blocking(move || end(start(&mut command)));
    ran.await.expect("it ends in time")
}

/// What a program has told that went wrong, each once.
pub(crate) fn errors(ran: &Ran) -> BTreeSet<&str> {
    let lines = ran.err.lines();
    lines.filter(|line| line.starts_with("error: ")).collect()
}
