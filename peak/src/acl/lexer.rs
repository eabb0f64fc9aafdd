//! The tokens that the string form of messages and SL have in common: parentheses, words, strings.
//!
//! Neither FIPA's grammars nor JADE's have comments; a `;` is part of a word.

use std::borrow::Cow;

use super::SyntaxError;
use super::text::shown;

/// How many parentheses may be open at once where each takes room on the stack.
pub(super) const MAX_DEPTH: usize = 100;

/// Reads a text from its beginning to its end. It looks at every byte once, or twice for a word.
#[derive(Debug)]
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

/// What comes next, told by its first character.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ahead {
    Open,
    Close,
    /// `"…"`, or `#5"…`.
    String,
    Word,
    End,
}

type Result<T> = std::result::Result<T, SyntaxError>;

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Goes to the next token, and says of what kind it is.
    pub(super) fn ahead(&mut self) -> Ahead {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| is_space(**byte)).count();
        match self.text.as_bytes().get(self.at) {
            None => Ahead::End,
            Some(b'(') => Ahead::Open,
            Some(b')') => Ahead::Close,
            Some(b'"' | b'#') => Ahead::String,
            Some(_) => Ahead::Word,
        }
    }

    /// The place of the next token, for an error about it.
    pub(super) fn place(&mut self) -> usize {
        self.ahead();
        self.at
    }

    /// Takes the next token if it is this one.
    pub(super) fn takes(&mut self, wanted: Ahead) -> bool {
        let is_it = self.ahead() == wanted;
        if is_it {
            self.at += 1;
        }
        is_it
    }

    pub(super) fn open(&mut self, expected: &str) -> Result<()> {
        match self.takes(Ahead::Open) {
            true => Ok(()),
            false => Err(self.error(expected)),
        }
    }

    pub(super) fn close(&mut self, expected: &str) -> Result<()> {
        match self.takes(Ahead::Close) {
            true => Ok(()),
            false => Err(self.error(expected)),
        }
    }

    /// The end of the text.
    pub(super) fn end(&mut self, expected: &str) -> Result<()> {
        match self.ahead() {
            Ahead::End => Ok(()),
            _ => Err(self.error(expected)),
        }
    }

    /// The word that comes next, without taking it; empty if there is none.
    pub(super) fn peek_word(&mut self) -> &'a str {
        match self.ahead() {
            Ahead::Word => word_at(self.text, self.at),
            _ => "",
        }
    }

    pub(super) fn word(&mut self, expected: &str) -> Result<&'a str> {
        let word = self.peek_word();
        if word.is_empty() {
            return Err(self.error(expected));
        }
        self.at += word.len();
        Ok(word)
    }

    /// Takes one character of ASCII that was seen before.
    pub(super) fn skip_mark(&mut self) {
        self.at += 1;
    }

    /// What follows right here, without white space in between.
    pub(super) fn right_here(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    /// A string: `"…"` or with its length in bytes before it.
    pub(super) fn string(&mut self, expected: &str) -> Result<Cow<'a, str>> {
        match (self.ahead(), self.right_here()) {
            (Ahead::String, Some(b'"')) => self.quoted(),
            (Ahead::String, _) => self.counted().map(Cow::Borrowed),
            _ => Err(self.error(expected)),
        }
    }

    /// `"…"`. Of the two characters `\"` the backslash says that the string goes on; any other one
    /// stands for itself.
    fn quoted(&mut self) -> Result<Cow<'a, str>> {
        let start = self.at;
        let mut from = start + 1;
        let mut whole = Cow::Borrowed("");
        loop {
            let Some(length) = self.text[from..].find('"') else {
                let expected = "a `\"` that ends it (one after a `\\` does not)";
                return Err(self.error_at(start, "a string without an end", expected));
            };
            let part = &self.text[from..from + length];
            from += length + 1;
            match part.strip_suffix('\\') {
                None => {
                    self.at = from;
                    whole += part;
                    return Ok(whole);
                }
                Some(part) => {
                    let whole = whole.to_mut();
                    whole.push_str(part);
                    whole.push('"');
                }
            }
        }
    }

    /// `#5"hello`: so many bytes. FIPA has no quotation mark behind them; one is taken, too.
    fn counted(&mut self) -> Result<&'a str> {
        let start = self.at;
        let expected = "the length of a string in bytes, as in `#5\"hello`";
        let after = &self.text[start + 1..];
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, after) = after.split_at(digits);
        let length = digits.parse::<usize>().ok();
        let Some(length) = length.filter(|_| after.starts_with('"')) else {
            return Err(self.error_about(start, expected));
        };
        let from = start + 1 + digits.len() + 1;
        let bytes = from
            .checked_add(length)
            .and_then(|end| self.text.get(from..end));
        let Some(string) = bytes else {
            let found = match self.text.len() - from < length {
                true => format!("{} bytes before the end", self.text.len() - from),
                false => "a length that ends within a character".to_owned(),
            };
            return Err(self.error_at(start, &found, &format!("a string of {length} bytes")));
        };
        self.at = from + length;
        if self.right_here() == Some(b'"') {
            self.at += 1;
        }
        Ok(string)
    }

    /// All from a parenthesis to the one that closes it, as it stands there.
    pub(super) fn expression(&mut self, expected: &str) -> Result<&'a str> {
        let start = self.place();
        self.open(expected)?;
        let mut depth = 1_usize;
        while depth > 0 {
            match self.ahead() {
                Ahead::Open => {
                    depth += 1;
                    self.at += 1;
                }
                Ahead::Close => {
                    depth -= 1;
                    self.at += 1;
                }
                Ahead::String => {
                    self.string(expected)?;
                }
                Ahead::Word => {
                    self.word(expected)?;
                }
                Ahead::End => {
                    let found = "a `(` that nothing closes";
                    return Err(self.error_at(start, found, "a `)` for it"));
                }
            }
        }
        Ok(&self.text[start..self.at])
    }

    /// Whether one more parenthesis may be opened here.
    pub(super) fn check_depth(&mut self, depth: usize) -> Result<()> {
        if depth < MAX_DEPTH {
            return Ok(());
        }
        let expected = format!("at most {MAX_DEPTH} parentheses within each other");
        Err(self.error(&expected))
    }

    /// An error about the next token.
    pub(super) fn error(&mut self, expected: &str) -> SyntaxError {
        let place = self.place();
        self.error_about(place, expected)
    }

    /// An error about the token at this place.
    pub(super) fn error_about(&self, place: usize, expected: &str) -> SyntaxError {
        self.error_at(place, &self.shown(place), expected)
    }

    pub(super) fn error_at(&self, place: usize, found: &str, expected: &str) -> SyntaxError {
        SyntaxError::at(self.text, place, found.to_owned(), expected.to_owned())
    }

    /// The token at this place, for people.
    fn shown(&self, place: usize) -> String {
        let rest = &self.text[place..];
        let token = match rest.as_bytes().first() {
            None => return "the end".to_owned(),
            Some(b'(' | b')') => &rest[..1],
            Some(b'"') => rest[1..]
                .find('"')
                .map_or(rest, |length| &rest[..length + 2]),
            Some(_) => word_at(self.text, place),
        };
        shown(token)
    }
}

/// What separates words: FIPA has all of ASCII's control characters, too.
fn is_space(byte: u8) -> bool {
    byte <= b' '
}

/// The run of characters from here up to white space or a parenthesis.
fn word_at(text: &str, place: usize) -> &str {
    let bytes = &text.as_bytes()[place..];
    let ends = |byte: &u8| is_space(*byte) || matches!(byte, b'(' | b')');
    let length = bytes.iter().position(ends).unwrap_or(bytes.len());
    &text[place..place + length]
}
