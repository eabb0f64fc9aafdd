//! The bytes of a file, piece by piece, with nothing kept open in between.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// How much is read at once. Each agent that reads a dataset has so much of it in memory.
pub(super) const PIECE: usize = 8 * 1024;

/// How long a row may be: what is longer is one whose quote is not closed, or no text at all.
const MAX_ROW: usize = 16 * 1024 * 1024;

/// A file that is being read.
#[derive(Debug)]
pub(super) struct Pieces {
    path: PathBuf,
    /// Where the next piece begins.
    at: u64,
    /// What the file was when the first one was read.
    version: Version,
    /// How much may still be read for this row.
    left: usize,
}

/// What differs after somebody has written to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Version {
    length: u64,
    modified: Option<SystemTime>,
}

impl Version {
    fn of(metadata: &Metadata) -> Self {
        Self {
            length: metadata.len(),
            modified: metadata.modified().ok(),
        }
    }
}

impl Pieces {
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        // Opening a pipe would wait for somebody to write to it.
        let metadata = std::fs::metadata(path)?;
        if metadata.is_dir() {
            return Err(io::Error::other("this is a folder, not a file"));
        }
        if !metadata.is_file() {
            return Err(io::Error::other("this is not a regular file"));
        }
        Ok(Self {
            path: path.to_owned(),
            at: 0,
            version: Version::of(&File::open(path)?.metadata()?),
            left: MAX_ROW,
        })
    }

    /// A row begins.
    pub(super) fn begin_row(&mut self) {
        self.left = MAX_ROW;
    }
}

impl Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.version.length {
            return Ok(0);
        }
        if self.left == 0 {
            return Err(io::Error::other(
                "a row is longer than 16 MiB: is a quote not closed?",
            ));
        }
        let mut file = File::open(&self.path)?;
        if Version::of(&file.metadata()?) != self.version {
            return Err(io::Error::other("it was changed while it was being read"));
        }
        file.seek(SeekFrom::Start(self.at))?;
        let most = buffer.len().min(self.left);
        let read = file.read(&mut buffer[..most])?;
        self.at += read as u64;
        self.left -= read;
        Ok(read)
    }
}
