//! A server's process: its log, and how it ends.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a server may take to come up, or to end when asked to.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// Between two looks at something that takes a while.
const LOOK: Duration = Duration::from_millis(5);

/// A process that is killed when this value goes.
#[derive(Debug)]
pub(super) struct Process(Child);

impl Process {
    /// Starts it, with what it says in a file.
    ///
    /// # Panics
    ///
    /// If its program is not installed: then `package` is named.
    pub(super) fn start(mut command: Command, log: &Path, package: &str) -> Self {
        let log = OpenOptions::new()
            .create(true)
            .append(true)
            .open(log)
            .expect("the folder of a test is writable");
        let errors = log.try_clone().expect("a file can be opened twice");
        let started = command
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors)
            .spawn();
        Self(installed(started, &command, package))
    }

    /// Whether it still runs.
    pub(super) fn runs(&mut self) -> bool {
        let ended = self.0.try_wait().expect("a child can be waited for");
        ended.is_none()
    }

    /// Its number.
    pub(super) fn id(&self) -> u32 {
        self.0.id()
    }

    /// Sends it a signal.
    pub(super) fn signal(&self, signal: Signal) {
        // A child that nobody has waited for keeps its number, so nobody else gets this.
        kill_process(Pid::from_child(&self.0), signal).expect("a child may be sent a signal");
    }

    /// Asks it to end, and waits for that; says whether it did.
    pub(super) fn end(&mut self, signal: Signal) -> bool {
        if !self.runs() {
            return true;
        }
        self.signal(signal);
        until(|| (!self.runs()).then_some(())).is_some()
    }

    /// Ends it at once.
    pub(super) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Waits until something is there, as long as [`PATIENCE`] lasts.
pub(super) fn until<T>(mut there: impl FnMut() -> Option<T>) -> Option<T> {
    let begin = Instant::now();
    loop {
        if let Some(found) = there() {
            return Some(found);
        }
        if begin.elapsed() > PATIENCE {
            return None;
        }
        std::thread::sleep(LOOK);
    }
}

/// Runs a program to its end.
///
/// # Panics
///
/// With what it said, if it fails.
pub(super) fn run(mut command: Command, package: &str) -> String {
    let output = installed(command.stdin(Stdio::null()).output(), &command, package);
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let program = command.get_program().to_string_lossy();
    assert!(output.status.success(), "{program} failed:\n{said}");
    said.into_owned()
}

fn installed<T>(result: std::io::Result<T>, command: &Command, package: &str) -> T {
    let program = command.get_program().to_string_lossy();
    result.unwrap_or_else(|error| match error.kind() {
        ErrorKind::NotFound => {
            panic!("{program} is not installed; on Debian: apt-get install {package}")
        }
        _ => panic!("{program}: {error}"),
    })
}
