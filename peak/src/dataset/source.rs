//! Which file a dataset is, and how it is read.

use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use super::error::DatasetError;
use super::lines::{Kind, Lines};
use super::piece::Pieces;
use super::table::Table;
use crate::text;

/// A file, and how it is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Source {
    path: PathBuf,
    format: Format,
    looping: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Table { delimiter: u8 },
    Lines(Kind),
}

impl Source {
    /// What the end of its name says it is.
    pub(super) fn new(path: PathBuf, delimiter: Option<u8>) -> Result<Self, DatasetError> {
        let ending = path.extension().and_then(|ending| ending.to_str());
        let ending = ending.map(str::to_ascii_lowercase).unwrap_or_default();
        let format = match (ending.as_str(), delimiter) {
            ("txt", None) => Format::Lines(Kind::Text),
            ("jsonl" | "ndjson", None) => Format::Lines(Kind::Json),
            ("csv", None) => Format::Table { delimiter: b',' },
            ("tsv", None) => Format::Table { delimiter: b'\t' },
            ("csv" | "tsv", Some(delimiter)) => Format::Table { delimiter },
            ("txt" | "jsonl" | "ndjson", Some(_)) => {
                let what = "only a file of cells has a `delimiter`: `.csv` or `.tsv`";
                return Err(DatasetError::of_file(&path, what));
            }
            _ => {
                let what = "what is in it? its name must end in `.csv`, `.tsv`, `.txt`, `.jsonl` \
                            or `.ndjson`";
                return Err(DatasetError::of_file(&path, what));
            }
        };
        Ok(Self {
            path,
            format,
            looping: false,
        })
    }

    /// The first row follows the last one.
    pub(super) fn looping(self) -> Self {
        Self {
            looping: true,
            ..self
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn is_looping(&self) -> bool {
        self.looping
    }

    /// Its rows, after a look at the first one.
    pub(super) fn open<T: DeserializeOwned>(&self) -> Result<Rows, DatasetError> {
        match self.rows::<T>()?.next::<T>() {
            Some(Err(error)) => return Err(error.and_last()),
            None if self.looping => {
                let what = "it has no rows, and a loop needs one";
                return Err(DatasetError::of_file(&self.path, what));
            }
            Some(Ok(_)) | None => {}
        }
        self.rows::<T>()
    }

    fn rows<T: DeserializeOwned>(&self) -> Result<Rows, DatasetError> {
        let pieces = Pieces::open(&self.path).map_err(|error| {
            let what = match error.kind() {
                io::ErrorKind::NotFound => not_there(&self.path),
                io::ErrorKind::Other => error.to_string(),
                _ => format!("it cannot be read: {error}"),
            };
            DatasetError::of_file(&self.path, what)
        })?;
        Ok(match self.format {
            Format::Table { delimiter } => {
                Rows::Table(Table::open::<T>(&self.path, pieces, delimiter)?)
            }
            Format::Lines(kind) => Rows::Lines(Lines::open(&self.path, pieces, kind)),
        })
    }
}

/// The rows of a file, from one on.
pub(super) enum Rows {
    Table(Table),
    Lines(Lines),
}

impl Rows {
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Option<Result<T, DatasetError>> {
        match self {
            Self::Table(table) => table.next(),
            Self::Lines(lines) => lines.next(),
        }
    }
}

/// There is no such file, but perhaps one of nearly that name.
fn not_there(path: &Path) -> String {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let Ok(entries) = std::fs::read_dir(folder) else {
        return format!("there is no folder `{}`", folder.display());
    };
    let names: Vec<String> = entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    let name = path.file_name().and_then(|name| name.to_str());
    match name.and_then(|name| text::nearest(name, names.iter().map(String::as_str))) {
        Some(near) => format!("there is no such file: did you mean `{near}`?"),
        None => "there is no such file".to_owned(),
    }
}
