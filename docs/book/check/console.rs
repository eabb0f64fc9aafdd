//! Running a program as a console shows it.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use crate::Block;

/// A command of a block, and what the block shows of it.
#[derive(Debug)]
pub struct Step {
    /// The command.
    pub command: String,
    /// The lines below it, without what differs from run to run.
    pub shown: Vec<String>,
}

/// The commands of a block.
///
/// # Panics
///
/// If it does not begin with one.
pub fn steps(block: &Block) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in block.text.lines() {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step {
                command: command.to_owned(),
                shown: Vec::new(),
            }),
            (None, Some(step)) => step.shown.push(timeless(line)),
            (None, None) => panic!("a block begins with a command: {line}"),
        }
    }
    steps
}

/// A line without what differs from run to run: the time, and how long it took.
fn timeless(line: &str) -> String {
    let line = match line.split_once(' ') {
        Some((time, rest)) if time.len() == 12 && time.matches(':').count() == 2 => rest,
        _ => line,
    };
    // The end of a table's row, or of the last line.
    let took = line
        .strip_suffix(" s")
        .and_then(|line| line.rsplit_once(' '));
    match took {
        Some((rest, seconds)) if seconds.parse::<f64>().is_ok() => {
            format!("{} … s", rest.trim_end())
        }
        _ => line.to_owned(),
    }
}

/// How long a program may say nothing that is awaited.
const PATIENCE: Duration = Duration::from_secs(60);

/// A program, and what it has said since it was asked last.
#[derive(Debug)]
pub struct Running {
    child: Child,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Running {
    /// Starts it.
    ///
    /// # Panics
    ///
    /// If it does not start.
    pub fn start(mut program: Command) -> Self {
        let (reader, writer) = std::io::pipe().expect("there are pipes");
        program.stdout(writer.try_clone().expect("there are pipes"));
        program.stderr(writer);
        let child = program.spawn().expect("the program starts");
        // The command holds the pipe open.
        drop(program);
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(reader).lines().map_while(Result::ok) {
                if sender.send(timeless(&line)).is_err() {
                    return;
                }
            }
        });
        Self {
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// Reads until it has said this, and no more; a line `…` stands for any lines.
    ///
    /// # Panics
    ///
    /// If it does not say that.
    pub fn wait_for(&mut self, shown: &[String]) {
        let begin = Instant::now();
        while !matches(shown, &self.said) {
            // It may go on talking without ever saying this.
            let left = PATIENCE.saturating_sub(begin.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(line) => self.said.push(line),
                Err(_) => {
                    let _ = self.child.kill();
                    panic!("awaited {shown:#?}, and it said {:#?}", self.said);
                }
            }
        }
        self.said.clear();
    }

    /// Presses Ctrl-C.
    ///
    /// # Panics
    ///
    /// If it has ended.
    pub fn interrupt(&self) {
        let id = self.child.id().try_into().expect("ids are small");
        let id = rustix::process::Pid::from_raw(id).expect("ids are not 0");
        rustix::process::kill_process(id, rustix::process::Signal::INT).expect("it is ours");
    }

    /// Reads to its end; gives what it said and its exit code.
    ///
    /// # Panics
    ///
    /// If it does not end.
    pub fn end(mut self) -> (Vec<String>, i32) {
        loop {
            match self.lines.recv_timeout(PATIENCE) {
                Ok(line) => self.said.push(line),
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    let _ = self.child.kill();
                    panic!("it does not end, and said {:#?}", self.said);
                }
            }
        }
        let code = self.child.wait().expect("a child can be waited for").code();
        (self.said, code.expect("it ends by itself"))
    }
}

/// Whether it said what is shown; a line `…` stands for any lines. The log and the rest come by ways of their own, so
/// the order of the one among the other is not looked at.
pub fn matches(shown: &[String], said: &[String]) -> bool {
    let is_log = |line: &str| {
        let level = line.split_once(' ').map_or(line, |(level, _)| level);
        matches!(level, "ERROR" | "WARN" | "INFO" | "DEBUG" | "TRACE")
    };
    let part = |lines: &[String], log: bool| -> Vec<String> {
        let of_part = |line: &&String| *line == "…" || is_log(line) == log;
        lines.iter().filter(of_part).cloned().collect()
    };
    [true, false]
        .iter()
        .all(|log| in_order(&part(shown, *log), &part(said, *log)))
}

fn in_order(shown: &[String], said: &[String]) -> bool {
    match shown.split_first() {
        None => said.is_empty(),
        Some((line, rest)) if line == "…" => {
            (0..=said.len()).any(|skipped| in_order(rest, &said[skipped..]))
        }
        Some((line, rest)) => said
            .split_first()
            .is_some_and(|(first, said)| first == line && in_order(rest, said)),
    }
}
