//! The front matter of a single file: what cargo's scripts have before their first line of Rust.
//!
//! ```text
//! #!/usr/bin/env -S peak run
//! ---
//! [dependencies]
//! rand = "0.10"
//! ---
//! ```
//!
//! The compiler does not take it yet, so it is cut out, and the lines that it had are left empty:
//! what follows keeps its place in messages.

use std::ops::Range;

/// A file in two parts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Parts<'t> {
    /// The manifest, with the line before it.
    pub(super) manifest: Option<(&'t str, usize)>,
    /// The bytes that are not Rust.
    cut: Range<usize>,
    text: &'t str,
}

/// What is wrong in which line, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) line: usize,
    pub(super) what: String,
    pub(super) hint: String,
}

impl<'t> Parts<'t> {
    pub(super) fn of(text: &'t str) -> Result<Self, Wrong> {
        let without = Self {
            manifest: None,
            cut: 0..0,
            text,
        };
        let mut lines = Lines::new(text);
        let mut open = lines.next();
        // `#![…]` is an attribute.
        if open.as_ref().is_some_and(|line| {
            let line = line.text.strip_prefix('\u{FEFF}').unwrap_or(line.text);
            line.starts_with("#!") && !line[2..].trim_start().starts_with('[')
        }) {
            open = lines.next();
        }
        while open
            .as_ref()
            .is_some_and(|line| line.text.trim().is_empty())
        {
            open = lines.next();
        }
        let Some(open) = open.filter(|line| line.text.starts_with("---")) else {
            return Ok(without);
        };
        let dashes = open.text.len() - open.text.trim_start_matches('-').len();
        let kind = open.text[dashes..].trim();
        if !matches!(kind, "" | "cargo") {
            return Err(Wrong {
                line: open.number,
                what: format!("the front matter is said to be `{kind}`"),
                hint: "write `---` alone, or `---cargo`".to_owned(),
            });
        }
        let fence = &open.text[..dashes];
        for line in lines {
            let Some(rest) = line.text.strip_prefix(fence) else {
                continue;
            };
            if rest.trim().is_empty() {
                return Ok(Self {
                    manifest: Some((&text[open.end..line.start], open.number)),
                    cut: open.start..line.end,
                    text,
                });
            }
        }
        Err(Wrong {
            line: open.number,
            what: "the front matter has no end".to_owned(),
            hint: format!("write `{fence}` alone on the line after it"),
        })
    }

    /// What the compiler gets.
    pub(super) fn rust(&self) -> String {
        let (before, cut) = (&self.text[..self.cut.start], &self.text[self.cut.clone()]);
        let lines = "\n".repeat(cut.matches('\n').count());
        [before, &lines, &self.text[self.cut.end..]].concat()
    }
}

/// A line without its end.
struct Line<'t> {
    number: usize,
    text: &'t str,
    start: usize,
    /// Where the next one starts.
    end: usize,
}

struct Lines<'t> {
    text: &'t str,
    number: usize,
    at: usize,
}

impl<'t> Lines<'t> {
    fn new(text: &'t str) -> Self {
        Self {
            text,
            number: 0,
            at: 0,
        }
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let start = self.at;
        let line = self.text[start..].split_inclusive('\n').next()?;
        self.at += line.len();
        self.number += 1;
        Some(Line {
            number: self.number,
            text: line.trim_end_matches(['\n', '\r']),
            start,
            end: self.at,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn manifest(text: &str) -> Option<(&str, usize)> {
        Parts::of(text).unwrap().manifest
    }

    #[test]
    fn a_file_may_have_one() {
        let text =
            "#!/usr/bin/env peak\n\n---cargo\n[dependencies]\r\nrand = \"1\"\n---\n\nfn a() {}\n";
        let parts = Parts::of(text).unwrap();
        assert_eq!(
            parts.manifest,
            Some(("[dependencies]\r\nrand = \"1\"\n", 3))
        );
        assert_eq!(parts.rust(), "#!/usr/bin/env peak\n\n\n\n\n\n\nfn a() {}\n");
        assert_eq!(manifest("---\n---\nfn a() {}"), Some(("", 1)));
        assert_eq!(manifest("-----\n---\n-----"), Some(("---\n", 1)));
    }

    #[test]
    fn a_file_may_have_none() {
        for text in ["", "fn a() {}\n---\n---\n", "#![allow(x)]\n---\n", "--\n"] {
            let parts = Parts::of(text).unwrap();
            assert_eq!((parts.manifest, parts.rust().as_str()), (None, text));
        }
    }

    #[test]
    fn one_that_is_wrong_is_named() {
        let wrong = Parts::of("\n---\n[dependencies]\n").unwrap_err();
        assert_eq!(
            (wrong.line, wrong.what.as_str()),
            (2, "the front matter has no end")
        );
        let wrong = Parts::of("---json\n---\n").unwrap_err();
        assert_eq!(wrong.what, "the front matter is said to be `json`");
    }

    proptest! {
        #[test]
        fn any_text_keeps_its_lines(text in "((#!|-{2,4}|cargo|é|\u{FEFF}| |x)*\r?\n){0,8}") {
            if let Ok(parts) = Parts::of(&text) {
                prop_assert_eq!(parts.rust().matches('\n').count(), text.matches('\n').count());
            }
        }
    }
}
