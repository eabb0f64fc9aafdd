//! The outline of a deployment file: which agents it lists and where, and nothing of what that means.

use serde_json::Value;

use crate::launch::problem::Problem;
use peak_shared::mas::node::{self, Node, Yaml};

/// A deployment file as `start` reads it, for whoever wants to write into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    /// All that it says.
    pub value: Value,
    /// The keys of the file itself.
    pub keys: Vec<Key>,
    /// The agents, in the order of the file.
    pub agents: Vec<Entry>,
}

/// A key and where it stands; line and column are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its text.
    pub name: String,
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

/// An agent of a deployment file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub key: Key,
    /// The type that it names with `agent:`.
    pub agent_type: Option<String>,
    /// The keys below its name.
    pub keys: Vec<Key>,
}

/// Reads a file as far as its form goes.
pub(in crate::launch) fn outline(text: &str) -> Result<Outline, Problem> {
    let root = node::read(text)?;
    let agents = value_of(&root, "agents")
        .map(Node::entries)
        .unwrap_or_default();
    Ok(Outline {
        value: root.to_json(),
        keys: keys(&root),
        agents: agents.iter().map(entry).collect(),
    })
}

fn entry((key, node): &(node::Key, Node)) -> Entry {
    let agent_type = match value_of(node, "agent").map(|node| &node.yaml) {
        Some(Yaml::Text(text)) => Some(text.clone()),
        _ => None,
    };
    Entry {
        key: place(key),
        agent_type,
        keys: keys(node),
    }
}

fn value_of<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    let mut entries = node.entries().iter();
    entries
        .find(|(key, _)| key.name == name)
        .map(|(_, node)| node)
}

fn keys(node: &Node) -> Vec<Key> {
    node.entries().iter().map(|(key, _)| place(key)).collect()
}

fn place(key: &node::Key) -> Key {
    // A file has at most 64 MiB, so these are small numbers.
    let small = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    Key {
        name: key.name.clone(),
        line: small(key.place.line),
        column: small(key.place.column),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agents_their_types_and_places() {
        let text = "# all\nagents:\n  ann:\n    agent: Meter\n    clones: 2\n  bob:\nx: 1\n";
        let outline = outline(text).unwrap();
        let key = |name: &str, line, column| Key {
            name: name.to_owned(),
            line,
            column,
        };
        assert_eq!(outline.keys, [key("agents", 2, 1), key("x", 7, 1)]);
        assert_eq!(
            outline.agents,
            [
                Entry {
                    key: key("ann", 3, 3),
                    agent_type: Some("Meter".to_owned()),
                    keys: vec![key("agent", 4, 5), key("clones", 5, 5)],
                },
                Entry {
                    key: key("bob", 6, 3),
                    agent_type: None,
                    keys: Vec::new(),
                },
            ]
        );
        assert_eq!(outline.value["agents"]["ann"]["clones"], 2);
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_line() {
        let error = crate::launch::writing::outline("agents:\n\tann:\n").unwrap_err();
        assert!(error.starts_with("line 2:"), "{error}");
    }
}
