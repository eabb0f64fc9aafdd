//! What the program logs: on the standard error, and in a file for each agent if files are wanted.
//!
//! [`args`] are the flags, which wish for the same as a section of a deployment file; [`voices`] knows who logs what and where. [`layer`] makes a [`record`] of an event and a
//! line of that, as [`text`] or as [`json`]. What goes into files waits in a [`queue`] for the one
//! thread ([`writer`]) that writes [`files`]; [`names`] says what they are called.

mod args;
mod destination;
mod files;
mod json;
pub(super) mod layer;
mod names;
mod queue;
mod record;
mod text;
mod voices;
mod writer;

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::{Arc, OnceLock};

use tracing::Level;
use tracing_subscriber::layer::Layer as _;

use super::plan::{Plan, counted};
use super::problem::{Problem, Problems};
use crate::message::Jid;
use layer::Lines;
use record::Record;
use voices::Voices;
use writer::Writer;

pub(super) use args::{FLAGS, LogArgs};
pub(super) use peak_shared::logs::{Format, Mode, Wishes};

/// The files of this process.
static FILES: OnceLock<Logs> = OnceLock::new();

#[derive(Debug)]
struct Logs {
    voices: Arc<Voices>,
    writer: Writer,
}

/// Sends what the program logs to the standard error and to the files that are wished, each agent's
/// at its own level. What `command_line` says wins over the plan.
///
/// A program that has installed a subscriber of its own before keeps it, and has no files.
pub(super) fn install(plan: &Plan, command_line: &Wishes) -> Result<(), Problems> {
    let voices = Arc::new(Voices::of(plan, command_line));
    let mut problems = Problems::default();
    let folders = voices.folders();
    for folder in &folders {
        problems.note(prepare(folder));
    }
    if problems.is_empty() {
        for file in voices.cleared() {
            let cleared = file.clear();
            problems.note(cleared.map_err(|error| unusable(&file.path(), &error)));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let no_thread = |error| Problem::new(format!("the operating system gives no threads: {error}"));
    let writer = match folders.as_slice() {
        [] => None,
        [..] => Some(Writer::start().map_err(no_thread)?),
    };
    let queue = writer.as_ref().map(|writer| Arc::clone(&writer.queue));
    let lines = Lines::new(Arc::clone(&voices), queue);
    if !subscribe(lines) {
        if writer.is_some() {
            tracing::warn!("no log files: the program has a subscriber of its own for its log");
        }
    } else if let Some(writer) = writer {
        // There is none yet, or there would be a subscriber.
        let _ = FILES.set(Logs { voices, writer });
    }
    Ok(())
}

/// Has everything written that is logged from now on, unless the program has a subscriber already.
fn subscribe(lines: Lines) -> bool {
    let heard = lines.heard();
    let lines = lines.with_filter(heard);
    #[cfg(feature = "otel")]
    return super::otel::subscribe(lines);
    #[cfg(not(feature = "otel"))]
    {
        use tracing_subscriber::layer::SubscriberExt as _;
        use tracing_subscriber::registry::Registry;

        tracing::subscriber::set_global_default(Registry::default().with(lines)).is_ok()
    }
}

/// Makes the folder, and a file in it to see whether that can be done.
fn prepare(folder: &Path) -> Result<(), Problem> {
    let probe = folder.join(format!(".peak-{}.tmp", std::process::id()));
    let written = std::fs::create_dir_all(folder).and_then(|()| {
        // Nobody else's file, and not through a link.
        File::create_new(&probe)?;
        std::fs::remove_file(&probe)
    });
    written.map_err(|error| unusable(folder, &error))
}

fn unusable(path: &Path, error: &io::Error) -> Problem {
    Problem::new(format!(
        "{}: no log can be written here: {error}",
        path.display()
    ))
    .hint(
        "name a folder that is yours to write to: `--log-folder DIR`, or `log_folder` in the file",
    )
}

/// Knows an agent that has just started: one that another agent started has a file as all others.
pub(super) fn know(agent: &Jid) {
    if let Some(logs) = FILES.get()
        && let Some(file) = logs.voices.know(agent)
        && file.settings.mode == Mode::Anew
    {
        logs.writer.queue.clear(&file);
    }
}

/// Writes into the file for what no agent says, if there is one, what is told on the terminal without
/// the log.
pub(super) fn keep(error: &str) {
    if let Some(logs) = FILES.get()
        && let Some(file) = logs.voices.find("").file
    {
        let record = Record::new(Level::ERROR, module_path!(), error.to_owned());
        logs.writer.queue.put(&file, file.line(&record), true);
    }
}

/// Waits, not for ever, until everything is in its file. Nothing is written into files after it.
pub(super) fn finish() {
    let Some(logs) = FILES.get() else {
        return;
    };
    match logs.writer.finish() {
        Some(0) => {}
        Some(lost) => {
            tracing::warn!(
                "{} of the log did not get into the files",
                counted(lost, "line")
            );
        }
        None => tracing::warn!("the end of the log is not in the files: the disk takes too long"),
    }
}

#[cfg(test)]
mod tests {
    use tracing::level_filters::LevelFilter;

    use super::*;

    fn level(level: LevelFilter) -> Wishes {
        Wishes {
            level: Some(level),
            ..Wishes::default()
        }
    }

    #[test]
    fn the_command_line_wins_over_every_level_of_the_file() {
        let plan = Plan {
            logs: level(LevelFilter::WARN),
            ..Plan::default()
        };
        let of = |plan: &Plan, wishes: &Wishes| Voices::of(plan, wishes).find("").level;
        assert_eq!(of(&plan, &Wishes::default()), LevelFilter::WARN);
        assert_eq!(of(&plan, &level(LevelFilter::DEBUG)), LevelFilter::DEBUG);
        assert_eq!(of(&Plan::default(), &Wishes::default()), LevelFilter::INFO);
    }

    #[test]
    fn agents_that_agents_start_have_files_too() {
        let jid = "child@localhost/main".parse().unwrap();
        let without = Voices::of(&Plan::default(), &Wishes::default());
        assert!(without.know(&jid).is_none());

        let wishes = Wishes {
            folder: Some("logs".into()),
            ..Wishes::default()
        };
        let voices = Voices::of(&Plan::default(), &wishes);
        let file = voices.know(&jid).unwrap();
        assert!(file.path().ends_with("logs/child@localhost_main.log"));
        assert!(voices.know(&jid).is_none(), "it is known");
        let path = |agent: &str| voices.find(agent).file.unwrap().path();
        assert_eq!(path("child@localhost/main"), file.path());
        // Any other word is nobody's name.
        assert!(path("../../etc/passwd").ends_with("logs/peak.log"));
    }
}
