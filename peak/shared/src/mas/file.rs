//! A deployment file as a whole: what all agents share, and the agents.

use std::path::Path;

use super::keys;
use super::node::{Key, Node, Yaml};
use super::section::Section;
use super::values::entries;
use crate::jid;
use crate::problem::{Problem, Problems};

/// What a file says.
#[derive(Debug)]
pub struct File<'a> {
    /// What holds for every agent that says nothing else.
    pub defaults: Section<'a>,
    /// The agents, in the order of the file.
    pub agents: Vec<(&'a Key, Section<'a>)>,
}

impl<'a> File<'a> {
    /// Reads a file, noting everything that is wrong on the way; `None` if it has no agents to speak
    /// of. Its paths are relative to `folder`.
    pub fn read(root: &'a Node, folder: &Path, problems: &mut Problems) -> Option<Self> {
        if !matches!(root.yaml, Yaml::Map(_) | Yaml::Null | Yaml::Broken(_)) {
            let what = format!("the file must be a mapping, and is {}", root.kind());
            problems.add(Problem::at(root.place, what).hint(HOW_TO_LIST));
            return None;
        }
        let mut defaults = Section::default();
        let mut agents = None;
        for (key, node) in entries(root, "the file", problems) {
            match key.name.as_str() {
                "defaults" => {
                    defaults = Section::read(node, "`defaults`".to_owned(), folder, problems);
                    refuse_after(node, problems);
                }
                "agents" => agents = Some((key, node)),
                _ => problems.add(unknown(key, root, agents)),
            }
        }
        let Some((key, agents)) = agents else {
            if problems.is_empty() {
                problems.add(Problem::at(root.place, "the file has no `agents`").hint(HOW_TO_LIST));
            }
            return None;
        };
        let listed = entries(agents, "`agents`", problems);
        if listed.is_empty() && problems.is_empty() {
            problems.add(
                Problem::at(key.place, "`agents` is empty: there is nothing to start")
                    .hint("write the name of each agent below it, indented"),
            );
        }
        let agent = |(key, node): (&'a Key, &'a Node)| {
            let name = format!("agent `{}`", key.name);
            (key, Section::read(node, name, folder, problems))
        };
        let agents = listed.into_iter().map(agent).collect();
        Some(Self { defaults, agents })
    }
}

/// To whoever writes something else.
const HOW_TO_LIST: &str =
    "list them: an `agents:` line, and below it, indented, `name:` for each agent";

/// A key of the file that there is not; `agents` is what stands above it.
fn unknown(key: &Key, root: &Node, agents: Option<(&Key, &Node)>) -> Problem {
    let problem = keys::unknown(key, "the file", &keys::TOP);
    match key.name.as_str() {
        "agent" if has_no_agents(root) => problem.hint("did you mean `agents`?"),
        name if is_agent_key(name) => {
            Problem::at(key.place, format!("`{name}` stands outside of any agent"))
                .hint("write it below an agent, or below `defaults:` for all of them")
        }
        // Nothing else stands below it.
        _ if agents.is_some_and(|(_, node)| node.yaml == Yaml::Null) => problem.hint(format!(
            "`{}` belongs below `agents:`: indent it, and what stands below it",
            key.name
        )),
        _ => problem,
    }
}

fn is_agent_key(name: &str) -> bool {
    keys::of_agent().any(|key| key == name) || keys::CONNECTION.contains(&name)
}

fn has_no_agents(root: &Node) -> bool {
    root.entries().iter().all(|(key, _)| key.name != "agents")
}

/// Whoever is waited for would wait, too.
fn refuse_after(defaults: &Node, problems: &mut Problems) {
    let mut entries = defaults.entries().iter();
    if let Some((key, _)) = entries.find(|(key, _)| key.name == "after") {
        problems.add(
            Problem::at(
                key.place,
                "`after` in `defaults`: each agent waits for others",
            )
            .hint("write it below the agents that wait"),
        );
    }
}

/// Whether an agent can have this name: it is the part of its address before the `@`.
///
/// # Errors
///
/// Why not.
pub fn name(key: &Key) -> Result<(), Problem> {
    let bad = |reason: &str| {
        Problem::at(
            key.place,
            format!("`{}` cannot be the name of an agent: {reason}", key.name),
        )
        .hint("a name is the part of the address before the `@`; `domain` and `resource` are keys of their own")
    };
    if key.name.contains(['@', '/']) {
        return Err(bad("it has a `/` or an `@` in it"));
    }
    jid::check(&format!("{}@localhost", key.name))
        .map(drop)
        .map_err(bad)
}
