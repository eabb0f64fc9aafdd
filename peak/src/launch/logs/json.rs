//! Records as lines of JSON, for programs that collect logs.
//!
//! ```json
//! {"time":"2026-02-03T12:03:04.123+01:00","level":"INFO","agent":"bob@localhost/main",
//!  "target":"market::seller","message":"sold","fields":{"pieces":3}}
//! ```
//!
//! `agent` is missing where no agent speaks; `file` and `line` are there with `debug_mode`.

use std::fmt::Write as _;

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::record::{Record, Said};
use super::text::instant;

/// The record as an object in one line.
pub(super) fn line(record: &Record<'_>) -> String {
    let object = Object {
        time: instant(record),
        level: record.level.as_str(),
        agent: Some(record.agent).filter(|agent| !agent.is_empty()),
        target: record.target,
        message: &record.message,
        fields: Fields(&record.fields),
        file: record.source.map(|(file, _)| file),
        line: record.source.map(|(_, line)| line),
    };
    // Text, numbers and truth values can always be written.
    let mut line = harmless(serde_json::to_string(&object).unwrap_or_default());
    line.push('\n');
    line
}

#[derive(serde::Serialize)]
struct Object<'a> {
    time: String,
    level: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'a str>,
    target: &'a str,
    message: &'a str,
    fields: Fields<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<u32>,
}

/// In the order in which they were written.
struct Fields<'a>(&'a [(&'static str, Said)]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in self.0 {
            match value {
                Said::Text(text) | Said::Shown(text) => map.serialize_entry(name, text)?,
                Said::Plain(value) => map.serialize_entry(name, value)?,
            }
        }
        map.end()
    }
}

/// JSON may hold control characters above the first 32 as they are, and a terminal obeys some of
/// them. They stand inside of strings only, where they can be written as numbers.
fn harmless(json: String) -> String {
    let steers = |char: char| char.is_control();
    if !json.contains(steers) {
        return json;
    }
    let mut safe = String::with_capacity(json.len() + 16);
    for char in json.chars() {
        if steers(char) {
            let _ = write!(safe, "\\u{:04x}", u32::from(char));
        } else {
            safe.push(char);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};
    use tracing::Level;

    fn record(message: &str) -> Record<'static> {
        Record {
            time: "2026-02-03T12:03:04.123+01:00[+01:00]".parse().unwrap(),
            ..Record::new(Level::INFO, "market", message.to_owned())
        }
    }

    #[test]
    fn an_object_has_everything_in_this_order() {
        let record = Record {
            agent: "bob@localhost/main",
            fields: vec![
                ("to", Said::Shown("a@b".to_owned())),
                ("pieces", Said::Plain(3.into())),
            ],
            source: Some(("src/main.rs", 7)),
            ..record("sold")
        };
        assert_eq!(
            line(&record),
            "{\"time\":\"2026-02-03T12:03:04.123+01:00\",\"level\":\"INFO\",\
             \"agent\":\"bob@localhost/main\",\"target\":\"market\",\"message\":\"sold\",\
             \"fields\":{\"to\":\"a@b\",\"pieces\":3},\"file\":\"src/main.rs\",\"line\":7}\n"
        );
        let alone: Value = serde_json::from_str(&line(&self::record("x"))).unwrap();
        assert_eq!(alone["fields"], json!({}));
        assert_eq!(alone.get("agent"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_one_line_that_reads_back(text in any::<String>(), steer in "\\PC{0,3}[\u{0}-\u{9f}]") {
            let text = text + &steer;
            let line = line(&record(&text));
            let (object, end) = line.split_at(line.len() - 1);
            prop_assert_eq!(end, "\n");
            prop_assert!(!object.contains(char::is_control));
            let read: Value = serde_json::from_str(object).unwrap();
            prop_assert_eq!(read["message"].as_str(), Some(text.as_str()));
        }
    }
}
