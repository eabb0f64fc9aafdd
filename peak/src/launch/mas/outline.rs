//! The outline of a deployment file: which agents it lists and where, and nothing of what that means.

use serde_json::Value;

use crate::launch::problem::Problem;
use crate::launch::sources;
use peak_shared::mas::node::{self, Node};

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
    /// What its type is called: by itself, else by `defaults`, else it is its own name. Of a file the
    /// type is meant that is called like it.
    pub agent_type: String,
    /// The keys below its name.
    pub keys: Vec<Key>,
}

/// Reads a file as far as its form goes.
pub(in crate::launch) fn outline(text: &str) -> Result<Outline, Problem> {
    let root = node::read(text)?;
    let agents = value_of(&root, "agents")
        .map(Node::entries)
        .unwrap_or_default();
    let of_all = value_of(&root, "defaults").and_then(agent_type);
    let entry = |(key, node): &(node::Key, Node)| Entry {
        key: place(key),
        agent_type: agent_type(node).or(of_all).unwrap_or(&key.name).to_owned(),
        keys: keys(node),
    };
    Ok(Outline {
        value: root.to_json(),
        keys: keys(&root),
        agents: agents.iter().map(entry).collect(),
    })
}

/// The type that a section names, or the file that names it.
fn agent_type(section: &Node) -> Option<&str> {
    let text = |key| value_of(section, key).and_then(Node::as_text);
    text("agent").or_else(|| text("file").map(sources::stem))
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
                    agent_type: "Meter".to_owned(),
                    keys: vec![key("agent", 4, 5), key("clones", 5, 5)],
                },
                Entry {
                    key: key("bob", 6, 3),
                    agent_type: "bob".to_owned(),
                    keys: Vec::new(),
                },
            ]
        );
        assert_eq!(outline.value["agents"]["ann"]["clones"], 2);
    }

    #[test]
    fn types_as_start_finds_them() {
        let types = |defaults: &str| -> Vec<String> {
            let text = format!(
                "agents: {{a: , b: {{agent: Meter}}, c: {{file: src/pump.rs}}, \
                 d: {{file: all.rs, agent: Valve}}}}\ndefaults: {defaults}"
            );
            let agents = outline(&text).unwrap().agents;
            agents.into_iter().map(|entry| entry.agent_type).collect()
        };
        assert_eq!(types("{clones: 2}"), ["a", "Meter", "pump", "Valve"]);
        assert_eq!(types("{agent: Tank}"), ["Tank", "Meter", "pump", "Valve"]);
        assert_eq!(types("{file: tank.rs}"), ["tank", "Meter", "pump", "Valve"]);
    }

    #[test]
    fn what_is_no_yaml_is_told_with_its_line() {
        let error = crate::launch::writing::outline("agents:\n\tann:\n").unwrap_err();
        assert!(error.starts_with("line 2:"), "{error}");
    }
}
