//! What an agent is given in a deployment file, and `defaults` for all of them.

use std::path::Path;

use super::after;
use super::keys;
use super::logs::take;
use super::node::{Key, Node, Yaml};
use super::values::{At, entries, number, text};
use super::xmpp::Connection;
use super::{DOMAIN, MAX_AGENTS, RESOURCE};
use crate::jid;
use crate::logs;
use crate::problem::{Problem, Problems};
use crate::xmpp::Wishes;

/// A value that must be right if it is there.
#[derive(Debug, Default, Clone, Copy)]
pub enum Given<T> {
    /// It is not there.
    #[default]
    No,
    /// It is, and why it is wrong is noted.
    Wrongly,
    /// It is.
    Yes(T),
}

/// The keys of one section. `None`: not given, or given wrongly, which is noted.
#[derive(Debug, Default)]
pub struct Section<'a> {
    /// What messages call it.
    pub name: String,
    /// The name of a type.
    pub agent: Given<At<&'a str>>,
    /// The file of a type.
    pub file: Given<At<&'a str>>,
    /// The domain of the addresses.
    pub domain: Option<At<&'a str>>,
    /// The resource of the addresses.
    pub resource: Option<At<&'a str>>,
    /// How many there are.
    pub clones: Option<At<u64>>,
    /// Parameters, of which only the type knows whether they are right.
    pub params: Vec<(&'a Key, &'a Node)>,
    /// What is wished of logs.
    pub logs: logs::Wishes,
    /// Whom it waits for before it starts.
    pub after: Option<Vec<At<&'a str>>>,
    /// What is wished of its server.
    pub connection: Connection<'a>,
    /// Keys that there are not; see [`Section::unknown`].
    pub strange: Vec<&'a Key>,
}

impl<'a> Section<'a> {
    /// Reads a section; `name` is what messages call it. Paths in it are relative to `folder`.
    pub fn read(node: &'a Node, name: String, folder: &Path, problems: &mut Problems) -> Self {
        let mut section = Self {
            name,
            ..Self::default()
        };
        if !matches!(node.yaml, Yaml::Map(_) | Yaml::Null) {
            // What it wants to be is asked with that.
            section.agent = Given::Wrongly;
        }
        for (key, node) in entries(node, &section.name, problems) {
            section.take(key, node, folder, problems);
        }
        section.connection.conclude(problems);
        section
    }

    fn take(&mut self, key: &'a Key, node: &'a Node, folder: &Path, problems: &mut Problems) {
        let name = &self.name;
        match key.name.as_str() {
            "agent" => self.agent = given(text(node, "the name of an agent type"), problems),
            "file" => self.file = given(text(node, "the path of a source file"), problems),
            "domain" => self.domain = problems.note(domain(node)),
            "resource" => self.resource = problems.note(resource(node)),
            "clones" => self.clones = problems.note(clones(node)),
            "params" => self.params = entries(node, &format!("`params` of {name}"), problems),
            "after" => self.after = after::names(node, problems),
            "xmpp" => self.connection.read(key, node, name, folder, problems),
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
            other if keys::CONNECTION.contains(&other) => {
                self.connection.take_peaks(key, node, problems);
            }
            _ if take(&mut self.logs, key, node, folder, problems) => {}
            _ => self.strange.push(key),
        }
    }

    /// The domain of the addresses of the agent `name`, with `defaults` for what it does not say:
    /// that of the component if it is behind one.
    ///
    /// # Errors
    ///
    /// If it says something else itself.
    pub fn domain<'s>(&'s self, name: &str, defaults: &'s Self) -> Result<&'s str, Problem> {
        let said = self.domain.or(defaults.domain);
        let (own, shared) = (&self.connection.wishes, &defaults.connection.wishes);
        let is_off = own.on.or(shared.on).is_some_and(|on| !on.value);
        let component = own.component.as_ref().or(shared.component.as_ref());
        let Some(component) = component.filter(|_| !is_off) else {
            return Ok(said.map_or(DOMAIN, |domain| domain.value));
        };
        // One of `defaults` gives way to the component of an agent.
        let said = match own.component {
            Some(_) => self.domain,
            None => said,
        };
        match said {
            Some(domain) if !domain.value.eq_ignore_ascii_case(&component.value) => {
                Err(Problem::at(
                    domain.place,
                    format!(
                        "agent `{name}` is behind the component `{}`, and has the domain `{}`",
                        component.value, domain.value
                    ),
                )
                .hint("leave `domain` out: agents behind a component have its domain"))
            }
            _ => Ok(&component.value),
        }
    }

    /// The resource of its addresses, with `defaults` for what it does not say.
    pub fn resource(&self, defaults: &Self) -> &'a str {
        let said = self.resource.or(defaults.resource);
        said.map_or(RESOURCE, |resource| resource.value)
    }

    /// What it wishes of its server, with `defaults` for what it does not say.
    pub fn wishes(&self, defaults: &Self) -> Wishes {
        self.connection.wishes.over(&defaults.connection.wishes)
    }

    /// What to say of one of the keys that there are not.
    pub fn unknown(&self, key: &Key) -> Problem {
        keys::unknown_of_agent(key, &self.name)
    }

    /// Notes all of them.
    pub fn note_unknown(&self, problems: &mut Problems) {
        for key in &self.strange {
            problems.add(self.unknown(key));
        }
    }
}

fn given<T>(read: Result<T, Problem>, problems: &mut Problems) -> Given<T> {
    match problems.note(read) {
        Some(value) => Given::Yes(value),
        None => Given::Wrongly,
    }
}

fn domain(node: &Node) -> Result<At<&str>, Problem> {
    let domain = text(node, "a domain")?;
    let bad = |reason: &str| {
        Problem::at(
            node.place,
            format!("`{}` is not a domain: {reason}", domain.value),
        )
        .hint("write a host name, such as `localhost`")
    };
    let is_more = "it has a `/` or an `@` in it";
    if domain.value.contains(['@', '/']) {
        return Err(bad(is_more));
    }
    match jid::check(&format!("x@{}", domain.value)) {
        Ok(jid) if jid.is_bare() && jid.node().is_some_and(|node| node.as_str() == "x") => {
            Ok(domain)
        }
        Ok(_) => Err(bad(is_more)),
        Err(reason) => Err(bad(reason)),
    }
}

fn resource(node: &Node) -> Result<At<&str>, Problem> {
    let resource = text(node, "a resource")?;
    match jid::check(&format!("x@y/{}", resource.value)) {
        Ok(_) => Ok(resource),
        Err(reason) => Err(Problem::at(
            node.place,
            format!("`{}` is not a resource: {reason}", resource.value),
        )
        .hint(format!("write a word, such as `{RESOURCE}`"))),
    }
}

fn clones(node: &Node) -> Result<At<u64>, Problem> {
    number(node, "a number of agents", 1..=MAX_AGENTS)
}
