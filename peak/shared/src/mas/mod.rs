//! Deployment files, as far as they can be read without the agents that they speak of.
//!
//! [`node`] reads YAML into a tree in which everything knows its line and column, [`values`] takes
//! values out of it, [`references`] puts those of the environment in, [`keys`] are the keys there are.
//! [`section`] is what an agent is given ([`after`]: whom it waits for; `logs`: of its logs; [`xmpp`]:
//! of its server), [`mod@file`] the whole, and [`addresses`] follow from that. `slips` finds what was
//! mistyped where the YAML cannot be read at all.

pub mod addresses;
pub mod after;
pub mod file;
pub mod keys;
mod logs;
pub mod node;
pub mod references;
pub mod section;
mod slips;
pub mod values;
pub mod xmpp;

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use crate::problem::{Place, Problem, Problems};
use node::Node;

/// More than this is not a deployment file.
pub const MAX_BYTES: u64 = 64 * 1024 * 1024;

/// More agents than this in one process are a slip of the finger.
pub const MAX_AGENTS: u64 = 1_000_000;

/// The resource of an agent that is given none.
pub const RESOURCE: &str = "main";

/// The domain of an agent that is given none: inside the process.
pub const DOMAIN: &str = "localhost";

/// What is in a file, as far as one byte too many.
///
/// # Errors
///
/// Why it cannot be read.
pub fn bytes(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The tree of a file; the problems say why not.
pub fn parse(bytes: &[u8], problems: &mut Problems) -> Option<Node> {
    let text = problems.note(utf8(bytes))?;
    let root = node::read(text).map_err(|problem| match problem.place() {
        Some(place) if !problem.has_hint() => match slips::near(text, place, problem.what()) {
            Some(hint) => problem.hint(hint),
            None => problem,
        },
        _ => problem,
    });
    problems.note(root)
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
