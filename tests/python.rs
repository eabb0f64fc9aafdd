//! Real SPADE and PEAK agents as processes; see `python/README.md` for what they can do.
//!
//! ```no_run
//! use peak_tests::python::{Kind, Peer};
//! use serde_json::json;
//!
//! let python = Kind::Spade.python().expect("there is Python 3.11");
//! let mut peer = Peer::start(&python, Kind::Spade, "bob@localhost/main", 5222);
//! peer.tell(&json!({"do": "send", "to": "ann@localhost", "body": "hello"}));
//! let answer = peer.event("message", |event| event["body"] == "hello to you");
//! peer.stop();
//! ```

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::workspace;

/// How long a peer may take for anything.
const PATIENCE: Duration = Duration::from_secs(60);

/// Which framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// SPADE 4.1.4.
    Spade,
    /// PEAK 1.2.8, on SPADE 3.
    Peak,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Spade => "spade",
            Self::Peak => "peak",
        }
    }

    /// The Python with the framework, which is made if it is not there yet. It is under `target`, for all
    /// tests; nothing if this system has no Python of the version that the framework needs.
    ///
    /// # Panics
    ///
    /// With what the set-up said, if it fails for another reason.
    pub fn python(self) -> Option<PathBuf> {
        static PLACES: [OnceLock<Option<PathBuf>>; 2] = [OnceLock::new(), OnceLock::new()];
        let place = &PLACES[self as usize];
        place.get_or_init(|| self.set_up()).clone()
    }

    fn set_up(self) -> Option<PathBuf> {
        let name = self.name();
        let folder = target().join("python");
        std::fs::create_dir_all(&folder).expect("the target folder is writable");
        // Tests of several processes may be the first ones.
        let lock = File::create(folder.join(format!("{name}.setup"))).expect("it is writable");
        lock.lock().expect("files can be locked");
        let environment = folder.join(name);
        let output = Command::new(workspace().join("tests/python/setup"))
            .arg(name)
            .arg(&environment)
            .stdin(Stdio::null())
            .output()
            .expect("bash is there");
        let said = String::from_utf8_lossy(&output.stderr);
        match output.status.code() {
            Some(0) => Some(environment.join("bin/python")),
            Some(3) => None,
            code => panic!("no environment for {name} ({code:?}):\n{said}"),
        }
    }
}

/// The folder that cargo builds this test in: `target/<profile>/deps/test-0123`.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    let target = test.ancestors().nth(3);
    target
        .expect("tests are built in a target folder")
        .to_owned()
}

/// An agent of SPADE or PEAK; killed when this value goes.
#[derive(Debug)]
pub struct Peer {
    jid: String,
    process: Child,
    commands: Option<ChildStdin>,
    events: Receiver<Value>,
    /// What came while something else was awaited.
    earlier: Vec<Value>,
    /// What the libraries have printed.
    log: Arc<Mutex<String>>,
}

impl Peer {
    /// Starts an agent, registers it, and waits until it can be reached. The address is full.
    ///
    /// # Panics
    ///
    /// With what it said, if it cannot.
    pub fn start(python: &Path, kind: Kind, jid: &str, port: u16) -> Self {
        let mut process = Command::new(python)
            .arg(workspace().join("tests/python/peer.py"))
            .args(["--kind", kind.name(), "--jid", jid])
            .args(["--password", "of a peer", "--port", &port.to_string()])
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", python.display()));
        let (sender, events) = channel();
        let out = process.stdout.take().expect("it is piped");
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if sender.send(event).is_err() {
                    return;
                }
            }
        });
        let log = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&log);
        let mut err = process.stderr.take().expect("it is piped");
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = err.read(&mut bytes) {
                let text = String::from_utf8_lossy(&bytes[..count]);
                kept.lock().expect("nobody panics with it").push_str(&text);
            }
        });
        let mut peer = Self {
            jid: jid.to_owned(),
            commands: process.stdin.take(),
            process,
            events,
            earlier: Vec::new(),
            log,
        };
        let ready = peer.event("ready", |_| true);
        assert_eq!(ready["jid"], *jid);
        peer
    }

    /// Its full address.
    pub fn jid(&self) -> &str {
        &self.jid
    }

    /// Gives it a command.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub fn tell(&mut self, command: &Value) {
        let commands = self.commands.as_mut().expect("it was not stopped");
        writeln!(commands, "{command}")
            .and_then(|()| commands.flush())
            .unwrap_or_else(|error| panic!("{} takes no command {command}: {error}", self.jid));
    }

    /// Gives it a command, and waits until it says that this is done.
    ///
    /// # Panics
    ///
    /// If that is not so in a minute.
    pub fn has_done(&mut self, command: &Value) {
        let what = command["do"].clone();
        self.tell(command);
        self.event("done", |event| event["do"] == what);
    }

    /// The first event of this name that is so; others stay, to be asked for later.
    ///
    /// # Panics
    ///
    /// If none comes in a minute, or the peer ends: with what else came.
    pub fn event(&mut self, name: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let is_it = |event: &Value| event["event"] == name && is_so(event);
        if let Some(place) = self.earlier.iter().position(is_it) {
            return self.earlier.remove(place);
        }
        let begin = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(begin.elapsed());
            match self.events.recv_timeout(left) {
                Ok(event) if is_it(&event) => return event,
                Ok(event) => self.earlier.push(event),
                Err(error) => self.missing(name, error),
            }
        }
    }

    fn missing(&self, name: &str, error: RecvTimeoutError) -> ! {
        let log = self.log.lock().expect("nobody panics with it");
        let what = match error {
            RecvTimeoutError::Timeout => "in a minute",
            RecvTimeoutError::Disconnected => "before it ended",
        };
        let came = &self.earlier;
        panic!(
            "{}: no such event `{name}` {what}, but {came:#?}\nIt said:\n{log}",
            self.jid
        );
    }

    /// Has it log out, and waits for its end.
    ///
    /// # Panics
    ///
    /// If it does not end in order within a minute.
    pub fn stop(mut self) {
        self.tell(&json!({"do": "stop"}));
        // The end of its input, too.
        self.commands = None;
        let begin = Instant::now();
        let status = loop {
            if let Some(status) = self.process.try_wait().expect("a child can be waited for") {
                break status;
            }
            if begin.elapsed() > PATIENCE {
                self.missing("end of the process", RecvTimeoutError::Timeout);
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        let log = self.log.lock().expect("nobody panics with it");
        assert!(status.success(), "{} ended with {status}:\n{log}", self.jid);
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
