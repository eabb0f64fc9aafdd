//! YAML as a tree in which everything knows its line and column.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, RenderOptions, SnippetMode, Spanned, UserMessageFormatter};

use crate::launch::problem::{Place, Problem};

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    pub(super) yaml: Yaml,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Yaml {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    /// As written, doubles included.
    Map(Vec<(Key, Node)>),
}

/// A key and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) place: Place,
    pub(super) name: String,
}

impl Node {
    /// What it is, for a message that expected something else.
    pub(super) fn kind(&self) -> String {
        match &self.yaml {
            Yaml::Null => "nothing".to_owned(),
            Yaml::Bool(value) => format!("`{value}`"),
            Yaml::Number(number) => format!("the number `{number}`"),
            Yaml::Text(text) => format!("the text `{text}`"),
            Yaml::List(_) => "a list".to_owned(),
            Yaml::Map(_) => "a mapping".to_owned(),
        }
    }

    /// The value without the places. Of a double key the last value stays.
    pub(super) fn to_json(&self) -> Value {
        match &self.yaml {
            Yaml::Null => Value::Null,
            Yaml::Bool(value) => Value::Bool(*value),
            Yaml::Number(number) => Value::Number(number.clone()),
            Yaml::Text(text) => Value::String(text.clone()),
            Yaml::List(nodes) => nodes.iter().map(Node::to_json).collect(),
            Yaml::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.name.clone(), node.to_json()))
                .collect(),
        }
    }
}

/// How deep a file may be nested. A parameter that is a list of mappings of lists is 8 deep.
const MAX_DEPTH: usize = 32;

/// What the parser needs for that in a debug build, several times over: it takes tens of
/// kilobytes a level, and the main thread of a program may have no more than a megabyte.
const STACK: usize = 16 * 1024 * 1024;

/// Reads one document.
pub(super) fn read(text: &str) -> Result<Node, Problem> {
    let threads = std::thread::Builder::new().name("peak-yaml".to_owned());
    std::thread::scope(|scope| {
        let parser = threads
            .stack_size(STACK)
            .spawn_scoped(scope, || parse(text))
            .map_err(|error| Problem::new(format!("no thread to read it: {error}")))?;
        parser
            .join()
            .unwrap_or_else(|_| Err(Problem::new("the YAML parser failed; please report it")))
    })
}

fn parse(text: &str) -> Result<Node, Problem> {
    // Room for a file that lists ten thousand agents one by one, but not for anchors within
    // anchors that unfold to millions.
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            max_nodes: 2_000_000,
            max_events: 8_000_000,
            max_recorded_anchor_events: 100_000,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 1_000_000,
        },
        duplicate_keys: DuplicateKeyPolicy::PassThrough,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
    };
    match serde_saphyr::from_str_with_options::<Spanned<Yaml>>(text, options) {
        Ok(node) => Ok(node.into()),
        Err(error) => Err(problem(&error)),
    }
}

fn problem(error: &serde_saphyr::Error) -> Problem {
    let mut options = RenderOptions::new(&UserMessageFormatter);
    options.snippets = SnippetMode::Off;
    let mut what = error.render_with_options(options);
    if what.starts_with("YAML document too large") {
        // The rest names counters of the parser.
        what = "too large or too complex for a deployment file".to_owned();
    }
    let problem = match error.location() {
        Some(at) => {
            let place = Place::from(at);
            let suffix = format!(" at line {}, column {}", place.line, place.column);
            Problem::at(place, what.replace(&suffix, ""))
        }
        None => Problem::new(what.as_str()),
    };
    match hint(&what) {
        Some(hint) => problem.hint(hint),
        None => problem,
    }
}

/// What to do about the mistakes that everybody makes once.
fn hint(what: &str) -> Option<&'static str> {
    if what.contains("tabs disallowed") {
        Some("indent with spaces")
    } else if what.contains("multiple found") {
        Some("leave out the line `---`: one file is one system")
    } else if what.contains("unexpected character") {
        Some("text that begins with a sign goes in quotes")
    } else {
        None
    }
}

impl From<Location> for Place {
    fn from(location: Location) -> Self {
        Self {
            line: location.line(),
            column: location.column(),
        }
    }
}

impl From<Spanned<Yaml>> for Node {
    fn from(spanned: Spanned<Yaml>) -> Self {
        Self {
            place: spanned.referenced.into(),
            yaml: spanned.value,
        }
    }
}

impl From<Spanned<String>> for Key {
    fn from(spanned: Spanned<String>) -> Self {
        Self {
            place: spanned.referenced.into(),
            name: spanned.value,
        }
    }
}

impl<'de> Deserialize<'de> for Yaml {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(YamlVisitor)
    }
}

struct YamlVisitor;

impl<'de> Visitor<'de> for YamlVisitor {
    type Value = Yaml;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_none<E>(self) -> Result<Yaml, E> {
        Ok(Yaml::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Yaml, D::Error> {
        Yaml::deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Yaml, E> {
        Ok(Yaml::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Yaml, E> {
        Ok(Yaml::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Yaml, E> {
        Ok(Yaml::Number(value.into()))
    }

    fn visit_i128<E>(self, value: i128) -> Result<Yaml, E> {
        Ok(Number::from_i128(value).map_or_else(|| Yaml::Text(value.to_string()), Yaml::Number))
    }

    fn visit_u128<E>(self, value: u128) -> Result<Yaml, E> {
        Ok(Number::from_u128(value).map_or_else(|| Yaml::Text(value.to_string()), Yaml::Number))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Yaml, E> {
        Ok(Number::from_f64(value).map_or_else(|| Yaml::Text(value.to_string()), Yaml::Number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Yaml, E> {
        Ok(Yaml::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Yaml, E> {
        Ok(Yaml::Text(text))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Yaml, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element::<Spanned<Yaml>>()? {
            nodes.push(node.into());
        }
        Ok(Yaml::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Yaml, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, node)) = map.next_entry::<Spanned<String>, Spanned<Yaml>>()? {
            entries.push((key.into(), node.into()));
        }
        Ok(Yaml::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(line: u64, column: u64) -> Place {
        Place { line, column }
    }

    #[test]
    fn everything_knows_its_place() {
        let root = read("a: 1\nb:\n  - x\n  - c: yes\n").unwrap();
        let Yaml::Map(entries) = &root.yaml else {
            panic!("{root:?}");
        };
        assert_eq!(entries[0].0.place, place(1, 1));
        assert_eq!(entries[0].1.place, place(1, 4));
        assert_eq!(entries[1].0.place, place(2, 1));
        let Yaml::List(list) = &entries[1].1.yaml else {
            panic!("{root:?}");
        };
        assert_eq!(list[0].place, place(3, 5));
        let Yaml::Map(inner) = &list[1].yaml else {
            panic!("{root:?}");
        };
        assert_eq!(inner[0].0.place, place(4, 5));
        assert_eq!(inner[0].1.place, place(4, 8));
        assert_eq!(inner[0].1.yaml, Yaml::Bool(true));
    }

    #[test]
    fn anchors_and_merges_are_read() {
        let root = read("base: &b {a: 1, b: 2}\nmine:\n  <<: *b\n  b: 3\n").unwrap();
        assert_eq!(
            root.to_json(),
            serde_json::json!({"base": {"a": 1, "b": 2}, "mine": {"a": 1, "b": 3}})
        );
    }

    #[test]
    fn numbers_of_every_size() {
        let root = read("[-1, 18446744073709551615, 1.5, 1e400, .nan, 99999999999999999999999]");
        let Yaml::List(list) = root.unwrap().yaml else {
            panic!();
        };
        assert_eq!(list.len(), 6);
    }
}
