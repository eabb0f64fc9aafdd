//! What the tests share: running a program and looking at what it says; real servers, and real agents of Python.

pub mod agents;
#[cfg(unix)]
pub mod python;
#[cfg(unix)]
pub mod servers;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// What a program said, and its exit code.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; `None` if a signal ended it.
    pub code: Option<i32>,
    /// Its standard output.
    pub out: String,
    /// Its standard error.
    pub err: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

/// How long a program of a test may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// Runs a program to its end.
///
/// # Panics
///
/// If it does not start, or does not end in a minute.
pub fn run(program: impl AsRef<Path>, args: &[&str]) -> Ran {
    let child = start(program, args);
    end(child)
}

/// Starts a program in the top folder of the workspace.
///
/// # Panics
///
/// If it does not start.
pub fn start(program: impl AsRef<Path>, args: &[&str]) -> Child {
    start_in(workspace(), program, args)
}

/// Starts a program in a folder.
///
/// # Panics
///
/// If it does not start.
pub fn start_in(folder: impl AsRef<Path>, program: impl AsRef<Path>, args: &[&str]) -> Child {
    let program = program.as_ref();
    Command::new(program)
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", program.display()))
}

/// Waits for a program to end.
///
/// # Panics
///
/// If it does not end in a minute.
pub fn end(mut child: Child) -> Ran {
    let begin = Instant::now();
    let (mut out, mut err) = (child.stdout.take(), child.stderr.take());
    // Whoever has much to say must not wait for somebody to listen.
    let out = std::thread::spawn(move || text(&mut out));
    let err = std::thread::spawn(move || text(&mut err));
    let status = loop {
        if let Some(status) = child.try_wait().expect("a child can be waited for") {
            break status;
        }
        if begin.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("still running after a minute: {:?}", err.join());
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    Ran {
        code: status.code(),
        out: out.join().expect("reading does not panic"),
        err: err.join().expect("reading does not panic"),
    }
}

fn text(pipe: &mut Option<impl std::io::Read>) -> String {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        // What came until then is what there is.
        let _ = pipe.read_to_end(&mut bytes);
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The top folder of the workspace.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the tests are in the workspace")
        .to_owned()
}

/// Builds an example with all that it can, unless it is built, and gives its path.
///
/// # Panics
///
/// If it does not build.
pub fn example(name: &str) -> PathBuf {
    built("peak-examples", name)
}

/// Builds the tool `peak`, unless it is built, and gives its path.
///
/// # Panics
///
/// If it does not build.
pub fn tool() -> PathBuf {
    built("peak-mas", "peak")
}

fn built(package: &str, name: &str) -> PathBuf {
    // target/debug/deps/test-0123: the examples go where this test is.
    let test = std::env::current_exe().expect("a test knows where it is");
    let folder = test
        .ancestors()
        .nth(2)
        .expect("tests are built in target/<profile>/deps");
    let target = folder.parent().expect("profiles are folders of the target");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(profile) => profile,
    };
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--package", package])
        .args(["--bin", name, "--all-features", "--profile", profile])
        .arg("--target-dir")
        .arg(target)
        .current_dir(workspace())
        .status()
        .expect("cargo runs");
    assert!(built.success(), "the program {name} does not build");
    folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

/// Says that something was not tested where nobody overlooks it: the harness hides what macros print.
///
/// # Panics
///
/// If nobody is there to be told.
pub fn left_out(why: &str) {
    let words = format!("NOT TESTED: {why}\n");
    let said = std::io::stderr().write_all(words.as_bytes());
    said.expect("there is somebody to tell");
}
