//! The source of a program, as far as one must know it to put a line between its items: what stands
//! at its top level, and what is only text or a comment.

/// Why a source cannot be scanned: something is opened in this line, counted from 1, and not closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NotClosed {
    pub(super) what: &'static str,
    pub(super) line: usize,
}

/// A line of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Its code: comments are left out, and so is what stands within quotes.
    pub(super) code: String,
    /// Whether it begins outside of all brackets, texts and comments.
    pub(super) is_top: bool,
}

/// Scans a source into its lines.
pub(super) fn lines(source: &str) -> Result<Vec<Line>, NotClosed> {
    let mut scan = Scan {
        chars: source.chars().collect(),
        place: 0,
        number: 1,
        open: Vec::new(),
        line: Line {
            code: String::new(),
            is_top: true,
        },
        lines: Vec::new(),
    };
    while scan.place < scan.chars.len() {
        scan.step()?;
    }
    match scan.open.pop() {
        Some((_, line)) => Err(NotClosed {
            what: "a bracket",
            line,
        }),
        None => {
            scan.lines.push(scan.line);
            Ok(scan.lines)
        }
    }
}

struct Scan {
    chars: Vec<char>,
    place: usize,
    /// The line, from 1.
    number: usize,
    /// The brackets that are open, and their lines.
    open: Vec<(char, usize)>,
    line: Line,
    lines: Vec<Line>,
}

impl Scan {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.place + ahead).copied()
    }

    /// Goes one character on, which is no code; `is_top` says it of a line that begins there.
    fn skip(&mut self, is_top: bool) {
        if self.peek(0) == Some('\n') {
            let next = Line {
                code: String::new(),
                is_top,
            };
            self.lines.push(std::mem::replace(&mut self.line, next));
            self.number += 1;
        }
        self.place += 1;
    }

    fn take(&mut self, char: char) {
        self.line.code.push(char);
        self.place += 1;
    }

    fn step(&mut self) -> Result<(), NotClosed> {
        let Some(char) = self.peek(0) else {
            return Ok(());
        };
        let next = self.peek(1);
        match (char, next) {
            ('/', Some('/')) => {
                while self.peek(0).is_some_and(|char| char != '\n') {
                    self.skip(false);
                }
            }
            ('/', Some('*')) => self.comment()?,
            ('"', _) => self.text(0, true)?,
            ('r', _) if self.raw_hashes().is_some() => {
                let hashes = self.raw_hashes().unwrap_or_default();
                for _ in 0..=hashes {
                    self.skip(false);
                }
                self.text(hashes, false)?;
            }
            ('\'', Some('\\')) => self.char()?,
            ('\'', Some(_)) if self.peek(2) == Some('\'') => {
                for _ in 0..3 {
                    self.skip(false);
                }
            }
            ('(' | '[' | '{', _) => {
                self.open.push((char, self.number));
                self.take(char);
            }
            (')' | ']' | '}', _) => {
                let fits = match self.open.pop() {
                    Some((open, _)) => matches!((open, char), ('(', ')') | ('[', ']') | ('{', '}')),
                    None => false,
                };
                if !fits {
                    return Err(NotClosed {
                        what: "a bracket that is closed here was never",
                        line: self.number,
                    });
                }
                self.take(char);
            }
            ('\n', _) => {
                let is_top = self.open.is_empty();
                self.skip(is_top);
            }
            _ => self.take(char),
        }
        Ok(())
    }

    /// A comment between `/*` and `*/`, with others in it.
    fn comment(&mut self) -> Result<(), NotClosed> {
        let line = self.number;
        let mut depth = 0;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => {
                    depth += 1;
                    self.skip(false);
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    self.skip(false);
                }
                (None, _) => {
                    return Err(NotClosed {
                        what: "a comment",
                        line,
                    });
                }
                _ => {}
            }
            self.skip(false);
            if depth == 0 {
                return Ok(());
            }
        }
    }

    /// A text; this is its first quote.
    fn text(&mut self, hashes: usize, has_escapes: bool) -> Result<(), NotClosed> {
        let line = self.number;
        self.skip(false);
        loop {
            match self.peek(0) {
                None => {
                    return Err(NotClosed {
                        what: "a text",
                        line,
                    });
                }
                Some('\\') if has_escapes => self.skip(false),
                Some('"') if (1..=hashes).all(|ahead| self.peek(ahead) == Some('#')) => {
                    for _ in 0..=hashes {
                        self.skip(false);
                    }
                    return Ok(());
                }
                _ => {}
            }
            self.skip(false);
        }
    }

    /// A character with a `\` in it: `'\n'`, `'\u{e9}'`.
    fn char(&mut self) -> Result<(), NotClosed> {
        let line = self.number;
        for _ in 0..3 {
            self.skip(false);
        }
        while let Some(char) = self.peek(0) {
            self.skip(false);
            if char == '\'' {
                return Ok(());
            }
        }
        Err(NotClosed {
            what: "a character",
            line,
        })
    }

    /// How many `#` stand between this `r` and a quote; `None` if this begins no raw text.
    fn raw_hashes(&self) -> Option<usize> {
        let is_of_word = |char: char| char.is_alphanumeric() || char == '_';
        let before = self.place.checked_sub(1).map(|place| self.chars[place]);
        let before_that = self.place.checked_sub(2).map(|place| self.chars[place]);
        let is_prefix = match before {
            Some('b' | 'c') => !before_that.is_some_and(is_of_word),
            Some(before) => !is_of_word(before),
            None => true,
        };
        let hashes = self.chars[self.place + 1..]
            .iter()
            .take_while(|char| **char == '#')
            .count();
        (is_prefix && self.peek(hashes + 1) == Some('"')).then_some(hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The lines that begin at the top level, without what is no code.
    fn top(source: &str) -> Vec<String> {
        let lines = lines(source).unwrap().into_iter();
        let top = lines.filter(|line| line.is_top && !line.code.trim().is_empty());
        top.map(|line| line.code.trim_end().to_owned()).collect()
    }

    #[test]
    fn only_the_top_level_is_that() {
        let source = r##"// mod a;
mod b; // mod c;
/* mod d;
/* mod e; */
mod f; */
mod g;
const T: &str = "
mod h; \" {
";
const R: &str = r#"
mod i; " {
"#;
fn x<'a>(c: char) -> bool {
    mod j;
    c == '{' || c == '\'' || c == '"' || b'\\' == 2
}
mod r#k;
"##;
        assert_eq!(
            top(source),
            [
                "mod b;",
                "mod g;",
                "const T: &str =",
                "const R: &str =",
                "fn x<'a>(c: char) -> bool {",
                "mod r#k;"
            ]
        );
    }

    #[test]
    fn what_is_not_closed() {
        for (source, what, line) in [
            ("fn x() {\n", "a bracket", 1),
            ("\n/* x", "a comment", 2),
            ("\n\nlet x = \"", "a text", 3),
            ("r##\"x\"#", "a text", 1),
            ("fn x() { ( }", "a bracket that is closed here was never", 1),
            ("'\\", "a character", 1),
        ] {
            assert_eq!(lines(source), Err(NotClosed { what, line }), "{source}");
        }
    }

    proptest! {
        #[test]
        fn every_line_is_a_line(source in "[a-z{}()\"'/*\\\\r#\n ]{0,40}") {
            if let Ok(lines) = lines(&source) {
                prop_assert_eq!(lines.len(), source.matches('\n').count() + 1);
            }
        }
    }
}
