//! What one place, a section of a file or the command line, says about logs, and what follows.

use std::path::{Path, PathBuf};

use tracing_core::LevelFilter;

/// What is wished; `None` is what nobody said.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wishes {
    pub level: Option<LevelFilter>,
    /// Whether to log everything, with the place in the source.
    pub debug: Option<bool>,
    pub format: Option<Format>,
    /// Where the files are.
    pub folder: Option<PathBuf>,
    pub mode: Option<Mode>,
    pub rotation: Option<Rotation>,
    /// How many old files of each are kept.
    pub keep: Option<u32>,
}

/// How a record is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// A line for people.
    #[default]
    Text,
    /// An object of JSON in a line.
    Json,
}

/// What becomes of a file of an earlier run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    #[default]
    Append,
    /// It is removed, and its old files with it.
    Anew,
}

/// When a file is put aside and a new one begun.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rotation {
    #[default]
    Never,
    /// Before it would be longer than so many bytes.
    At(u64),
}

/// Enough to look back, and not so many that a thousand agents fill a disk.
const KEPT: u32 = 3;

/// More old files than this are not meant.
pub const MAX_KEPT: u32 = 1000;

/// The folder if files are asked for and none is named, as PEAK has it.
const FOLDER: &str = "logs";

/// How files are written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileSettings {
    pub folder: PathBuf,
    pub mode: Mode,
    pub rotation: Rotation,
    pub keep: u32,
    pub format: Format,
}

impl Wishes {
    /// These, and what they leave open from `others`.
    pub fn over(&self, others: &Self) -> Self {
        let folder = self.folder.as_ref().or(others.folder.as_ref());
        Self {
            level: self.level.or(others.level),
            debug: self.debug.or(others.debug),
            format: self.format.or(others.format),
            folder: folder.cloned(),
            mode: self.mode.or(others.mode),
            rotation: self.rotation.or(others.rotation),
            keep: self.keep.or(others.keep),
        }
    }

    /// The same with what the command line says, which wins. A level there is also less than what
    /// `debug_mode` of a file would have.
    pub fn under(&self, command_line: &Self) -> Self {
        let mut wishes = command_line.over(self);
        let is_everything = command_line.debug == Some(true) || command_line.level.is_none();
        if wishes.shows_source() && is_everything {
            wishes.level = Some(LevelFilter::TRACE);
        }
        wishes
    }

    /// What is logged.
    pub fn level(&self) -> LevelFilter {
        self.level.unwrap_or(LevelFilter::INFO)
    }

    /// Whether records say where in the source they are from.
    pub fn shows_source(&self) -> bool {
        self.debug.unwrap_or_default()
    }

    /// How the files are written, if there shall be any: whoever says something of files wants them.
    /// The folder, if none is named, is beside `place`.
    pub fn files(&self, place: &Path) -> Option<FileSettings> {
        let says_something = self.folder.is_some()
            || self.mode.is_some()
            || self.rotation.is_some()
            || self.keep.is_some();
        says_something.then(|| FileSettings {
            folder: self.folder.clone().unwrap_or_else(|| place.join(FOLDER)),
            mode: self.mode.unwrap_or_default(),
            rotation: self.rotation.unwrap_or_default(),
            keep: self.keep.unwrap_or(KEPT),
            format: self.format.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_speaks_of_files_has_them() {
        let folder = |wishes: Wishes| wishes.files(Path::new("x")).map(|files| files.folder);
        assert_eq!(folder(Wishes::default()), None);
        let json = Wishes {
            format: Some(Format::Json),
            ..Wishes::default()
        };
        assert_eq!(folder(json), None);
        let anew = Wishes {
            mode: Some(Mode::Anew),
            ..Wishes::default()
        };
        assert_eq!(folder(anew), Some(Path::new("x").join("logs")));
        let named = Wishes {
            folder: Some("here".into()),
            ..Wishes::default()
        };
        assert_eq!(folder(named), Some("here".into()));
    }

    #[test]
    fn the_command_line_wins() {
        let file = Wishes {
            level: Some(LevelFilter::WARN),
            debug: Some(true),
            keep: Some(7),
            ..Wishes::default()
        };
        assert_eq!(file.under(&Wishes::default()).level(), LevelFilter::TRACE);
        let quiet = Wishes {
            level: Some(LevelFilter::ERROR),
            ..Wishes::default()
        };
        let both = file.under(&quiet);
        assert_eq!(both.level(), LevelFilter::ERROR);
        assert!(both.shows_source());
        assert_eq!(both.keep, Some(7));
        let debug = Wishes {
            debug: Some(true),
            ..quiet
        };
        assert_eq!(file.under(&debug).level(), LevelFilter::TRACE);
    }
}
