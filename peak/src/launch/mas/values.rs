//! Values of a deployment file: the entries of a mapping, a text, a number, a truth value.

use super::node::{Key, Node, Yaml};
use super::slips;
use crate::agent::AgentType;
use crate::launch::problem::{Place, Problem, Problems};

/// A value and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct At<T> {
    pub(super) place: Place,
    pub(super) value: T,
}

/// The entries of a mapping, each key once. Nothing at all is an empty mapping.
pub(super) fn entries<'a>(
    node: &'a Node,
    name: &str,
    problems: &mut Problems,
) -> Vec<(&'a Key, &'a Node)> {
    let entries = match &node.yaml {
        Yaml::Map(entries) => entries,
        Yaml::Null => return Vec::new(),
        _ => {
            let problem = Problem::at(
                node.place,
                format!("{name} must be a mapping, and is {}", node.kind()),
            );
            let slip = match &node.yaml {
                Yaml::Text(text) if AgentType::find(text).is_ok() => {
                    Some(format!("write `agent: {text}` below it, indented"))
                }
                Yaml::Text(text) => slips::in_line(text),
                _ => None,
            };
            problems.add(match slip {
                Some(slip) => problem.hint(slip),
                None => problem.hint("write `key: value` lines below it, indented"),
            });
            return Vec::new();
        }
    };
    let mut first = std::collections::HashMap::new();
    let mut once = Vec::with_capacity(entries.len());
    for (key, node) in entries {
        match first.insert(&key.name, key.place) {
            None => once.push((key, node)),
            Some(before) => problems.add(Problem::at(
                key.place,
                format!(
                    "the key `{}` is in {name} twice, first at {before}",
                    key.name
                ),
            )),
        }
    }
    once
}

/// A problem with the value of a key.
pub(super) fn wrong(node: &Node, wanted: &str) -> Problem {
    Problem::at(
        node.place,
        format!("expected {wanted}, found {}", node.kind()),
    )
}

pub(super) fn text<'a>(node: &'a Node, wanted: &str) -> Result<At<&'a str>, Problem> {
    match &node.yaml {
        Yaml::Text(text) => Ok(At {
            place: node.place,
            value: text,
        }),
        Yaml::Number(_) | Yaml::Bool(_) => {
            Err(wrong(node, wanted).hint("put it in quotes if it is meant as text"))
        }
        _ => Err(wrong(node, wanted)),
    }
}

pub(super) fn number(
    node: &Node,
    wanted: &str,
    range: std::ops::RangeInclusive<u64>,
) -> Result<At<u64>, Problem> {
    match &node.yaml {
        Yaml::Number(number) => match number.as_u64() {
            Some(value) if range.contains(&value) => Ok(At {
                place: node.place,
                value,
            }),
            _ => Err(wrong(
                node,
                &format!("{wanted}, from {} to {}", range.start(), range.end()),
            )),
        },
        _ => Err(wrong(node, wanted)),
    }
}

pub(super) fn truth(node: &Node) -> Result<bool, Problem> {
    match node.yaml {
        Yaml::Bool(value) => Ok(value),
        _ => Err(wrong(node, "`true` or `false`")),
    }
}

/// The one of the words that it is.
pub(super) fn one_of(node: &Node, words: &[&'static str]) -> Result<&'static str, Problem> {
    let word = match &node.yaml {
        Yaml::Text(text) => words.iter().find(|word| *word == text),
        _ => None,
    };
    let wanted = words.join("` or `");
    word.copied()
        .ok_or_else(|| wrong(node, &format!("`{wanted}`")))
}
