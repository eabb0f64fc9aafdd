//! Deployment files: all agents of a system in one YAML file, PEAK's `mas.yaml`.
//!
//! ```yaml
//! defaults:
//!   domain: localhost
//!   log_level: info
//! agents:
//!   harry:
//!     agent: Receiver
//!   john:
//!     agent: Sender
//!     clones: 3
//!     params:
//!       to: harry@localhost
//! ```
//!
//! [`node`] reads YAML into a tree in which everything knows its line and column, [`values`] takes
//! values out of it, [`references`] puts those of the environment in, [`keys`] are the keys there are.
//! [`settings`] reads what an agent is given ([`types`]: of which type it is; [`after`]: whom it waits
//! for; [`logs`]: of its logs; [`xmpp`]: of its server), and [`check`] makes a plan of it. [`schema`]
//! says the same of the keys to editors. [`slips`] finds what was mistyped where the YAML cannot be
//! read at all. [`outline`] is what somebody who writes into such a file wants to know of it.

mod after;
mod check;
mod keys;
mod logs;
mod node;
pub(super) mod outline;
mod param_schema;
mod references;
mod schema;
mod settings;
mod slips;
mod survey;
mod types;
mod values;
mod xmpp;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::plan::Plan;
use super::problem::{Place, Problem, Problems};
use super::xmpp::Domains;

pub(super) use keys::help;
pub(super) use schema::schema;
pub(super) use survey::survey;

/// More than this is not a deployment file.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// Reads a deployment file and checks it to the end; `domains` has what the command line says.
pub(super) fn read(path: &Path, domains: Domains) -> Result<Plan, Problems> {
    let mut problems = Problems::of(path.display().to_string());
    let bytes = match bytes(path) {
        Ok(bytes) => bytes,
        Err(problem) => {
            problems.add(problem);
            return Err(problems);
        }
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    match plan(&bytes, folder, domains, &mut problems) {
        Some(mut plan) if problems.is_empty() => {
            plan.warnings.extend(problems.take_warnings());
            Ok(plan)
        }
        _ => Err(problems),
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    let read = || -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?
            .take(MAX_BYTES + 1)
            .read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => Problem::new("there is no such file")
            .hint("give the path of a deployment file: `start path/to/mas.yaml`"),
        io::ErrorKind::IsADirectory => Problem::new("this is a directory")
            .hint("give the path of the file in it: `start path/to/mas.yaml`"),
        _ => Problem::new(format!("it cannot be read: {error}")),
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(Problem::new(
            "more than 64 MiB: this is not a deployment file",
        ));
    }
    Ok(bytes)
}

/// What the bytes of a file ask for; the problems say why not.
fn plan(bytes: &[u8], folder: &Path, domains: Domains, problems: &mut Problems) -> Option<Plan> {
    let text = problems.note(utf8(bytes))?;
    let root = node::read(text).map_err(|problem| match problem.place() {
        Some(place) if !problem.has_hint() => match slips::near(text, place, problem.what()) {
            Some(hint) => problem.hint(hint),
            None => problem,
        },
        _ => problem,
    });
    let mut root = problems.note(root)?;
    references::resolve(&mut root, &|name| std::env::var(name), problems);
    check::plan(&root, folder, domains, problems)
}

fn utf8(bytes: &[u8]) -> Result<&str, Problem> {
    let end = match std::str::from_utf8(bytes) {
        Ok(text) => match text.find('\0') {
            None => return Ok(text),
            // Text of two bytes a letter, or no text.
            Some(zero) => zero,
        },
        Err(error) => error.valid_up_to(),
    };
    let good = String::from_utf8_lossy(&bytes[..end]);
    let last = good.rsplit('\n').next().unwrap_or_default();
    let place = Place {
        line: good.matches('\n').count() as u64 + 1,
        column: last.chars().count() as u64 + 1,
    };
    Err(Problem::at(place, "this is not UTF-8 text").hint("save the file as UTF-8"))
}

#[cfg(test)]
mod tests;
