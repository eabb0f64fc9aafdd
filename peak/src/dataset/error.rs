//! What is wrong with a dataset, and where.

use std::fmt;
use std::path::{Path, PathBuf};

/// What is wrong with a [`Dataset`](super::Dataset): its file, its columns, or one of its rows.
///
/// ```text
/// load.csv:7: column `kw` is `high`: expected a number
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatasetError {
    path: PathBuf,
    line: Option<u64>,
    cell: Option<Cell>,
    what: String,
    is_final: bool,
}

/// Where in a line it is.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Cell {
    column: Option<String>,
    value: String,
}

/// More of a value than this is not shown.
const SHOWN: usize = 60;

impl DatasetError {
    /// Of the file as a whole: there are no rows, or no more.
    pub(super) fn of_file(path: &Path, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line: None,
            cell: None,
            what: what.into(),
            is_final: true,
        }
    }

    /// Of one line; those below it can still be read.
    pub(super) fn of_line(path: &Path, line: u64, what: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            is_final: false,
            ..Self::of_file(path, what)
        }
    }

    /// Says which value it is, and in which column.
    pub(super) fn with_value(mut self, column: Option<&str>, value: &str) -> Self {
        self.cell = Some(Cell {
            column: column.map(str::to_owned),
            value: value.to_owned(),
        });
        self
    }

    /// Says that no row follows.
    pub(super) fn and_last(mut self) -> Self {
        self.is_final = true;
        self
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line where the row begins, from 1; `None` if it is not about a row.
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// The name of the column, if it is about the value in one.
    pub fn column(&self) -> Option<&str> {
        self.cell.as_ref()?.column.as_deref()
    }

    /// The value that was found, if it is about one.
    pub fn value(&self) -> Option<&str> {
        Some(&self.cell.as_ref()?.value)
    }

    /// Whether no row follows: the file cannot be read any further.
    pub fn is_final(&self) -> bool {
        self.is_final
    }
}

impl fmt::Display for DatasetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        match &self.cell {
            Some(Cell {
                column: Some(column),
                value,
            }) => write!(f, " column {} is {}:", quoted(column), quoted(value))?,
            Some(Cell {
                column: None,
                value,
            }) => write!(f, " {}:", quoted(value))?,
            None => {}
        }
        write!(f, " {}", self.what)
    }
}

impl std::error::Error for DatasetError {}

/// A word of the file, which may be anything: on one line, and not too long.
pub(super) fn quoted(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(SHOWN)
        .map(|char| if char.is_control() { ' ' } else { char })
        .collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}
