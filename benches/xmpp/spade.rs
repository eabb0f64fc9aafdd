//! SPADE, in a process of its own, on the same server.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use peak_tests::workspace;
use serde_json::Value;

use crate::place::Place;

/// SPADE's Python, with all that it needs.
pub(crate) struct Spade {
    python: PathBuf,
}

impl Spade {
    /// Makes its environment, unless it is there already.
    ///
    /// # Errors
    ///
    /// What has to be installed first.
    pub(crate) fn set_up() -> Result<Self, String> {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("spade");
        let setup = scripts().join("setup");
        let output = Command::new(&setup)
            .arg("spade")
            .arg(&folder)
            .stdin(Stdio::null())
            .output()
            .map_err(|error| format!("{}: {error}", setup.display()))?;
        match output.status.success() {
            true => Ok(Self {
                python: folder.join("bin/python"),
            }),
            false => Err(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        }
    }

    /// Runs one of its cases, and gives what it measured.
    ///
    /// An agent of SPADE says that it has started before the server need have handled its presence. A
    /// message that is faster than that comes back, and is waited for in vain: then the case is run again.
    pub(crate) fn run(&self, place: &Place, case: &str, more: &[&str]) -> Value {
        for _ in 0..ATTEMPTS {
            match self.attempt(place, case, more) {
                Ok(answer) => return answer,
                Err(error) => println!("  {case} is run again: {error}"),
            }
        }
        panic!("SPADE's {case} failed {ATTEMPTS} times");
    }

    fn attempt(&self, place: &Place, case: &str, more: &[&str]) -> Result<Value, String> {
        let output = Command::new(&self.python)
            .arg(scripts().join("bench_spade.py"))
            .args(["--port", &place.port.to_string(), case])
            .args(more)
            .stdin(Stdio::null())
            .output()
            .expect("it was set up");
        let said = String::from_utf8_lossy(&output.stdout);
        let last = said.lines().next_back().unwrap_or_default();
        serde_json::from_str(last).map_err(|_| {
            let errors = String::from_utf8_lossy(&output.stderr);
            errors.lines().next_back().unwrap_or_default().to_owned()
        })
    }
}

/// How often a case is tried.
const ATTEMPTS: usize = 3;

fn scripts() -> PathBuf {
    workspace().join("tests/python")
}

/// A figure of its answer.
pub(crate) fn figure(answer: &Value, name: &str) -> f64 {
    let figure = answer.get(name).and_then(Value::as_f64);
    figure.unwrap_or_else(|| panic!("SPADE says no {name}: {answer}"))
}
