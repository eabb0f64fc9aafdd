//! Files of cells below their columns' names: CSV and TSV.

use std::fs::File;
use std::io::{self, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ErrorKind, Position, StringRecord};
use serde::de::DeserializeOwned;

use super::cell::{What, Wrong};
use super::error::DatasetError;
use super::piece::{PIECE, Pieces};
use super::row::{Row, check_columns};
use crate::text;

/// A file of cells that is being read.
pub(super) struct Table {
    path: PathBuf,
    reader: csv::Reader<Pieces>,
    columns: Vec<String>,
    /// The row that is being read: kept, so that its memory is used again.
    row: ByteRecord,
}

impl Table {
    /// Reads the names of the columns, and checks that a `T` can be made of them.
    pub(super) fn open<T: DeserializeOwned>(
        path: &Path,
        pieces: Pieces,
        delimiter: u8,
    ) -> Result<Self, DatasetError> {
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            // Rows of another length are told of in words of ours.
            .flexible(true)
            .buffer_capacity(PIECE)
            .from_reader(pieces);
        let mut table = Self {
            path: path.to_owned(),
            reader,
            columns: Vec::new(),
            row: ByteRecord::new(),
        };
        let header = table.next_cells().ok_or_else(|| {
            DatasetError::of_file(path, "it is empty: its first line names the columns")
        })?;
        let header = header.map_err(DatasetError::and_last)?;
        table.columns = header.iter().map(|name| name.trim().to_owned()).collect();
        check_columns::<T>(&table.columns)
            .map_err(|wrong| DatasetError::of_file(path, table.about_columns(&wrong)))?;
        Ok(table)
    }

    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Option<Result<T, DatasetError>> {
        let cells = match self.next_cells()? {
            Ok(cells) => cells,
            Err(error) => return Some(Err(error)),
        };
        let (found, wanted) = (cells.len(), self.columns.len());
        if found != wanted {
            let what = format!("{found} cells in this row, and there are {wanted} columns");
            return Some(Err(DatasetError::of_line(&self.path, self.line(), what)));
        }
        let row = Row::new(Some(&self.columns), &cells);
        Some(row.read().map_err(|wrong| self.about_row(&wrong, &cells)))
    }

    /// The cells of the next row, as text.
    fn next_cells(&mut self) -> Option<Result<StringRecord, DatasetError>> {
        self.reader.get_mut().begin_row();
        match self.reader.read_byte_record(&mut self.row) {
            Ok(true) => Some(self.text_of_row()),
            Ok(false) => None,
            Err(error) => {
                let what = match error.into_kind() {
                    ErrorKind::Io(error) => error.to_string(),
                    kind => format!("it cannot be read: {kind:?}"),
                };
                Some(Err(DatasetError::of_file(&self.path, what)))
            }
        }
    }

    fn text_of_row(&self) -> Result<StringRecord, DatasetError> {
        StringRecord::from_byte_record(self.row.clone()).map_err(|error| {
            let cell = error.utf8_error().field();
            let bytes = self.row.get(cell).unwrap_or_default();
            let column = self.columns.get(cell).map(String::as_str);
            let what = "this is not UTF-8 text: save the file as UTF-8";
            DatasetError::of_line(&self.path, self.line(), what)
                .with_value(column, &String::from_utf8_lossy(bytes))
        })
    }

    fn about_row(&self, wrong: &Wrong, cells: &StringRecord) -> DatasetError {
        let error = DatasetError::of_line(&self.path, self.line(), self.about_columns(wrong));
        match wrong.cell {
            Some(cell) => error.with_value(
                self.columns.get(cell).map(String::as_str),
                cells.get(cell).unwrap_or_default(),
            ),
            None => error,
        }
    }

    /// What is wrong, with what was meant if a column is missing.
    fn about_columns(&self, wrong: &Wrong) -> String {
        let columns = || self.columns.iter().map(String::as_str);
        match wrong.what {
            What::Missing(column) => match text::nearest(column, columns()) {
                Some(near) => format!("{wrong}: did you mean `{near}`?"),
                None => format!("{wrong}; it has {}", text::list(columns())),
            },
            What::Twice(_) | What::Other(_) => wrong.to_string(),
        }
    }

    /// The line where the row begins.
    fn line(&self) -> u64 {
        let Some(position) = self.row.position() else {
            return 1;
        };
        // What it skips before a row counts as a part of it; it takes a look at the file again to
        // tell how much that is. Who has just taken it away has no use for a line.
        position.line() + blank_lines(&self.path, position).unwrap_or(0)
    }
}

/// How many lines end from here on before something is written in one.
fn blank_lines(path: &Path, position: &Position) -> io::Result<u64> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(position.byte()))?;
    let mut lines = 0;
    for byte in BufReader::new(file).bytes() {
        match byte? {
            b'\n' => lines += 1,
            b'\r' => {}
            _ => break,
        }
    }
    Ok(lines)
}
