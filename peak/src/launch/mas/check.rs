//! From the tree of a deployment file to a plan, noting everything that is wrong on the way.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;

use super::after::{self, Waiting};
use super::keys;
use super::node::{Key, Node, Yaml};
use super::settings::Settings;
use super::types::Given;
use super::values::entries;
use super::xmpp;
use crate::agent::{AgentType, ParamValues};
use crate::launch::args::MAX_AGENTS;
use crate::launch::plan::{self, Plan, Planned, RESOURCE};
use crate::launch::problem::{Place, Problem, Problems};
use crate::launch::xmpp::{Domains, Who, Wishes};
use crate::message::Jid;
use crate::text;

/// The plan that a file asks for; `None` if it has no agents to speak of. Its paths are relative to
/// `folder`; `domains` has what the command line says.
pub(super) fn plan(
    root: &Node,
    folder: &Path,
    domains: Domains,
    problems: &mut Problems,
) -> Option<Plan> {
    if !matches!(root.yaml, Yaml::Map(_) | Yaml::Null | Yaml::Broken(_)) {
        let what = format!("the file must be a mapping, and is {}", root.kind());
        problems.add(Problem::at(root.place, what).hint(HOW_TO_LIST));
        return None;
    }
    let mut defaults = Settings::default();
    let mut agents = None;
    for (key, node) in entries(root, "the file", problems) {
        match key.name.as_str() {
            "defaults" => {
                defaults = Settings::read(node, "`defaults`", None, folder, problems);
                refuse_after(node, problems);
            }
            "agents" => agents = Some((key, node)),
            "agent" if has_no_agents(root) => problems
                .add(keys::unknown(key, "the file", &keys::TOP).hint("did you mean `agents`?")),
            name if is_agent_key(name) => problems.add(
                Problem::at(key.place, format!("`{name}` stands outside of any agent"))
                    .hint("write it below an agent, or below `defaults:` for all of them"),
            ),
            _ => {
                let problem = keys::unknown(key, "the file", &keys::TOP);
                problems.add(match agents {
                    // Nothing else stands below it.
                    Some((
                        _,
                        Node {
                            yaml: Yaml::Null, ..
                        },
                    )) => problem.hint(format!(
                        "`{}` belongs below `agents:`: indent it, and what stands below it",
                        key.name
                    )),
                    _ => problem,
                });
            }
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

    let mut system = System::new(&defaults, folder, domains);
    for (key, node) in listed {
        system.add(key, node, problems);
    }
    system.check_defaults(problems);
    system.check_networks(problems);
    system.plan(problems)
}

/// To whoever writes something else.
const HOW_TO_LIST: &str =
    "list them: an `agents:` line, and below it, indented, `name:` for each agent";

/// Whoever is waited for would wait, too.
fn refuse_after(defaults: &Node, problems: &mut Problems) {
    let Yaml::Map(entries) = &defaults.yaml else {
        return;
    };
    if let Some((key, _)) = entries.iter().find(|(key, _)| key.name == "after") {
        problems.add(
            Problem::at(
                key.place,
                "`after` in `defaults`: each agent waits for others",
            )
            .hint("write it below the agents that wait"),
        );
    }
}

fn is_agent_key(name: &str) -> bool {
    keys::of_agent().any(|key| key == name) || keys::CONNECTION.contains(&name)
}

fn has_no_agents(root: &Node) -> bool {
    match &root.yaml {
        Yaml::Map(entries) => entries.iter().all(|(key, _)| key.name != "agents"),
        _ => true,
    }
}

/// The agents so far.
struct System<'a> {
    defaults: &'a Settings<'a>,
    folder: &'a Path,
    domains: Domains,
    /// Whether some agent is on an XMPP server.
    some_on_xmpp: bool,
    plan: Plan,
    /// Each agent of the file, and what it stands for.
    agents: Vec<(Waiting<'a>, Vec<Planned>)>,
    /// Where each address was given.
    addresses: HashMap<Jid, Place>,
    types: Vec<&'static AgentType>,
    /// Whether some agent's type is unknown, so that nobody can say what it takes.
    some_type_unknown: bool,
}

impl<'a> System<'a> {
    fn new(defaults: &'a Settings<'a>, folder: &'a Path, domains: Domains) -> Self {
        Self {
            defaults,
            folder,
            domains,
            some_on_xmpp: false,
            plan: Plan {
                logs: defaults.logs.clone(),
                folder: folder.to_owned(),
                ..Plan::default()
            },
            agents: Vec::new(),
            addresses: HashMap::new(),
            types: Vec::new(),
            some_type_unknown: false,
        }
    }

    fn add(&mut self, key: &'a Key, node: &'a Node, problems: &mut Problems) {
        let name = format!("agent `{}`", key.name);
        let implied = match self.defaults.agent_type {
            Given::No => AgentType::find(&key.name).ok(),
            Given::Yes(agent_type) => Some(agent_type),
            Given::Wrongly => None,
        };
        let mut settings = Settings::read(node, &name, implied, self.folder, problems);
        let waiting = Waiting {
            name: &key.name,
            after: settings.after.take(),
        };
        let agents = self.agents(key, &name, &settings, problems);
        self.agents.push((waiting, agents));
    }

    /// What an agent of the file stands for: itself or its clones; nothing if it is wrong.
    fn agents(
        &mut self,
        key: &'a Key,
        name: &str,
        settings: &Settings<'_>,
        problems: &mut Problems,
    ) -> Vec<Planned> {
        let agent_type = self.agent_type(key, settings, problems);
        let own = &settings.connection.wishes;
        let file = own.over(&self.defaults.connection.wishes);
        let domain = problems.note(self.domain(key, settings, &file));
        let domain = domain.unwrap_or("localhost");
        let wishes = self.domains.wishes(domain, &file);
        match &wishes {
            Some(wishes) => {
                self.some_on_xmpp = true;
                xmpp::caution(wishes, problems);
            }
            None => settings.connection.without_effect(name, problems),
        }
        let addresses = self.addresses(key, domain, settings, problems);
        let who = Who::at(key.place, &key.name);
        self.domains.add(who, &addresses, wishes, problems);
        let Some(agent_type) = agent_type else {
            self.some_type_unknown = true;
            return Vec::new();
        };
        if !self
            .types
            .iter()
            .any(|known| std::ptr::eq(*known, agent_type))
        {
            self.types.push(agent_type);
        }
        let params = Arc::new(self.params(key, agent_type, settings, problems));
        let logs = Arc::new(settings.logs.over(&self.defaults.logs));
        let planned = addresses.into_iter().map(|address| Planned {
            address,
            agent_type,
            params: Arc::clone(&params),
            logs: Arc::clone(&logs),
        });
        planned.collect()
    }

    /// The plan, in the order in which they start.
    fn plan(self, problems: &mut Problems) -> Option<Plan> {
        let (waiting, agents): (Vec<_>, Vec<_>) = self.agents.into_iter().unzip();
        let mut agents: Vec<_> = agents.into_iter().map(Some).collect();
        let mut plan = self.plan;
        for (number, after) in after::order(&waiting, problems)? {
            let agents = agents[number].take().unwrap_or_default();
            plan.add(waiting[number].name, agents, after);
        }
        Some(plan)
    }

    /// The type it names, or `defaults` names, or the one that has the agent's own name.
    fn agent_type(
        &self,
        key: &Key,
        settings: &Settings<'_>,
        problems: &mut Problems,
    ) -> Option<&'static AgentType> {
        match (settings.agent_type, self.defaults.agent_type) {
            (Given::Yes(agent_type), _) | (Given::No, Given::Yes(agent_type)) => Some(agent_type),
            (Given::Wrongly, _) | (Given::No, Given::Wrongly) => None,
            // What is wrong with the name is said where the address is made of it.
            (Given::No, Given::No) if name(key).is_err() => None,
            (Given::No, Given::No) => problems.note(AgentType::find(&key.name).map_err(|_| {
                let names = text::list(AgentType::all().iter().map(|agent| agent.name()));
                Problem::at(
                    key.place,
                    format!(
                        "agent `{}` has no `agent`, and no type has that name",
                        key.name
                    ),
                )
                .hint(format!(
                    "write `agent: TYPE` below it; this program has {names}"
                ))
            })),
        }
    }

    /// The domain of its addresses: that of the component if it is behind one.
    fn domain<'s>(
        &self,
        key: &Key,
        settings: &Settings<'s>,
        wishes: &'s Wishes,
    ) -> Result<&'s str, Problem>
    where
        'a: 's,
    {
        let own = settings.domain;
        let said = own.or(self.defaults.domain);
        let is_off = wishes.on.is_some_and(|on| !on.value);
        let component = wishes.component.as_ref().filter(|_| !is_off);
        let Some(component) = component else {
            return Ok(said.map_or("localhost", |domain| domain.value));
        };
        // One of `defaults` gives way to the component of an agent.
        let is_own = settings.connection.wishes.component.is_some();
        match if is_own { own } else { said } {
            Some(domain) if !domain.value.eq_ignore_ascii_case(&component.value) => {
                Err(Problem::at(
                    domain.place,
                    format!(
                        "agent `{}` is behind the component `{}`, and has the domain `{}`",
                        key.name, component.value, domain.value
                    ),
                )
                .hint("leave `domain` out: agents behind a component have its domain"))
            }
            _ => Ok(&component.value),
        }
    }

    fn addresses(
        &mut self,
        key: &Key,
        domain: &str,
        settings: &Settings<'_>,
        problems: &mut Problems,
    ) -> Vec<Jid> {
        let defaults = self.defaults;
        let resource = settings.resource.or(defaults.resource);
        let clones = settings.clones.or(defaults.clones);
        if problems.note(name(key)).is_none() {
            return Vec::new();
        }
        let count = clones.map_or(1, |clones| clones.value);
        if self.addresses.len() as u64 + count > MAX_AGENTS {
            problems.add(Problem::at(
                clones.map_or(key.place, |clones| clones.place),
                format!("more than {MAX_AGENTS} agents in all"),
            ));
            return Vec::new();
        }
        let addresses = plan::addresses(
            &key.name,
            domain,
            resource.map_or(RESOURCE, |resource| resource.value),
            count,
        );
        let wrong = |error| Problem::at(key.place, format!("agent `{}`: {error}", key.name));
        let addresses = problems.note(addresses.map_err(wrong)).unwrap_or_default();
        for address in &addresses {
            if let Some(before) = self.addresses.insert(address.clone(), key.place) {
                problems.add(
                    Problem::at(
                        key.place,
                        format!(
                            "agent `{}` would have the address {address}, which the one at \
                             {before} has",
                            key.name
                        ),
                    )
                    .hint("give it another name, domain or resource"),
                );
                break;
            }
        }
        addresses
    }

    /// Its own parameters, and of `defaults.params` those that its type has.
    fn params(
        &self,
        key: &Key,
        agent_type: &AgentType,
        settings: &Settings<'_>,
        problems: &mut Problems,
    ) -> ParamValues {
        let has = |name: &str| agent_type.params().iter().any(|param| param.name == name);
        let shared = self.defaults.params.iter();
        let shared = shared.filter(|(key, _)| has(&key.name));
        let given: Vec<_> = shared.chain(&settings.params).collect();
        let mut values = ParamValues::new();
        values.relative_to(self.folder);
        for (key, node) in &given {
            match &node.yaml {
                // As on the command line: a number where one is wanted.
                Yaml::Resolved(resolved) if resolved.is_all => {
                    values.set_text(key.name.as_str(), resolved.text.as_str());
                }
                _ => drop(values.set(key.name.as_str(), node.to_json())),
            }
        }
        let Err(errors) = agent_type.check(&values) else {
            return values;
        };
        // References within lists and mappings are text, unless that is wrong.
        for (name, _) in errors.each() {
            let node = given.iter().rev().find(|(key, _)| key.name == name);
            if let Some((_, node)) = node
                && !matches!(node.yaml, Yaml::Resolved(_))
            {
                values.set(name, node.to_guessed_json());
            }
        }
        let Err(errors) = agent_type.check(&values) else {
            return values;
        };
        for (name, error) in errors.each() {
            let culprit = given.iter().rev().find(|(key, _)| key.name == name);
            if let Some((_, node)) = culprit
                && has(name)
                && let Some(problem) = of_reference(agent_type, name, node)
            {
                problems.add(problem);
                continue;
            }
            let problem = match culprit {
                None => Problem::at(
                    key.place,
                    format!("agent `{}`: parameter {error}", key.name),
                )
                .hint(format!(
                    "write `{name}: {}` below `params:`",
                    value_of(agent_type, name)
                )),
                Some((_, node)) if is_number_for_duration(agent_type, name, node) => Problem::at(
                    node.place,
                    format!(
                        "parameter of {}: `{name}`: expected a duration, found {}",
                        agent_type.name(),
                        node.kind()
                    ),
                )
                .hint(format!("write it as \"{}s\"", node.to_json())),
                // An unknown name is wrong itself, else the value is.
                Some((key, _)) if !has(name) => Problem::at(
                    key.place,
                    format!("parameter of {}: {error}", agent_type.name()),
                ),
                Some((_, node)) => Problem::at(
                    node.place,
                    format!("parameter of {}: {error}", agent_type.name()),
                ),
            };
            problems.add(match culprit.map(|(_, node)| node.to_json()) {
                Some(value @ (Value::Number(_) | Value::Bool(_)))
                    if error.contains("expected a string") =>
                {
                    problem.hint(format!(
                        "text that looks like something else goes in quotes: `\"{value}\"`"
                    ))
                }
                _ => problem,
            });
        }
        values
    }

    /// How each domain is reached.
    fn check_networks(&mut self, problems: &mut Problems) {
        if !self.some_on_xmpp {
            let connection = &self.defaults.connection;
            connection.without_effect("`defaults`", problems);
        }
        let mut warnings = Vec::new();
        self.plan.ways = self.domains.ways(problems, &mut warnings);
        self.plan.warnings = warnings;
    }

    /// A parameter in `defaults` must be one of some agent's.
    fn check_defaults(&self, problems: &mut Problems) {
        if self.some_type_unknown || self.types.is_empty() {
            return;
        }
        let known = || {
            let params = self.types.iter().flat_map(|agent| agent.params());
            params.map(|param| param.name)
        };
        for (key, _) in &self.defaults.params {
            if known().any(|name| name == key.name) {
                continue;
            }
            let problem = Problem::at(
                key.place,
                format!("no agent of this file has a parameter `{}`", key.name),
            );
            problems.add(match text::nearest(&key.name, known()) {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem.hint("see the parameters of each type with the command `agents`"),
            });
        }
    }
}

/// What stands for the value of a parameter that is not given.
fn value_of(agent_type: &AgentType, name: &str) -> &'static str {
    let mut params = agent_type.params().iter();
    let is_file = |ty: &str| ty.starts_with("Dataset<") || ty.contains("::Dataset<");
    if params.any(|param| param.name == name && is_file(param.ty)) {
        "FILE"
    } else {
        "VALUE"
    }
}

/// A problem with a parameter in which there are references: what variables hold is not shown.
fn of_reference(agent_type: &AgentType, name: &str, node: &Node) -> Option<Problem> {
    let is_reference = |yaml: &Yaml| matches!(yaml, Yaml::Resolved(_) | Yaml::Broken(_));
    let reference = node.first(is_reference)?;
    if let Yaml::Broken(problem) = &reference.yaml {
        return Some((**problem).clone());
    }
    let mut params = agent_type.params().iter();
    let ty = params
        .find(|param| param.name == name)
        .map_or("", |param| param.ty);
    let agent = agent_type.name();
    let what = format!(
        "parameter of {agent}: `{name}`: expected {ty}, found {}",
        reference.kind()
    );
    let hint = "look at what the variable holds, which is not shown here";
    Some(Problem::at(reference.place, what).hint(hint))
}

/// `pause: 5` leaves open what 5 it is.
fn is_number_for_duration(agent_type: &AgentType, name: &str, node: &Node) -> bool {
    let is_duration = |ty: &str| {
        let inner = ty.trim_end_matches(['>', ' ']);
        inner.ends_with("Duration")
    };
    let mut params = agent_type.params().iter();
    matches!(node.yaml, Yaml::Number(_))
        && params.any(|param| param.name == name && is_duration(param.ty))
}

/// The name of an agent is the part of its address before the `@`.
fn name(key: &Key) -> Result<(), Problem> {
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
    match format!("{}@localhost", key.name).parse::<Jid>() {
        Ok(_) => Ok(()),
        Err(error) => Err(bad(error.reason())),
    }
}
