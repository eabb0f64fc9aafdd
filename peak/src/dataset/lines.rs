//! Files of one value a line: plain text and JSON.

use std::io::{self, BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use csv::StringRecord;
use serde::de::DeserializeOwned;

use super::error::DatasetError;
use super::piece::{PIECE, Pieces};
use super::row::Row;
use crate::text;

/// What a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A plain value.
    Text,
    Json,
}

/// A file of lines that is being read.
pub(super) struct Lines {
    path: PathBuf,
    kind: Kind,
    reader: BufReader<Pieces>,
    /// The number of the last line.
    number: u64,
}

/// What some editors begin a file with.
const BYTE_ORDER_MARK: &str = "\u{feff}";

impl Lines {
    pub(super) fn open(path: &Path, pieces: Pieces, kind: Kind) -> Self {
        Self {
            path: path.to_owned(),
            kind,
            reader: BufReader::with_capacity(PIECE, pieces),
            number: 0,
        }
    }

    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Option<Result<T, DatasetError>> {
        loop {
            let bytes = match self.next_line() {
                Ok(bytes) if bytes.is_empty() => return None,
                Ok(bytes) => bytes,
                Err(error) => {
                    return Some(Err(DatasetError::of_file(&self.path, error.to_string())));
                }
            };
            let Ok(mut line) = std::str::from_utf8(&bytes) else {
                let what = "this is not UTF-8 text: save the file as UTF-8";
                return Some(Err(self.wrong(&String::from_utf8_lossy(&bytes), what)));
            };
            if self.number == 1 {
                line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
            }
            let line = line.trim_end_matches(['\n', '\r']);
            if !line.trim().is_empty() {
                return Some(match self.kind {
                    Kind::Text => self.plain(line),
                    Kind::Json => self.json(line),
                });
            }
        }
    }

    /// The next line with its end; nothing at the end of the file.
    fn next_line(&mut self) -> io::Result<Vec<u8>> {
        self.reader.get_mut().begin_row();
        let mut line = Vec::new();
        self.reader.read_until(b'\n', &mut line)?;
        self.number += 1;
        Ok(line)
    }

    fn plain<T: DeserializeOwned>(&self, line: &str) -> Result<T, DatasetError> {
        let cells = StringRecord::from(vec![line]);
        let row = Row::new(None, &cells);
        row.read()
            .map_err(|wrong| self.wrong(line, wrong.to_string()))
    }

    fn json<T: DeserializeOwned>(&self, line: &str) -> Result<T, DatasetError> {
        serde_json::from_str(line).map_err(|error| {
            let text = error.to_string();
            // It counts the line for itself.
            let place = format!(" at line {} column {}", error.line(), error.column());
            let what = text.strip_suffix(&place).unwrap_or(&text);
            self.wrong(
                line,
                match missing_key(what, line) {
                    Some(missing) => missing,
                    None => format!("{what}, at character {}", character(line, error.column())),
                },
            )
        })
    }

    fn wrong(&self, line: &str, what: impl Into<String>) -> DatasetError {
        let line = line.trim_end_matches(['\n', '\r']);
        DatasetError::of_line(&self.path, self.number, what).with_value(None, line)
    }
}

/// The number of the character in which this byte is, both from 1.
fn character(line: &str, byte: usize) -> usize {
    let starts = line.char_indices().map(|(start, _)| start);
    starts.take_while(|start| *start < byte).count().max(1)
}

/// What to say of a key that is not there, with the one that was meant.
fn missing_key(error: &str, line: &str) -> Option<String> {
    let key = error.strip_prefix("missing field `")?.strip_suffix('`')?;
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line).ok()?;
    let missing = format!("there is no key `{key}`");
    Some(
        match text::nearest(key, object.keys().map(String::as_str)) {
            Some(near) => format!("{missing}: did you mean `{near}`?"),
            None => missing,
        },
    )
}
