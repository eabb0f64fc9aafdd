//! What the `peak` command needs to write projects: deployment files as `start` reads them, and words
//! as every other command has them.

use std::time::Duration;

use serde_json::Value;

use super::mas;
use crate::{DurationError, text, time};

/// A deployment file as `start` reads it, for whoever wants to write into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// All that it says.
    pub value: Value,
    /// The keys of the file itself.
    pub keys: Vec<Key>,
    /// The agents, in the order of the file.
    pub agents: Vec<Entry>,
}

/// A key and where it stands; line and column are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its text.
    pub name: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// An agent of a deployment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub key: Key,
    /// The type that it names with `agent:`.
    pub agent_type: Option<String>,
    /// The keys below its name.
    pub keys: Vec<Key>,
}

/// Reads a deployment file as `start` does; whether there are such agents is not looked at.
///
/// # Errors
///
/// Why it cannot be read, with line and column.
pub fn outline(text: &str) -> Result<Outline, String> {
    mas::outline(text).map_err(|problem| match problem.place() {
        Some(place) => format!("line {place}: {}", problem.what()),
        None => problem.what().to_owned(),
    })
}

/// The candidate that was probably meant by this word.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    text::nearest(word, candidates)
}

/// Names as a person would list them.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    text::list(names)
}

/// Reads a duration such as `1m30s`.
///
/// # Errors
///
/// If the text is not a duration.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    time::parse_duration(text)
}
