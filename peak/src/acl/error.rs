//! What is wrong with a text, and where.

/// A text that is not what it should be: the place, what was found there, and what may stand there.
///
/// ```
/// use peak::acl::AclMessage;
///
/// let text = "(inform\n :languag fipa-sl0)";
/// let error = text.parse::<AclMessage>().unwrap_err();
/// assert_eq!((error.line(), error.column()), (2, 2));
/// assert_eq!(
///     error.to_string(),
///     "line 2, column 2: found `:languag`, expected a parameter: did you mean `:language`?"
/// );
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: found {found}, expected {expected}")]
pub struct SyntaxError {
    line: usize,
    column: usize,
    found: String,
    expected: String,
}

impl SyntaxError {
    /// An error at this byte of the text.
    pub(super) fn at(text: &str, byte: usize, found: String, expected: String) -> Self {
        let before = &text[..byte];
        let line_start = before.rfind('\n').map_or(0, |end| end + 1);
        Self {
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            found,
            expected,
        }
    }

    /// The number of the line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The number of the character in the line, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// What stands there.
    pub fn found(&self) -> &str {
        &self.found
    }

    /// What may stand there.
    pub fn expected(&self) -> &str {
        &self.expected
    }
}
