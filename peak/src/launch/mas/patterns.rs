//! Regular expressions for schemas. Those of JSON Schema are ECMAScript's and have no flags, so what
//! does not matter in a word is spelt out.

/// This word, in upper or lower case.
pub(super) fn any_case(word: &str) -> String {
    word.chars().map(letter).collect()
}

/// This name, in upper or lower case, and with `_` and `-` wherever: whatever
/// [`plain`](crate::agent::plain) makes the same of.
pub(super) fn any_spelling(plain: &str) -> String {
    const BETWEEN: &str = "[-_]*";
    let letters = plain.chars().map(|char| letter(char) + BETWEEN);
    BETWEEN.to_owned() + &letters.collect::<String>()
}

/// One letter in both cases, or what is none as it is.
fn letter(char: char) -> String {
    let cases = [one(char.to_lowercase()), one(char.to_uppercase())];
    match cases {
        [Some(lower), Some(upper)] if lower != upper => format!("[{lower}{upper}]"),
        _ if r"^$\.*+?()[]{}|".contains(char) => format!("\\{char}"),
        _ => char.into(),
    }
}

/// The only one. A letter that is two in the other case has none there.
fn one(mut chars: impl Iterator<Item = char>) -> Option<char> {
    let first = chars.next();
    first.filter(|_| chars.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_is_spelt_out() {
        assert_eq!(any_case("off"), "[oO][fF][fF]");
        assert_eq!(any_spelling("hb2"), "[-_]*[hH][-_]*[bB][-_]*2[-_]*");
    }

    #[test]
    fn what_means_something_in_patterns_means_itself() {
        assert_eq!(any_case("a.b (c)/ß"), r"[aA]\.[bB] \([cC]\)/ß");
    }
}
