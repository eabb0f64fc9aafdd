//! What a person mistyped in a file that is not YAML, or not the YAML that was meant.

use crate::problem::Place;

/// What to do about an error of syntax: the slip is in its line, or in one above it, for the parser
/// goes on as long as it can. `None` if it is another error.
pub(super) fn near(text: &str, place: Place, error: &str) -> Option<String> {
    let is_layout = |error: &str| {
        ["mapping values", "find expected"]
            .iter()
            .any(|words| error.contains(words))
    };
    if !is_layout(error) && !error.contains("quote") {
        return None;
    }
    if error.contains("flow") {
        let line = text
            .lines()
            .nth(usize::try_from(place.line).ok()?.checked_sub(1)?)?;
        return Some(if line.contains("${") {
            "between braces or brackets, a reference goes in quotes: `\"${NAME}\"`".to_owned()
        } else {
            "between braces or brackets, a comma stands between two values: `{a: 1, b: 2}`"
                .to_owned()
        });
    }
    let last = usize::try_from(place.line).unwrap_or(usize::MAX);
    let lines: Vec<&str> = text.lines().take(last).collect();
    if let Some((number, quote)) = unclosed_quote(text) {
        return Some(format!("line {number}: the quote {quote} is not closed"));
    }
    let numbered = lines.iter().enumerate().rev();
    let written = numbered.filter(|(_, line)| !code(line).is_empty()).take(3);
    let mut slips =
        written.filter_map(|(index, line)| Some(format!("line {}: {}", index + 1, in_line(line)?)));
    slips.next().or_else(|| {
        let layout = "the keys of one agent begin in the same column, each `key: value`; what \
                      belongs to a key without a value is indented below it";
        is_layout(error).then(|| layout.to_owned())
    })
}

/// What is wrong with a line of a mapping.
pub(super) fn in_line(line: &str) -> Option<String> {
    let line = code(line.lines().next()?);
    let is_word = |text: &str| {
        let inner = |char: char| char.is_alphanumeric() || "_-".contains(char);
        text.starts_with(char::is_alphanumeric) && text.chars().all(inner)
    };
    match line.split_once(':') {
        Some((key, value)) if is_word(key) && !value.is_empty() => {
            let is_tight = !value.starts_with([' ', '\t', '/']);
            is_tight.then(|| format!("write a space after the colon: `{key}: {value}`"))
        }
        Some(_) => None,
        None => match line.split_once(' ') {
            Some((key, value)) if is_word(key) => Some(format!(
                "write a colon after `{key}`: `{key}: {}`",
                value.trim_start()
            )),
            None if is_word(line) => Some(format!("write a colon after `{line}`: `{line}:`")),
            _ => None,
        },
    }
}

/// The line without its indentation and its comment.
fn code(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with('#') {
        return "";
    }
    line.split_once(" #").map_or(line, |(code, _)| code.trim())
}

/// The first line of which a value opens a quote that its line does not close. Text may go on in the
/// next line, but nobody does that in a deployment file.
fn unclosed_quote(text: &str) -> Option<(usize, char)> {
    let quote = |line: &str| {
        let value = match line.split_once(": ") {
            Some((_, value)) => value.trim_start(),
            None => line.trim_start().trim_start_matches("- "),
        };
        let quote = value.chars().next().filter(|char| "\"'".contains(*char))?;
        (value.matches(quote).count() % 2 == 1).then_some(quote)
    };
    let mut lines = text.lines().enumerate();
    lines.find_map(|(index, line)| Some((index + 1, quote(line)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(text: &str, line: u64) -> String {
        let place = Place { line, column: 1 };
        near(text, place, "mapping values are not allowed").unwrap()
    }

    #[test]
    fn the_likely_line_is_named() {
        for (text, line, expected) in [
            (
                "agents:\n  bob:\n    agent:Idle\n    clones: 3",
                4,
                "line 3: write a space after the colon: `agent: Idle`",
            ),
            (
                "agents:\n  bob  # the first\n    agent: Idle",
                3,
                "line 2: write a colon after `bob`: `bob:`",
            ),
            (
                "agents:\n  bob:\n    agent Idle\n\n    clones: 3",
                5,
                "line 3: write a colon after `agent`: `agent: Idle`",
            ),
            (
                "agents:\n  bob:\n    agent: \"Idle\n    clones: 3",
                3,
                "line 3: the quote \" is not closed",
            ),
        ] {
            assert_eq!(hint(text, line), expected, "{text}");
        }
        let text = "agents:\n  bob:\n    agent: Idle\n      params:\n        room: it's";
        assert!(hint(text, 4).starts_with("the keys of one agent begin in the same column"));
    }

    #[test]
    fn what_is_right_is_no_slip() {
        for line in [
            "",
            "a: b",
            "a:",
            "- a",
            "# a:b",
            "'a b'",
            "http://x",
            "a: 'it''s'",
        ] {
            assert_eq!(in_line(line), None, "{line}");
        }
    }
}
