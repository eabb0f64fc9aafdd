//! What is wrong with what the user gave, in words, with what to do about it.

use std::fmt;
use std::process::ExitCode;

use super::progress;
use super::secrets::Secrets;
use super::terminal::{escape, has_colours};

/// How a program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    /// All went well.
    Success,
    /// An agent did not start, or something failed in one.
    Failure,
    /// The command line or the deployment file is wrong: nothing was started.
    Usage,
    /// The user interrupted it before it was under way.
    Interrupted,
}

impl Exit {
    pub(super) fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failure => 1,
            Self::Usage => 2,
            Self::Interrupted => 130,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}

/// A line and a column of a file, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    place: Option<Place>,
    what: String,
    hint: Option<String>,
}

impl Problem {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self {
            place: None,
            what: what.into(),
            hint: None,
        }
    }

    pub(super) fn at(place: Place, what: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            ..Self::new(what)
        }
    }

    /// Says where it is.
    pub(super) fn in_file(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.place
    }

    pub(super) fn what(&self) -> &str {
        &self.what
    }

    pub(super) fn has_hint(&self) -> bool {
        self.hint.is_some()
    }

    /// Says what to do about it.
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Everything that is wrong; never nothing once it is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Problems {
    /// The file that they are in, if they are in one.
    file: Option<String>,
    list: Vec<Problem>,
    /// What is not wrong, and still not what the user may think.
    warnings: Vec<Problem>,
    /// What no message shows, and what it shows in its place.
    secrets: Secrets,
}

impl Problems {
    /// Of a file.
    pub(super) fn of(file: String) -> Self {
        Self {
            file: Some(file),
            ..Self::default()
        }
    }

    pub(super) fn add(&mut self, problem: Problem) {
        // What `defaults` says wrongly is found wrong by each agent that takes it over.
        if !self.list.contains(&problem) {
            self.list.push(problem);
        }
    }

    /// Notes what is not wrong, but should be known.
    pub(super) fn warn(&mut self, warning: Problem) {
        // The same holds of warnings.
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Shows `name` wherever a message would show this value, which may be a secret.
    pub(super) fn keep_secret(&mut self, value: &str, name: &str) {
        self.secrets.add(value, name);
    }

    /// The warnings, a line each, in the order of the file.
    pub(super) fn take_warnings(&mut self) -> Vec<String> {
        let mut warnings = std::mem::take(&mut self.warnings);
        warnings.sort_by_key(|warning| warning.place);
        let file = self.file.as_deref().unwrap_or_default();
        warnings
            .iter()
            .map(|warning| match warning.place {
                Some(place) => format!("{file}:{place}: {}", self.secrets.hide(&warning.what)),
                None => format!("{file}: {}", self.secrets.hide(&warning.what)),
            })
            .collect()
    }

    /// Takes the value, or adds the problem that stands in its place.
    pub(super) fn note<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    /// What is wrong, without what to do about it.
    pub(super) fn each(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(Problem::what)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Without those that are among others, too, wherever they were come upon.
    pub(super) fn without(mut self, others: &Self) -> Self {
        let same =
            |one: &Problem, other: &Problem| one.what == other.what && one.hint == other.hint;
        let is_told = |problem: &Problem| others.list.iter().any(|other| same(problem, other));
        self.list.retain(|problem| !is_told(problem));
        self
    }

    /// Writes them to the standard error, in the order of the file.
    pub(super) fn print(&self) {
        let colours = has_colours(&std::io::stderr());
        progress::write(&self.text(colours));
    }

    fn text(&self, colours: bool) -> String {
        let (red, cyan, plain) = if colours {
            ("\x1b[1;31m", "\x1b[1;36m", "\x1b[0m")
        } else {
            ("", "", "")
        };
        let mut sorted: Vec<&Problem> = self.list.iter().collect();
        sorted.sort_by_key(|problem| problem.place);
        let mut text = String::new();
        for problem in sorted {
            text.push_str(&format!("{red}error:{plain} "));
            if let Some(file) = &self.file {
                text.push_str(file);
                text.push(':');
                if let Some(place) = problem.place {
                    text.push_str(&format!("{place}:"));
                }
                text.push(' ');
            }
            escape(&self.secrets.hide(&problem.what), &mut text);
            text.push('\n');
            if let Some(hint) = &problem.hint {
                text.push_str(&format!("{cyan}hint:{plain} "));
                escape(&self.secrets.hide(hint), &mut text);
                text.push('\n');
            }
        }
        text
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self {
            list: vec![problem],
            ..Self::default()
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text(false))
    }
}

/// Writes what clap has to say to the standard error.
pub(super) fn print_text(coloured: &str, plain: &str) {
    let coloured_is_seen = has_colours(&std::io::stderr());
    progress::write(if coloured_is_seen { coloured } else { plain });
}

/// Writes warnings to the standard error, where there is no log.
pub(super) fn print_warnings(warnings: &[String]) {
    let (yellow, plain) = if has_colours(&std::io::stderr()) {
        ("\x1b[1;33m", "\x1b[0m")
    } else {
        ("", "")
    };
    for warning in warnings {
        let mut line = format!("{yellow}warning:{plain} ");
        escape(warning, &mut line);
        line.push('\n');
        progress::write(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_come_in_the_order_of_the_file_and_once() {
        let mut problems = Problems::of("mas.yaml".to_owned());
        let place = |line| Place { line, column: 3 };
        problems.add(Problem::at(place(7), "late").hint("be early"));
        problems.add(Problem::at(place(2), "early"));
        problems.add(Problem::at(place(2), "early"));
        assert_eq!(
            problems.to_string(),
            "error: mas.yaml:2:3: early\nerror: mas.yaml:7:3: late\nhint: be early\n"
        );
    }
}
