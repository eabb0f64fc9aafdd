//! What an agent is given in a deployment file, and `defaults` for all of them.

use std::path::Path;

use super::after;
use super::keys;
use super::logs;
use super::node::{Key, Node, Yaml};
use super::types::{self, Given};
use super::values::{At, entries, number, text};
use super::xmpp::Connection;
use crate::agent::AgentType;
use crate::launch::args::MAX_AGENTS;
use crate::launch::logs::Wishes;
use crate::launch::plan::RESOURCE;
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
    /// Whom it waits for before it starts.
    pub(super) after: Option<Vec<At<&'a str>>>,
    pub(super) connection: Connection<'a>,
}

impl<'a> Settings<'a> {
    /// Reads a section; `name` is what messages call it, and `implied` the type that is meant if it
    /// names none. Paths in it are relative to `folder`.
    pub(super) fn read(
        section: &'a Node,
        name: &str,
        implied: Option<&'static AgentType>,
        folder: &Path,
        problems: &mut Problems,
    ) -> Self {
        let mut settings = Self::default();
        if !matches!(section.yaml, Yaml::Map(_) | Yaml::Null) {
            // What it wants to be is asked with that.
            settings.agent_type = Given::Wrongly;
        }
        let entries = entries(section, name, problems);
        if !matches!(settings.agent_type, Given::Wrongly) {
            settings.agent_type = types::of_section(&entries, folder, problems);
        }
        for (key, node) in entries {
            match key.name.as_str() {
                "xmpp" => settings.connection.read(key, node, name, folder, problems),
                other if keys::CONNECTION.contains(&other) => {
                    settings.connection.take_peaks(key, node, problems);
                }
                _ if logs::take(&mut settings.logs, key, node, folder, problems) => {}
                _ => settings.take(key, node, name, implied, problems),
            }
        }
        settings.connection.conclude(problems);
        settings
    }

    fn take(
        &mut self,
        key: &'a Key,
        node: &'a Node,
        name: &str,
        implied: Option<&'static AgentType>,
        problems: &mut Problems,
    ) {
        match key.name.as_str() {
            // Looked at before all others.
            "agent" | "file" => {}
            "domain" => self.domain = problems.note(domain(node)),
            "resource" => self.resource = problems.note(resource(node)),
            "clones" => self.clones = problems.note(clones(node)),
            "params" => {
                let name = format!("`params` of {name}");
                self.params = entries(node, &name, problems);
            }
            "after" => self.after = after::names(node, problems),
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
            _ => problems.add(self.unknown(key, name, implied)),
        }
    }

    fn unknown(&self, key: &Key, name: &str, implied: Option<&'static AgentType>) -> Problem {
        let problem = keys::unknown_of_agent(key, name);
        let agent = match self.agent_type {
            Given::Yes(agent) => Some(agent),
            Given::No => implied,
            Given::Wrongly => None,
        };
        match agent {
            Some(agent) if agent.params().iter().any(|param| param.name == key.name) => problem
                .hint(format!(
                    "`{}` is a parameter of {}: write it below `params:`",
                    key.name,
                    agent.name()
                )),
            _ => problem,
        }
    }
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
    if domain.value.contains(['@', '/']) {
        return Err(bad("it has a `/` or an `@` in it".to_owned()));
    }
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
