//! From what a deployment file says to a plan, noting everything that is wrong on the way.

use std::path::Path;
use std::sync::Arc;

use peak_shared::mas::addresses::Taken;
use peak_shared::mas::after::{self, Waiting};
use peak_shared::mas::file::{File, name};
use peak_shared::mas::node::{Key, Node, Yaml};
use peak_shared::mas::section::{Given, Section};
use peak_shared::mas::{DOMAIN, xmpp};
use serde_json::Value;

use super::types;
use crate::agent::{AgentType, ParamValues};
use crate::launch::plan::{Plan, Planned};
use crate::launch::problem::{Problem, Problems};
use crate::launch::xmpp::{Domains, Who, check};
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
    let File { defaults, agents } = File::read(root, folder, problems)?;
    let mut system = System::new(&defaults, folder, domains, problems);
    for (key, section) in agents {
        system.add(key, section, problems);
    }
    system.check_defaults(problems);
    system.check_networks(problems);
    system.plan(problems)
}

/// The agents so far.
struct System<'a> {
    defaults: &'a Section<'a>,
    /// The type that `defaults` names.
    default_type: Given<&'static AgentType>,
    folder: &'a Path,
    domains: Domains,
    /// Whether some agent is on an XMPP server.
    some_on_xmpp: bool,
    plan: Plan,
    /// Each agent of the file, and what it stands for.
    agents: Vec<(Waiting<'a>, Vec<Planned>)>,
    /// Where each address was given.
    addresses: Taken<Jid>,
    types: Vec<&'static AgentType>,
    /// Whether some agent's type is unknown, so that nobody can say what it takes.
    some_type_unknown: bool,
}

impl<'a> System<'a> {
    fn new(
        defaults: &'a Section<'a>,
        folder: &'a Path,
        domains: Domains,
        problems: &mut Problems,
    ) -> Self {
        let default_type = types::of_section(defaults, folder, problems);
        note_unknown(defaults, default_type, problems);
        check(&defaults.connection.wishes, problems);
        Self {
            defaults,
            default_type,
            folder,
            domains,
            some_on_xmpp: false,
            plan: Plan {
                logs: defaults.logs.clone(),
                folder: folder.to_owned(),
                ..Plan::default()
            },
            agents: Vec::new(),
            addresses: Taken::default(),
            types: Vec::new(),
            some_type_unknown: false,
        }
    }

    fn add(&mut self, key: &'a Key, mut section: Section<'a>, problems: &mut Problems) {
        let waiting = Waiting {
            name: &key.name,
            after: section.after.take(),
        };
        let agents = self.agents(key, &section, problems);
        self.agents.push((waiting, agents));
    }

    /// What an agent of the file stands for: itself or its clones; nothing if it is wrong.
    fn agents(
        &mut self,
        key: &'a Key,
        section: &Section<'_>,
        problems: &mut Problems,
    ) -> Vec<Planned> {
        let own_type = types::of_section(section, self.folder, problems);
        let implied = match (own_type, self.default_type) {
            (Given::No, Given::No) => AgentType::find(&key.name).map_or(Given::No, Given::Yes),
            (Given::No, default) => default,
            (own, _) => own,
        };
        note_unknown(section, implied, problems);
        check(&section.connection.wishes, problems);
        let agent_type = self.agent_type(key, implied, problems);
        let file = section.wishes(self.defaults);
        let domain = problems.note(section.domain(&key.name, self.defaults));
        let domain = domain.unwrap_or(DOMAIN);
        let wishes = self.domains.wishes(domain, &file);
        match &wishes {
            Some(wishes) => {
                self.some_on_xmpp = true;
                xmpp::caution(wishes, problems);
            }
            None => section.connection.without_effect(&section.name, problems),
        }
        let places = (domain, section.resource(self.defaults));
        let clones = section.clones.or(self.defaults.clones);
        let addresses = self.addresses.of(key, places, clones, problems);
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
        let params = Arc::new(self.params(key, agent_type, section, problems));
        let logs = Arc::new(section.logs.over(&self.defaults.logs));
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

    /// The type that is given, or why none is.
    fn agent_type(
        &self,
        key: &Key,
        given: Given<&'static AgentType>,
        problems: &mut Problems,
    ) -> Option<&'static AgentType> {
        match given {
            Given::Yes(agent_type) => Some(agent_type),
            Given::Wrongly => None,
            // What is wrong with the name is said where the address is made of it.
            Given::No if name(key).is_err() => None,
            Given::No => {
                let names = text::list(AgentType::all().iter().map(|agent| agent.name()));
                let what = format!(
                    "agent `{}` has no `agent`, and no type has that name",
                    key.name
                );
                problems.add(Problem::at(key.place, what).hint(format!(
                    "write `agent: TYPE` below it; this program has {names}"
                )));
                None
            }
        }
    }

    /// Its own parameters, and of `defaults.params` those that its type has.
    fn params(
        &self,
        key: &Key,
        agent_type: &AgentType,
        section: &Section<'_>,
        problems: &mut Problems,
    ) -> ParamValues {
        let has = |name: &str| agent_type.params().iter().any(|param| param.name == name);
        let shared = self.defaults.params.iter();
        let shared = shared.filter(|(key, _)| has(&key.name));
        let given: Vec<_> = shared.chain(&section.params).collect();
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

/// Notes the keys that there are not. One may be a parameter, which stands elsewhere.
fn note_unknown(
    section: &Section<'_>,
    agent_type: Given<&'static AgentType>,
    problems: &mut Problems,
) {
    for key in &section.strange {
        let problem = section.unknown(key);
        problems.add(match agent_type {
            Given::Yes(agent) if agent.params().iter().any(|param| param.name == key.name) => {
                problem.hint(format!(
                    "`{}` is a parameter of {}: write it below `params:`",
                    key.name,
                    agent.name()
                ))
            }
            _ => problem,
        });
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
