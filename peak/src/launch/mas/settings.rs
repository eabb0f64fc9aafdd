//! What an agent is given in a deployment file, and `defaults` for all of them.

use std::path::Path;

use super::keys;
use super::logs;
use super::node::{Key, Node, Yaml};
use super::values::{At, entries, number, text};
use super::xmpp::Connection;
use crate::agent::AgentType;
use crate::launch::args::MAX_AGENTS;
use crate::launch::logs::Wishes;
use crate::launch::plan::{self, RESOURCE};
use crate::launch::problem::{Problem, Problems};
use crate::message::Jid;

/// The keys of one section. `None`: not given, or given wrongly, which is noted.
#[derive(Debug, Default)]
pub(super) struct Settings<'a> {
    pub(super) agent_type: Given<&'static AgentType>,
    pub(super) domain: Option<At<&'a str>>,
    pub(super) resource: Option<At<&'a str>>,
    pub(super) clones: Option<At<u64>>,
    pub(super) params: Vec<(&'a Key, &'a Node)>,
    pub(super) logs: Wishes,
    pub(super) connection: Connection<'a>,
}

/// A value that must be there.
#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Given<T> {
    #[default]
    No,
    Wrongly,
    Yes(T),
}

impl<'a> Settings<'a> {
    /// Reads a section; `name` is what messages call it. Paths in it are relative to `folder`.
    pub(super) fn read(
        section: &'a Node,
        name: &str,
        folder: &Path,
        problems: &mut Problems,
    ) -> Self {
        let mut settings = Self::default();
        if !matches!(section.yaml, Yaml::Map(_) | Yaml::Null) {
            // What it wants to be is asked with that.
            settings.agent_type = Given::Wrongly;
        }
        for (key, node) in entries(section, name, problems) {
            match key.name.as_str() {
                "xmpp" => settings.connection.read(key, node, name, folder, problems),
                other if keys::CONNECTION.contains(&other) => {
                    settings.connection.take_peaks(key, node, problems);
                }
                _ if logs::take(&mut settings.logs, key, node, folder, problems) => {}
                _ => settings.take(key, node, name, problems),
            }
        }
        settings.connection.conclude(problems);
        settings
    }

    fn take(&mut self, key: &'a Key, node: &'a Node, name: &str, problems: &mut Problems) {
        match key.name.as_str() {
            "agent" => {
                self.agent_type = match problems.note(agent_type(node)) {
                    Some(agent_type) => Given::Yes(agent_type),
                    None => Given::Wrongly,
                }
            }
            "domain" => self.domain = problems.note(domain(node)),
            "resource" => self.resource = problems.note(resource(node)),
            "clones" => self.clones = problems.note(clones(node)),
            "params" => {
                let name = format!("`params` of {name}");
                self.params = entries(node, &name, problems);
            }
            "file" => {
                problems.add(file(key, node));
                // Which type it shall be is asked there already.
                if matches!(self.agent_type, Given::No) {
                    self.agent_type = Given::Wrongly;
                }
            }
            "password" | "secret" => problems.add(keys::password(key, name)),
            "restart" => problems.add(
                Problem::at(
                    key.place,
                    format!("`restart` in {name} is not supported by this build"),
                )
                .hint(
                    "an error or a panic ends the one function in which it happens, and the \
                         agent goes on; leave the key out",
                ),
            ),
            _ => problems.add(self.unknown(key, name)),
        }
    }

    fn unknown(&self, key: &Key, name: &str) -> Problem {
        let problem = keys::unknown_of_agent(key, name);
        match self.agent_type {
            Given::Yes(agent) if agent.params().iter().any(|param| param.name == key.name) => {
                problem.hint(format!(
                    "`{}` is a parameter of {}: write it below `params:`",
                    key.name,
                    agent.name()
                ))
            }
            _ => problem,
        }
    }
}

fn agent_type(node: &Node) -> Result<&'static AgentType, Problem> {
    let name = text(node, "the name of an agent type")?;
    AgentType::find(name.value).map_err(|error| plan::unknown_type(&error).in_file(name.place))
}

fn domain(node: &Node) -> Result<At<&str>, Problem> {
    let domain = text(node, "a domain")?;
    let bad = |reason: String| {
        Problem::at(
            node.place,
            format!("`{}` is not a domain: {reason}", domain.value),
        )
        .hint("write a host name, such as `localhost`")
    };
    match format!("x@{}", domain.value).parse::<Jid>() {
        Ok(jid) if jid.is_bare() && jid.local() == Some("x") => Ok(domain),
        Ok(_) => Err(bad("it has a `/` or an `@` in it".to_owned())),
        Err(error) => Err(bad(error.reason().to_owned())),
    }
}

fn resource(node: &Node) -> Result<At<&str>, Problem> {
    let resource = text(node, "a resource")?;
    match format!("x@y/{}", resource.value).parse::<Jid>() {
        Ok(_) => Ok(resource),
        Err(error) => Err(Problem::at(
            node.place,
            format!("`{}` is not a resource: {}", resource.value, error.reason()),
        )
        .hint(format!("write a word, such as `{RESOURCE}`"))),
    }
}

fn clones(node: &Node) -> Result<At<u64>, Problem> {
    number(node, "a number of agents", 1..=MAX_AGENTS)
}

/// PEAK's `file:` names a Python file. Here agents are types of the program.
fn file(key: &Key, node: &Node) -> Problem {
    let path = match &node.yaml {
        Yaml::Text(path) => path.as_str(),
        _ => "",
    };
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    let what = if extension.eq_ignore_ascii_case("py") {
        format!("`file: {path}` is Python, which this program does not run")
    } else {
        "`file` is not supported by this build: agents are types of this program".to_owned()
    };
    let problem = Problem::at(key.place, what);
    match AgentType::find(stem) {
        Ok(agent) => problem.hint(format!(
            "name the Rust type instead: `agent: {}`",
            agent.name()
        )),
        Err(_) => problem.hint("name a Rust type of this program instead: `agent: NAME`"),
    }
}
