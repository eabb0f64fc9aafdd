//! What an agent may be called.

use peak::__private::tool::snake_case;

use crate::failure::Failure;
use crate::words::{is_crate, is_keyword};

/// A name of an agent, however it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Name {
    /// `smart_meter`: the file, the module, and the agent in mas.yaml.
    pub(super) snake: String,
    /// `SmartMeter`: the type.
    pub(super) camel: String,
}

/// Longer names make lines that are too long.
pub(super) const MAX_CHARS: usize = 40;

/// Types that the file of an agent uses, or that its reader would take for another one.
const TAKEN_TYPES: &[&str] = &[
    "AcceptProposal",
    "Agent",
    "Agree",
    "Behaviour",
    "Box",
    "Caller",
    "Clone",
    "Confirm",
    "ConnectionChange",
    "Context",
    "Copy",
    "Debug",
    "Default",
    "Disconfirm",
    "Drop",
    "Duration",
    "Err",
    "Failure",
    "Flow",
    "Fn",
    "From",
    "Inform",
    "Into",
    "Iterator",
    "Jid",
    "Json",
    "Message",
    "Metadata",
    "None",
    "NotUnderstood",
    "Ok",
    "Option",
    "Performative",
    "Platform",
    "Presence",
    "PresenceChange",
    "Propose",
    "Refuse",
    "RejectProposal",
    "Result",
    "Send",
    "Sender",
    "Sized",
    "Some",
    "String",
    "Sync",
    "Template",
    "Text",
    "Thread",
    "Vec",
];

/// Modules that mean something else beside `main.rs`.
const TAKEN_MODULES: &[&str] = &["lib", "main", "tests"];

impl Name {
    /// Checks a name.
    pub(super) fn checked(text: &str) -> Result<Self, Failure> {
        let wrong =
            |why: &str| Failure::new(format!("`{text}` cannot be the name of an agent: {why}"));
        let may_stand = |char: char| char.is_ascii_alphanumeric() || char == '-' || char == '_';
        if text.is_empty() {
            return Err(wrong("it is empty"));
        }
        if !text.chars().all(may_stand) {
            return Err(
                wrong("it has other characters than letters, digits, `-` and `_`")
                    .hint("write it as `SmartMeter` or `smart_meter`"),
            );
        }
        if text.len() > MAX_CHARS {
            return Err(wrong("it is longer than 40 characters"));
        }
        let snake = snake(text);
        if !snake.starts_with(|char: char| char.is_ascii_alphabetic()) {
            return Err(wrong("it does not begin with a letter"));
        }
        let camel = camel(&snake);
        let another = format!("call it `{camel}Agent`");
        if is_keyword(&snake) || camel == "Self" {
            return Err(wrong("it is a keyword of Rust").hint(another));
        }
        if is_crate(&snake) || TAKEN_MODULES.contains(&snake.as_str()) {
            return Err(wrong(&format!("`{snake}` is something else already")).hint(another));
        }
        if TAKEN_TYPES.contains(&camel.as_str()) {
            return Err(wrong(&format!("agents use another `{camel}`")).hint(another));
        }
        Ok(Self { snake, camel })
    }

    /// Whether this names the same type, as mas.yaml has it: case, `_` and `-` do not matter.
    pub(super) fn is_type(&self, text: &str) -> bool {
        plain(text) == plain(&self.camel)
    }
}

fn plain(text: &str) -> String {
    text.replace(['_', '-'], "").to_ascii_lowercase()
}

fn snake(text: &str) -> String {
    let snake = snake_case(&text.replace('-', "_"));
    let words: Vec<&str> = snake.split('_').filter(|word| !word.is_empty()).collect();
    words.join("_")
}

fn camel(snake: &str) -> String {
    let words = snake.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        first.to_ascii_uppercase() + rest
    });
    words.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_spellings_are_one_agent() {
        for text in [
            "SmartMeter",
            "smart_meter",
            "smart-meter",
            "Smart_Meter",
            "-smart--meter_",
        ] {
            let name = Name::checked(text).unwrap();
            assert_eq!(name.snake, "smart_meter", "{text}");
            assert_eq!(name.camel, "SmartMeter", "{text}");
            assert!(name.is_type("smartmeter") && name.is_type("Smart-Meter"));
        }
        let name = Name::checked("HTTPServer2").unwrap();
        assert_eq!(
            (name.snake.as_str(), name.camel.as_str()),
            ("http_server2", "HttpServer2")
        );
    }

    #[test]
    fn names_that_are_taken() {
        for (text, words) in [
            ("", "it is empty"),
            ("smart meter", "hint: write it as `SmartMeter`"),
            ("2nd", "does not begin with a letter"),
            ("__", "does not begin with a letter"),
            ("Loop", "a keyword of Rust\nhint: call it `LoopAgent`"),
            ("self", "a keyword of Rust"),
            ("tokio", "`tokio` is something else already"),
            ("Main", "`main` is something else already"),
            (
                "sender",
                "agents use another `Sender`\nhint: call it `SenderAgent`",
            ),
            (&"a".repeat(41), "longer than 40"),
        ] {
            let failure = Name::checked(text).unwrap_err().text();
            assert!(failure.contains(words), "{text}: {failure}");
        }
    }

    proptest! {
        #[test]
        fn what_is_a_name_stays_one(text in "[-_a-zA-Z0-9é]{0,12}") {
            if let Ok(name) = Name::checked(&text) {
                prop_assert_eq!(&Name::checked(&name.snake).unwrap(), &name);
                // Words of one letter run together: `i-n` is a name, and `IN` is `in`.
                if let Ok(again) = Name::checked(&name.camel) {
                    prop_assert!(name.is_type(&again.camel));
                }
            }
        }
    }
}
