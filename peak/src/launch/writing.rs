//! What the `peak` command needs to write projects: deployment files as `start` reads them, and words
//! as every other command has them.

use std::time::Duration;

use super::mas;
use crate::{DurationError, text, time};

pub use super::mas::outline::{Entry, Key, Outline};

/// Reads a deployment file as `start` does; whether there are such agents is not looked at.
///
/// # Errors
///
/// Why it cannot be read, with line and column.
pub fn outline(text: &str) -> Result<Outline, String> {
    mas::outline::outline(text).map_err(|problem| match problem.place() {
        Some(place) => format!("line {place}: {}", problem.what()),
        None => problem.what().to_owned(),
    })
}

/// The JSON Schema of the deployment files of any program.
pub fn general_schema() -> String {
    mas::general_schema()
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
