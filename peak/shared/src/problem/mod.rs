//! What is wrong with what the user gave, in words, with what to do about it.

mod escape;
mod secrets;

use std::fmt;

use secrets::Secrets;

pub use escape::escape;

/// A line and a column of a file, both from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub line: u64,
    pub column: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    place: Option<Place>,
    what: String,
    hint: Option<String>,
    /// Whether it is one is known later, and by somebody else.
    is_postponed: bool,
}

impl Problem {
    /// One without a place.
    pub fn new(what: impl Into<String>) -> Self {
        Self {
            place: None,
            what: what.into(),
            hint: None,
            is_postponed: false,
        }
    }

    /// Nothing that anybody could know yet: whoever notes it notes nothing.
    pub fn postponed() -> Self {
        Self {
            is_postponed: true,
            ..Self::new("")
        }
    }

    /// One that stands there.
    pub fn at(place: Place, what: impl Into<String>) -> Self {
        Self {
            place: Some(place),
            ..Self::new(what)
        }
    }

    /// Says where it is.
    pub fn in_file(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    pub fn place(&self) -> Option<Place> {
        self.place
    }

    pub fn what(&self) -> &str {
        &self.what
    }

    pub fn has_hint(&self) -> bool {
        self.hint.is_some()
    }

    /// Says what to do about it.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Everything that is wrong; never nothing once it is an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Problems {
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
    pub fn of(file: String) -> Self {
        Self {
            file: Some(file),
            ..Self::default()
        }
    }

    pub fn add(&mut self, problem: Problem) {
        // What `defaults` says wrongly is found wrong by each agent that takes it over.
        if !problem.is_postponed && !self.list.contains(&problem) {
            self.list.push(problem);
        }
    }

    /// Notes what is not wrong, but should be known.
    pub fn warn(&mut self, warning: Problem) {
        // The same holds of warnings.
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// Shows `name` wherever a message would show this value, which may be a secret.
    pub fn keep_secret(&mut self, value: &str, name: &str) {
        self.secrets.add(value, name);
    }

    /// The warnings, a line each, in the order of the file.
    pub fn take_warnings(&mut self) -> Vec<String> {
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
    pub fn note<T>(&mut self, result: Result<T, Problem>) -> Option<T> {
        result.map_err(|problem| self.add(problem)).ok()
    }

    /// What is wrong, without what to do about it.
    pub fn each(&self) -> impl Iterator<Item = &str> {
        self.list.iter().map(Problem::what)
    }

    /// Each of them with its place and what to do about it, in the order of the file.
    pub fn each_in_full(&self) -> impl Iterator<Item = String> {
        let file = self.file.as_deref().unwrap_or_default();
        self.sorted().into_iter().map(move |problem| {
            let place = problem.place.map(|place| format!(":{place}"));
            let hint = problem.hint.as_ref().map(|hint| format!("\nhint: {hint}"));
            let (place, hint) = (place.unwrap_or_default(), hint.unwrap_or_default());
            format!("{file}{place}: {}{hint}", problem.what)
        })
    }

    fn sorted(&self) -> Vec<&Problem> {
        let mut sorted: Vec<&Problem> = self.list.iter().collect();
        sorted.sort_by_key(|problem| problem.place);
        sorted
    }

    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Without those that are among others, too, wherever they were come upon.
    pub fn without(mut self, others: &Self) -> Self {
        let same =
            |one: &Problem, other: &Problem| one.what == other.what && one.hint == other.hint;
        let is_told = |problem: &Problem| others.list.iter().any(|other| same(problem, other));
        self.list.retain(|problem| !is_told(problem));
        self
    }

    /// Them as text, a line or two each, in the order of the file.
    pub fn text(&self, colours: bool) -> String {
        let (red, cyan, plain) = if colours {
            ("\x1b[1;31m", "\x1b[1;36m", "\x1b[0m")
        } else {
            ("", "", "")
        };
        let mut text = String::new();
        for problem in self.sorted() {
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
