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
//! [`peak_shared::mas`] reads such a file, and knows what it may say. [`types`] are the agents that it
//! speaks of, and [`check`] makes a plan of all that. [`schema`] says the same of the keys to editors,
//! with [`patterns`] for words, [`compiled`] is what the compiler asks of types, [`survey`](mod@survey)
//! what has to be known before there is a program with such agents, and [`outline`] what somebody who
//! writes into such a file wants to know of it.

mod check;
#[doc(hidden)]
pub mod compiled;
pub(super) mod outline;
mod param_schema;
mod patterns;
mod schema;
mod survey;
mod types;

use std::io;
use std::path::Path;

use peak_shared::mas::{self, MAX_BYTES, references};

use super::deployment::Deployment;
use super::plan::Plan;
use super::problem::{Problem, Problems};
use super::xmpp::Domains;

pub(super) use peak_shared::mas::keys::help;
pub(super) use schema::{general as general_schema, schema};
pub(super) use survey::survey;

/// Reads a deployment file and checks it to the end; `domains` has what the command line says.
pub(super) fn read(path: &Path, domains: Domains) -> Result<Plan, Problems> {
    let name = path.display().to_string();
    let bytes = match bytes(path) {
        Ok(bytes) => bytes,
        Err(problem) => {
            let mut problems = Problems::of(name);
            problems.add(problem);
            return Err(problems);
        }
    };
    let folder = path.parent().unwrap_or(Path::new(""));
    checked(name, &bytes, folder, domains)
}

/// The same of a file that is part of the program; its paths begin at the current folder.
pub(super) fn read_built_in(file: Deployment, domains: Domains) -> Result<Plan, Problems> {
    let (name, bytes) = (file.name().to_owned(), file.text().as_bytes());
    checked(name, bytes, Path::new(""), domains)
}

fn checked(name: String, bytes: &[u8], folder: &Path, domains: Domains) -> Result<Plan, Problems> {
    let mut problems = Problems::of(name);
    match plan(bytes, folder, domains, &mut problems) {
        Some(mut plan) if problems.is_empty() => {
            plan.warnings.extend(problems.take_warnings());
            Ok(plan)
        }
        _ => Err(problems),
    }
}

fn bytes(path: &Path) -> Result<Vec<u8>, Problem> {
    let bytes = mas::bytes(path).map_err(|error| match error.kind() {
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
    let mut root = mas::parse(bytes, problems)?;
    references::resolve(&mut root, &|name| std::env::var(name), problems);
    check::plan(&root, folder, domains, problems)
}

#[cfg(test)]
mod tests;
