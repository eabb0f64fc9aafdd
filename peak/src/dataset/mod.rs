//! Datasets: files that an agent reads row by row.
//!
//! [`source`] says which file it is and how it is read, [`piece`] reads its bytes, [`table`] and
//! [`lines`] make rows of them, and [`row`] and [`cell`] are a row as serde sees it. [`param`] makes
//! it a parameter; what is wrong with a file is an [`error`].

mod cell;
mod error;
mod lines;
mod param;
mod piece;
mod row;
mod source;
mod table;
#[cfg(test)]
mod tests;

use std::fmt;
use std::iter::FusedIterator;
use std::marker::PhantomData;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

pub use error::DatasetError;
use source::{Rows, Source};

/// A file that an agent reads row by row, each row a `T`: any type that implements `serde::Deserialize`.
///
/// As a parameter it is the name of the file, relative to the folder of the deployment file (on the
/// command line, to the current one), or a mapping with more to say:
///
/// ```yaml
/// params:
///   load: load.csv
///   weather: {file: weather.csv, loop: true, delimiter: ";"}
/// ```
///
/// ```
/// use peak::prelude::*;
///
/// #[derive(serde::Deserialize)]
/// struct Reading { hour: u32, kw: f64 }
///
/// #[agent]
/// struct Meter {
///     /// What it measures.
///     #[param]
///     load: Dataset<Reading>,
///     /// What it says, again and again.
///     #[param(default)]
///     texts: Dataset<String>,
/// }
///
/// #[agent]
/// impl Meter {
///     #[behaviour(periodic = "1s")]
///     async fn report(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
///         let Some(Reading { hour, kw }) = self.load.next().transpose()? else {
///             ctx.stop();
///             return Ok(());
///         };
///         println!("{hour}:00 {kw} kW");
///         Ok(())
///     }
/// }
/// # fn main() {}
/// ```
///
/// | the name ends in | a row is |
/// | --- | --- |
/// | `.csv`, `.tsv` | a line of cells below a line with their names. `T` is a struct whose fields have these names, a tuple of all cells in order, or a plain value if there is one column |
/// | `.txt` | a line: a plain value |
/// | `.jsonl`, `.ndjson` | a JSON value on a line of its own |
///
/// An empty cell is `None` for an `Option`. Columns that `T` does not have, and blank lines, are left
/// out. The text is UTF-8.
///
/// The file, the names of its columns and its first row are checked when the dataset is made: for a
/// parameter, before any agent starts. A row that cannot be read later is an error, and the next
/// call goes on with the row below it. With `loop` the first row follows the last one, and there must
/// be one; `#[param(loop)]` makes that the rule unless the user says `loop: false`. The default has no file and no rows, so `#[param(default)]` is a dataset that need not be
/// given.
///
/// A file is read in pieces of 8 KiB, and is not kept open in between, so that it may be larger than
/// the memory, and thousands of agents may each read it from its start at their own pace. A file that
/// changes on the way is an error; one that changed is read anew when a loop begins again.
pub struct Dataset<T> {
    source: Option<Source>,
    /// `None` when there are no more.
    rows: Option<Rows>,
    row: PhantomData<fn() -> T>,
}

impl<T: DeserializeOwned + 'static> Dataset<T> {
    /// The rows of this file, once.
    ///
    /// # Errors
    ///
    /// If there is no such file, if its kind is unknown, or if it, the names of its columns or its
    /// first row are not what `T` wants.
    ///
    /// ```no_run
    /// let mut texts = peak::Dataset::<String>::open("texts.txt")?;
    /// while let Some(text) = texts.next().transpose()? {
    ///     println!("{text}");
    /// }
    /// # Ok::<(), peak::DatasetError>(())
    /// ```
    pub fn open(file: impl Into<PathBuf>) -> Result<Self, DatasetError> {
        Self::of(Source::new(file.into(), None)?)
    }

    /// The rows of this file, again and again.
    ///
    /// # Errors
    ///
    /// As of [`open`](Self::open), and if it has no rows.
    ///
    /// ```no_run
    /// let days = peak::Dataset::<f64>::looping("days.txt")?;
    /// let fortnight: Result<Vec<f64>, _> = days.take(14).collect();
    /// # fortnight?;
    /// # Ok::<(), peak::DatasetError>(())
    /// ```
    pub fn looping(file: impl Into<PathBuf>) -> Result<Self, DatasetError> {
        Self::of(Source::new(file.into(), None)?.looping())
    }

    fn of(source: Source) -> Result<Self, DatasetError> {
        let rows = source.open::<T>()?;
        Ok(Self {
            source: Some(source),
            rows: Some(rows),
            row: PhantomData,
        })
    }

    /// The file from its first row on.
    fn begin_again(&mut self) -> Result<(), DatasetError> {
        if let Some(source) = &self.source {
            self.rows = Some(source.open::<T>()?);
        }
        Ok(())
    }
}

impl<T> Dataset<T> {
    /// The file; `None` of the default, which has none.
    pub fn path(&self) -> Option<&Path> {
        self.source.as_ref().map(Source::path)
    }

    /// Whether the first row follows the last one.
    pub fn is_looping(&self) -> bool {
        self.source.as_ref().is_some_and(Source::is_looping)
    }
}

/// Each call reads one row. It may read from the disk, but never waits for anything else.
impl<T: DeserializeOwned + 'static> Iterator for Dataset<T> {
    type Item = Result<T, DatasetError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.rows.as_mut()?.next::<T>() {
                if row.as_ref().is_err_and(DatasetError::is_final) {
                    self.rows = None;
                }
                return Some(row);
            }
            self.rows = None;
            if !self.is_looping() {
                return None;
            }
            // It has a row when this is well.
            if let Err(error) = self.begin_again() {
                return Some(Err(error));
            }
        }
    }
}

impl<T: DeserializeOwned + 'static> FusedIterator for Dataset<T> {}

/// No file and no rows.
impl<T> Default for Dataset<T> {
    fn default() -> Self {
        Self {
            source: None,
            rows: None,
            row: PhantomData,
        }
    }
}

impl<T> fmt::Debug for Dataset<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Dataset")
            .field("path", &self.path())
            .field("looping", &self.is_looping())
            .finish_non_exhaustive()
    }
}
