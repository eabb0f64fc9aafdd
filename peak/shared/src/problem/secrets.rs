//! Values that no message shows: what variables of the environment hold may be secrets.

use std::borrow::Cow;

/// Values, and what is shown in their place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Secrets(Vec<(String, String)>);

/// Outside of quotes, shorter values are words that messages have anyway.
const LONG: usize = 8;

impl Secrets {
    /// Hides this value behind `name`.
    pub(super) fn add(&mut self, value: &str, name: &str) {
        let value = value.trim();
        let is_known = self.0.iter().any(|(known, _)| known == value);
        if value.is_empty() || is_known {
            return;
        }
        self.0.push((value.to_owned(), name.to_owned()));
        // One value may be a part of another.
        self.0
            .sort_by_key(|(value, _)| std::cmp::Reverse(value.len()));
    }

    /// The text without them. Where messages quote what somebody wrote, it is between backticks.
    pub(super) fn hide<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let found = |(value, _): &&(String, String)| text.contains(value.as_str());
        let mut hidden = Cow::Borrowed(text);
        for (value, name) in self.0.iter().filter(found) {
            hidden = Cow::Owned(without(&hidden, value, name));
        }
        hidden
    }
}

fn without(text: &str, value: &str, name: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_quotes = false;
    while let Some(at) = rest.find(value) {
        let (before, from) = rest.split_at(at);
        let behind = &from[value.len()..];
        let opens = before.matches('`').count() % 2 == 1;
        in_quotes ^= opens;
        let written = &text[..text.len() - from.len()];
        let is_word =
            !written.ends_with(char::is_alphanumeric) && !behind.starts_with(char::is_alphanumeric);
        hidden.push_str(before);
        if is_word && (in_quotes || value.len() >= LONG) {
            hidden.push_str(name);
        } else {
            hidden.push_str(value);
        }
        in_quotes ^= value.matches('`').count() % 2 == 1;
        rest = behind;
    }
    hidden.push_str(rest);
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hide(values: &[&str], text: &str) -> String {
        let mut secrets = Secrets::default();
        for value in values {
            secrets.add(value, "${X}");
        }
        secrets.hide(text).into_owned()
    }

    #[test]
    fn what_is_quoted_is_hidden_and_other_words_stay() {
        for (value, text, hidden) in [
            ("a b", "`a b` is not a domain", "`${X}` is not a domain"),
            (
                "domain",
                "`domain` is not a domain",
                "`${X}` is not a domain",
            ),
            ("kim", "at `kim@localhost/main`", "at `${X}@localhost/main`"),
            ("1", "`10` is more than 1", "`10` is more than 1"),
            (
                "correct horse",
                "the address correct horse",
                "the address ${X}",
            ),
            ("x", "no secret", "no secret"),
        ] {
            assert_eq!(hide(&[value], text), hidden, "{value}");
        }
        assert_eq!(hide(&["hunter", "hunter 22"], "`hunter 22`"), "`${X}`");
        assert_eq!(hide(&["", " "], "`` ` `"), "`` ` `");
    }

    proptest! {
        #[test]
        fn no_quoted_value_is_shown(value in "[a-c]{1,9}", around in "[a-c .@]{0,9}") {
            let text = format!("found `{value}` at `{around}@{value}`");
            let hidden = hide(&[value.as_str()], &text);
            let quoted: Vec<&str> = hidden.split('`').skip(1).step_by(2).collect();
            prop_assert_eq!(quoted[0], "${X}");
            let end = format!("@{value}");
            prop_assert!(!quoted[1].ends_with(&end));
        }
    }
}
