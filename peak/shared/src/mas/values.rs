//! Values of a deployment file: the entries of a mapping, a text, a number, a truth value.

use super::node::{Key, Node, Yaml};
use super::slips;
use crate::problem::{Place, Problem, Problems};

/// A value and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At<T> {
    pub place: Place,
    pub value: T,
}

/// The entries of a mapping, each key once. Nothing at all is an empty mapping.
pub fn entries<'a>(
    node: &'a Node,
    name: &str,
    problems: &mut Problems,
) -> Vec<(&'a Key, &'a Node)> {
    let entries = match &node.yaml {
        Yaml::Map(entries) => entries,
        Yaml::Null => return Vec::new(),
        Yaml::Broken(problem) => {
            problems.add((**problem).clone());
            return Vec::new();
        }
        _ => {
            let problem = Problem::at(
                node.place,
                format!("{name} must be a mapping, and is {}", node.kind()),
            );
            let slip = match &node.yaml {
                Yaml::Text(text) if looks_like_a_type(text) => {
                    Some(format!("write `agent: {text}` below it, indented"))
                }
                Yaml::Text(text) if text.ends_with('\n') => Some(
                    "leave out the `|` or `>` behind the colon: it makes one text of the lines below"
                        .to_owned(),
                ),
                Yaml::Text(text) => slips::in_line(text),
                Yaml::List(_) => Some(
                    "write `key: value` lines below it, indented, without a `-` before them"
                        .to_owned(),
                ),
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
            Some(before) => problems.add(
                Problem::at(
                    key.place,
                    format!(
                        "the key `{}` is in {name} twice, first at {before}",
                        key.name
                    ),
                )
                .hint(match name {
                    "`agents`" => "give it another name; `clones` is for several of one kind",
                    _ => "leave one of them out",
                }),
            ),
        }
    }
    once
}

/// Whether a word looks like the name of a type: `Sender`.
fn looks_like_a_type(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_uppercase())
        && word
            .chars()
            .all(|char| char.is_alphanumeric() || char == '_')
}

/// A problem with the value of a key.
pub fn wrong(node: &Node, wanted: &str) -> Problem {
    if let Yaml::Broken(problem) = &node.yaml {
        return (**problem).clone();
    }
    Problem::at(
        node.place,
        format!("expected {wanted}, found {}", node.kind()),
    )
}

pub fn text<'a>(node: &'a Node, wanted: &str) -> Result<At<&'a str>, Problem> {
    if let Some(value) = node.as_text() {
        let place = node.place;
        return Ok(At { place, value });
    }
    match &node.yaml {
        Yaml::Number(_) | Yaml::Bool(_) => {
            Err(wrong(node, wanted).hint("put it in quotes if it is meant as text"))
        }
        _ => Err(wrong(node, wanted)),
    }
}

pub fn number(
    node: &Node,
    wanted: &str,
    range: std::ops::RangeInclusive<u64>,
) -> Result<At<u64>, Problem> {
    let resolved = match &node.yaml {
        Yaml::Resolved(resolved) if resolved.is_all => resolved.text.trim().parse().ok(),
        _ => None,
    };
    let found = match &node.yaml {
        Yaml::Number(number) => Some(number.clone()),
        _ => resolved,
    };
    match found {
        Some(number) => match number.as_u64() {
            Some(value) if range.contains(&value) => Ok(At {
                place: node.place,
                value,
            }),
            _ => Err(wrong(
                node,
                &format!("{wanted}, from {} to {}", range.start(), range.end()),
            )),
        },
        None => Err(without_quotes(node, wrong(node, wanted), |text| {
            text.parse::<u64>().is_ok()
        })),
    }
}

/// Says so if a value would be right without its quotes.
fn without_quotes(node: &Node, problem: Problem, is_right: impl Fn(&str) -> bool) -> Problem {
    match &node.yaml {
        Yaml::Text(text) if is_right(text) => {
            problem.hint(format!("leave out the quotes: `{text}`"))
        }
        _ => problem,
    }
}

pub fn truth(node: &Node) -> Result<bool, Problem> {
    match &node.yaml {
        Yaml::Bool(value) => Ok(*value),
        Yaml::Resolved(resolved) if resolved.is_all => {
            as_truth(&resolved.text).ok_or_else(|| wrong(node, "`true` or `false`"))
        }
        _ => Err(without_quotes(
            node,
            wrong(node, "`true` or `false`"),
            |text| matches!(text, "true" | "false"),
        )),
    }
}

/// A truth value as YAML's authors write it.
pub fn as_truth(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some(true),
        "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

/// The one of the words that it is.
pub fn one_of(node: &Node, words: &[&'static str]) -> Result<&'static str, Problem> {
    let text = node.as_text();
    let word = words.iter().find(|word| Some(**word) == text);
    let wanted = words.join("` or `");
    word.copied()
        .ok_or_else(|| wrong(node, &format!("`{wanted}`")))
}
