//! What a project may be called.

use crate::failure::Failure;
use crate::words::{is_crate, is_keyword};

/// A name that cargo takes for a package, and Rust for a program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name(String);

/// Longer than this is a slip, and not a file's name everywhere.
const MAX_CHARS: usize = 64;

/// Folders that cargo makes beside programs.
const OF_CARGO: &[&str] = &["build", "deps", "examples", "incremental"];

impl Name {
    /// Checks a name.
    pub(super) fn checked(text: &str) -> Result<Self, Failure> {
        let wrong =
            |why: &str| Failure::new(format!("`{text}` cannot be the name of a project: {why}"));
        let may_stand = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
        if text.is_empty() {
            return Err(wrong("it is empty"));
        }
        if !text.chars().all(may_stand) {
            let failure = wrong("it has other characters than letters, digits, `-` and `_`");
            return Err(match plain(text) {
                Some(plain) => failure.hint(format!(
                    "`{plain}` is one; `--path DIR` says where it shall be"
                )),
                None => failure,
            });
        }
        if !text.starts_with(|char: char| char.is_ascii_alphabetic()) {
            return Err(wrong("it does not begin with a letter"));
        }
        if text.len() > MAX_CHARS {
            return Err(wrong("it is longer than 64 characters"));
        }
        let another = format!("call it `{text}-agents`");
        if is_keyword(text) {
            return Err(wrong("it is a keyword of Rust").hint(another));
        }
        if is_crate(text) {
            return Err(wrong("it is that of a crate which the project uses").hint(another));
        }
        if OF_CARGO.contains(&text) || is_device(text) {
            return Err(wrong("a folder or a device has it already").hint(another));
        }
        Ok(Self(text.to_owned()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The last part of a path, with `-` for what cannot stand in a name.
fn plain(text: &str) -> Option<String> {
    let last = text
        .trim_end_matches(['/', '\\'])
        .rsplit(['/', '\\'])
        .next()?;
    let words = last.split(|char: char| !char.is_ascii_alphanumeric() && char != '_');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let plain = words.join("-").to_ascii_lowercase();
    Name::checked(&plain).ok().map(|name| name.0)
}

/// Whether Windows takes it for a device, in whatever folder it stands.
fn is_device(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let numbered = |device: &str| {
        let number = name.strip_prefix(device);
        number.is_some_and(|number| matches!(number.as_bytes(), [b'1'..=b'9']))
    };
    ["aux", "con", "nul", "prn"].contains(&name.as_str()) || numbered("com") || numbered("lpt")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn names_that_cargo_takes() {
        for name in ["demo", "my-agents", "my_agents2", "Demo"] {
            assert_eq!(Name::checked(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn names_that_it_does_not() {
        for (name, words) in [
            ("", "it is empty"),
            ("2nd", "does not begin with a letter"),
            ("-x", "does not begin with a letter"),
            ("async", "a keyword of Rust\nhint: call it `async-agents`"),
            ("peak", "a crate which the project uses"),
            ("peak-mas", "a crate which the project uses"),
            ("tokio", "a crate which the project uses"),
            ("test", "a crate which the project uses"),
            ("deps", "a folder or a device"),
            ("COM1", "a folder or a device"),
            ("my agents!", "hint: `my-agents` is one"),
            (
                "../Über/Demo",
                "hint: `demo` is one; `--path DIR` says where",
            ),
            ("é", "it has other characters"),
        ] {
            let failure = Name::checked(name).unwrap_err().text();
            assert!(failure.contains(words), "{name}: {failure}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_name_or_refused_with_a_name_to_take(text in ".{0,12}") {
            if let Err(failure) = Name::checked(&text) {
                let failure = failure.text();
                if let Some((_, hint)) = failure.rsplit_once("\nhint: ") {
                    let taken = hint.rsplit('`').nth(if hint.contains("--path") { 3 } else { 1 });
                    prop_assert!(Name::checked(taken.unwrap()).is_ok(), "{}", failure);
                }
            }
        }
    }
}
