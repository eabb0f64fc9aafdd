//! A dataset as a parameter: the name of its file, or a mapping with more to say.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::Dataset;
use super::error::quoted;
use super::source::Source;
use crate::agent::{About, Param};
use crate::text;

const KEYS: [&str; 3] = ["file", "loop", "delimiter"];

impl<T: DeserializeOwned + 'static> Param for Dataset<T> {
    fn read(value: &Value, about: About<'_>) -> Result<Self, String> {
        let source = match value {
            Value::String(file) => source(file, None, about.looping, about)?,
            Value::Object(keys) => of_keys(keys, about)?,
            _ => {
                return Err(format!(
                    "expected the name of a file, or `{{file: NAME, loop: true}}`, found `{value}`"
                ));
            }
        };
        Self::of(source).map_err(|error| error.to_string())
    }
}

fn of_keys(keys: &Map<String, Value>, about: About<'_>) -> Result<Source, String> {
    if let Some(key) = keys.keys().find(|key| !KEYS.contains(&key.as_str())) {
        let unknown = format!("a dataset has no key {}", quoted(key));
        return Err(match text::nearest(key, KEYS) {
            Some(near) => format!("{unknown}: did you mean `{near}`?"),
            None => format!("{unknown}; it has {}", text::list(KEYS)),
        });
    }
    let file = match keys.get("file") {
        Some(Value::String(file)) => file,
        Some(other) => return Err(format!("`file` is a name, not `{other}`")),
        None => return Err("which file? write `file: NAME`".to_owned()),
    };
    let looping = match keys.get("loop") {
        None => about.looping,
        Some(Value::Bool(looping)) => *looping,
        Some(other) => return Err(format!("`loop` is `true` or `false`, not `{other}`")),
    };
    let delimiter = keys.get("delimiter").map(delimiter).transpose()?;
    source(file, delimiter, looping, about)
}

fn source(
    file: &str,
    delimiter: Option<u8>,
    looping: bool,
    about: About<'_>,
) -> Result<Source, String> {
    if file.is_empty() {
        return Err("the name of the file is empty".to_owned());
    }
    let source = Source::new(about.folder.join(file), delimiter);
    let source = source.map_err(|error| error.to_string())?;
    Ok(if looping { source.looping() } else { source })
}

/// What stands between two cells.
fn delimiter(value: &Value) -> Result<u8, String> {
    let text = value.as_str().unwrap_or_default();
    match text.as_bytes() {
        [byte] if byte.is_ascii() && !matches!(byte, b'"' | b'\n' | b'\r' | 0) => Ok(*byte),
        _ => Err(format!(
            "`delimiter` is one character of ASCII such as \";\" or \"\\t\", and no quote or end \
             of a line, not `{value}`"
        )),
    }
}
