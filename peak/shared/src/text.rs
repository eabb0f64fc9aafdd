//! Words for messages to people: the nearest of several names, lists of names.

/// The candidate that `word` was probably meant to be, if one is near enough. Case, `_` and `-` make no
/// difference; of several that are as near, the first.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace('_', "-");
    let wanted = plain(word);
    // One slip in a short word, more in a long one: past that a suggestion is a guess.
    let allowed = (wanted.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| {
            let distance = strsim::damerau_levenshtein(&wanted, &plain(candidate));
            (distance, candidate)
        })
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Names as a person would list them: `` `a`, `b` and `c` ``; `none` if there are none.
pub fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.into_iter().collect();
    match names.as_slice() {
        [] => "none".to_owned(),
        names => listed(names, "and"),
    }
}

/// The same of at least one, with this word before the last.
pub fn listed<S: AsRef<str>>(names: &[S], last: &str) -> String {
    let quoted: Vec<String> = names
        .iter()
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((end, front)) => format!("{} {last} {end}", front.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_near_name_is_suggested() {
        assert_eq!(nearest("bbo", ["bob", "alice"]), Some("bob"));
        assert_eq!(nearest("carol", ["bob", "alice"]), None);
        assert_eq!(nearest("LOG-LEVEL", ["log_level"]), Some("log_level"));
        assert_eq!(nearest("bob", ["rob", "bib"]), Some("rob"));
    }

    #[test]
    fn lists_read_like_a_sentence() {
        assert_eq!(list([]), "none");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(listed(&["a", "b"], "or"), "`a` or `b`");
    }
}
