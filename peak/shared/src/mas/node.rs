//! YAML as a tree in which everything knows its line and column.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};
use serde_saphyr::options::{DuplicateKeyPolicy, NonFiniteFloatPolicy};
use serde_saphyr::{Location, RenderOptions, SnippetMode, Spanned, UserMessageFormatter};

use crate::problem::{Place, Problem};
use crate::text;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    pub place: Place,
    pub yaml: Yaml,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Yaml {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    /// Text with references to the environment, once they are resolved.
    Resolved(Resolved),
    /// Text with references that cannot be resolved; why not, is noted.
    Broken(Box<Problem>),
    List(Vec<Node>),
    /// As written, doubles included.
    Map(Vec<(Key, Node)>),
}

/// Text and where it came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolved {
    pub text: String,
    /// The variables in it, with their values.
    pub variables: Vec<(String, String)>,
    /// Whether nothing else was written there, so that it may be a number or a truth value.
    pub is_all: bool,
}

impl Resolved {
    /// What messages call it: the values may be secrets.
    fn kind(&self) -> String {
        let names: Vec<_> = self.variables.iter().map(|(name, _)| name).collect();
        let names = names.iter().map(|name| format!("${{{name}}}"));
        let names = text::list(names.collect::<Vec<_>>().iter().map(String::as_str));
        match (self.is_all, self.text.is_empty()) {
            (true, true) => format!("the value of {names}, which is empty"),
            (true, false) => format!("the value of {names}"),
            (false, _) => format!("text with {names} in it"),
        }
    }
}

/// A key and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    pub place: Place,
    pub name: String,
}

impl Node {
    /// The entries of a mapping, as written; of anything else none.
    pub fn entries(&self) -> &[(Key, Node)] {
        match &self.yaml {
            Yaml::Map(entries) => entries,
            _ => &[],
        }
    }

    /// What it is, for a message that expected something else.
    pub fn kind(&self) -> String {
        match &self.yaml {
            Yaml::Null => "nothing".to_owned(),
            Yaml::Bool(value) => format!("`{value}`"),
            Yaml::Number(number) => format!("the number `{number}`"),
            Yaml::Text(text) => format!("the text `{}`", beginning(text)),
            Yaml::Resolved(resolved) => resolved.kind(),
            Yaml::Broken(_) => "a reference without a value".to_owned(),
            Yaml::List(_) => "a list".to_owned(),
            Yaml::Map(_) => "a mapping".to_owned(),
        }
    }

    /// Its text, if it is text.
    pub fn as_text(&self) -> Option<&str> {
        match &self.yaml {
            Yaml::Text(text) => Some(text),
            Yaml::Resolved(resolved) => Some(&resolved.text),
            _ => None,
        }
    }

    /// The first node that looks like this: itself, or one in it.
    pub fn first(&self, is: fn(&Yaml) -> bool) -> Option<&Node> {
        if is(&self.yaml) {
            return Some(self);
        }
        match &self.yaml {
            Yaml::List(nodes) => nodes.iter().find_map(|node| node.first(is)),
            Yaml::Map(entries) => entries.iter().find_map(|(_, node)| node.first(is)),
            _ => None,
        }
    }

    /// The value without the places. Of a double key the last value stays.
    pub fn to_json(&self) -> Value {
        self.json(&|resolved| Value::String(resolved.text.clone()))
    }

    /// The same, but that what is nothing but references is a number or a truth value if it looks
    /// like one.
    pub fn to_guessed_json(&self) -> Value {
        self.json(&|resolved| {
            let guess = serde_json::from_str(&resolved.text);
            match guess {
                Ok(guess @ (Value::Number(_) | Value::Bool(_))) if resolved.is_all => guess,
                _ => Value::String(resolved.text.clone()),
            }
        })
    }

    fn json(&self, resolved: &dyn Fn(&Resolved) -> Value) -> Value {
        match &self.yaml {
            Yaml::Null | Yaml::Broken(_) => Value::Null,
            Yaml::Bool(value) => Value::Bool(*value),
            Yaml::Number(number) => Value::Number(number.clone()),
            Yaml::Text(text) => Value::String(text.clone()),
            Yaml::Resolved(text) => resolved(text),
            Yaml::List(nodes) => nodes.iter().map(|node| node.json(resolved)).collect(),
            Yaml::Map(entries) => entries
                .iter()
                .map(|(key, node)| (key.name.clone(), node.json(resolved)))
                .collect(),
        }
    }
}

/// The text as far as it fits into a line of a message.
fn beginning(text: &str) -> String {
    const LONG: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    let mut beginning: String = line.chars().take(LONG).collect();
    if beginning.len() < text.trim_end().len() {
        beginning.push('…');
    }
    beginning
}

/// How deep a file may be nested. A parameter that is a list of mappings of lists is 8 deep.
const MAX_DEPTH: usize = 32;

/// What the parser needs for that in a debug build, several times over: it takes tens of
/// kilobytes a level, and the main thread of a program may have no more than a megabyte.
const STACK: usize = 16 * 1024 * 1024;

/// Reads one document.
pub fn read(text: &str) -> Result<Node, Problem> {
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
    if what.starts_with("YAML document too large") || what.starts_with("recursion limit") {
        // The rest names counters of the parser.
        what = "too large or too complex for a deployment file".to_owned();
    }
    if let Some((_, ours)) = WORDS.iter().find(|(theirs, _)| what.contains(theirs)) {
        what = (*ours).to_owned();
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

/// What the parser says, and what a person would.
const WORDS: [(&str, &str); 4] = [
    (
        "reference to unknown value",
        "there is no anchor of this name above",
    ),
    (
        "Recursive reference",
        "what is to be repeated here is what this stands in",
    ),
    (
        "expected string scalar",
        "a key is a word, not a list or a mapping",
    ),
    ("null is not allowed here", "the key is missing"),
];

/// What to do about the mistakes that everybody makes once.
fn hint(what: &str) -> Option<&'static str> {
    if what.contains("tabs disallowed") {
        Some("indent with spaces")
    } else if what.contains("multiple found") {
        Some("leave out the line `---`: one file is one system")
    } else if what.contains("unexpected character") {
        Some("text that begins with a sign goes in quotes")
    } else if what.contains("no anchor") {
        Some(
            "`*NAME` repeats the value that is marked with `&NAME` above it; text that begins with \
             `*` goes in quotes",
        )
    } else if what.contains("repeated here") {
        Some("repeat a value that ends above this line")
    } else if what.contains("merge value") {
        Some("`<<: *NAME` takes over the keys of the mapping that is marked with `&NAME`")
    } else if what.contains("key is missing") || what.contains("a key is a word") {
        Some("write a name before the colon, such as `clones: 2`")
    } else if what.contains("unclosed bracket") {
        Some("close it, `{` with `}` and `[` with `]`")
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
