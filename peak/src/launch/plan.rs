//! Which agents to start, checked to the end before the first one starts.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::RunArgs;
use super::argv;
use super::logs;
use super::problem::{Problem, Problems};
use super::sources;
use super::xmpp::{Domains, Way, Who, Wishes};
use crate::agent::{AgentType, ParamErrors, ParamValues, UnknownAgentType};
use crate::message::{Jid, JidError};
use crate::text;

/// The agents to start, in this order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) agents: Vec<Planned>,
    /// What starts together, in the order of its agents.
    pub(super) entries: Vec<Entry>,
    /// How each of their domains is reached.
    pub(super) ways: BTreeMap<String, Way>,
    /// How it is logged what no agent says.
    pub(super) logs: logs::Wishes,
    /// The folder of the deployment file, which paths are relative to.
    pub(super) folder: PathBuf,
    /// What the user should know before they start.
    pub(super) warnings: Vec<String>,
}

/// An agent with its clones.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// What it is called in the file, or on the command line.
    pub(super) name: String,
    /// Its place among the agents.
    pub(super) agents: Range<usize>,
    /// The entries, by place, that are ready before it starts; `None` for all above it.
    pub(super) after: Option<Vec<usize>>,
}

/// An agent to start.
#[derive(Debug, Clone)]
pub(super) struct Planned {
    /// A full address.
    pub(super) address: Jid,
    pub(super) agent_type: &'static AgentType,
    pub(super) params: Arc<ParamValues>,
    /// How it is logged what the agent says.
    pub(super) logs: Arc<logs::Wishes>,
}

impl Plan {
    /// Adds an agent with its clones; for `after` see [`Entry`].
    pub(super) fn add(&mut self, name: &str, agents: Vec<Planned>, after: Option<Vec<usize>>) {
        let begin = self.agents.len();
        self.agents.extend(agents);
        self.entries.push(Entry {
            name: name.to_owned(),
            agents: begin..self.agents.len(),
            after,
        });
    }

    /// Whether these live on the network inside the process.
    pub(super) fn is_inside(&self, agents: &[Planned]) -> bool {
        agents.iter().all(|agent| {
            let way = self.ways.get(agent.address.domain());
            matches!(way, None | Some(Way::Inside))
        })
    }

    /// How many of what: `3 agents: 1 Receiver, 2 Sender`.
    pub(super) fn summary(&self) -> String {
        let mut counts = BTreeMap::<&str, usize>::new();
        for agent in &self.agents {
            *counts.entry(agent.agent_type.name()).or_default() += 1;
        }
        let kinds: Vec<String> = counts
            .iter()
            .map(|(name, count)| format!("{count} {name}"))
            .collect();
        format!(
            "{}: {}",
            counted(self.agents.len() as u64, "agent"),
            kinds.join(", ")
        )
    }
}

/// `1 agent`, `2 agents`.
pub(super) fn counted(count: u64, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    }
}

/// The resource of an agent that is given none.
pub(super) const RESOURCE: &str = "main";

/// The addresses of an agent and its clones. Several are numbered from 0, as PEAK does it.
pub(super) fn addresses(
    local: &str,
    domain: &str,
    resource: &str,
    clones: u64,
) -> Result<Vec<Jid>, JidError> {
    match clones {
        1 => Ok(vec![format!("{local}@{domain}/{resource}").parse()?]),
        _ => (0..clones)
            .map(|number| format!("{local}{number}@{domain}/{resource}").parse())
            .collect(),
    }
}

/// What an unknown agent type is as a problem.
pub(super) fn unknown_type(error: &UnknownAgentType) -> Problem {
    match error {
        UnknownAgentType::Unknown { name, near, known } => {
            let problem = Problem::new(format!("this program has no agent `{name}`"));
            if AgentType::all().is_empty() {
                return problem.hint(HOW_TO_HAVE_AGENTS);
            }
            match near {
                Some(near) => problem.hint(format!("did you mean `{near}`?")),
                None => problem.hint(format!("it has {known}")),
            }
        }
        error => Problem::new(error.to_string()),
    }
}

/// To whoever runs a program without any.
pub(super) const HOW_TO_HAVE_AGENTS: &str =
    "an agent type is a struct with `#[agent]`, in the same program";

/// The plan that `run` asks for; `domains` has what the command line says of servers.
pub(super) fn of_run(args: &RunArgs, mut domains: Domains) -> Result<Plan, Problems> {
    let mut problems = Problems::default();
    let agent_type = problems.note(agent_type(args.agent.as_deref()));
    let params = params(&args.param, &mut problems);
    if let Some(agent_type) = agent_type
        && let Err(errors) = agent_type.check(&params)
    {
        wrong_params(agent_type, &errors, &mut problems);
    }
    let jid = match (&args.jid, agent_type) {
        (Some(text), _) => problems.note(named(text)),
        (None, Some(agent_type)) => problems.note(default_jid(agent_type)),
        (None, None) => None,
    };
    let (Some(agent_type), Some(jid), true) = (agent_type, jid, problems.is_empty()) else {
        return Err(problems);
    };
    let local = jid.local().unwrap_or_default();
    let resource = jid.resource().unwrap_or(RESOURCE);
    let addresses = addresses(local, jid.domain(), resource, args.clones)
        .map_err(|error| Problem::new(error.to_string()))?;
    let wishes = domains.wishes(jid.domain(), &Wishes::default());
    let who = Who::on_command_line(jid.bare_str());
    domains.add(who, &addresses, wishes, &mut problems);
    let mut warnings = Vec::new();
    let ways = domains.ways(&mut problems, &mut warnings);
    if !problems.is_empty() {
        return Err(problems);
    }
    let params = Arc::new(params);
    let logs = Arc::default();
    let agents = addresses
        .into_iter()
        .map(|address| Planned {
            address,
            agent_type,
            params: Arc::clone(&params),
            logs: Arc::clone(&logs),
        })
        .collect();
    let mut plan = Plan {
        ways,
        warnings,
        ..Plan::default()
    };
    plan.add(local, agents, None);
    Ok(plan)
}

fn agent_type(name: Option<&str>) -> Result<&'static AgentType, Problem> {
    if let Some((file, name)) = name.and_then(sources::named) {
        return sources::find(file, name, Path::new(""));
    }
    if let Some(name) = name {
        return AgentType::find(name).map_err(|error| unknown_type(&error));
    }
    let all = AgentType::all();
    match all.as_slice() {
        [one] => Ok(one),
        [] => Err(Problem::new("this program has no agents").hint(HOW_TO_HAVE_AGENTS)),
        [first, ..] => {
            let names = text::list(all.iter().map(|agent| agent.name()));
            Err(
                Problem::new(format!("which agent? this program has {names}"))
                    .hint(format!("name one: `run {}`", first.name())),
            )
        }
    }
}

/// What to write in place of a flag that is named like a parameter: `--stock 3` is
/// `--param stock=3`.
pub(super) fn flag_for_param(argv: &[OsString]) -> Option<Problem> {
    let words: Vec<&str> = argv.iter().skip(1).map_while(|arg| arg.to_str()).collect();
    let (&"run", words) = words.split_first()? else {
        return None;
    };
    let all = AgentType::all();
    let agent = match words.iter().find_map(|word| AgentType::find(word).ok()) {
        Some(agent) => agent,
        None if all.len() == 1 => all[0],
        None => return None,
    };
    let mut words = words.iter().take_while(|word| **word != "--");
    while let Some(word) = words.next() {
        let Some(flag) = word.strip_prefix('-') else {
            continue;
        };
        let flag = flag.strip_prefix('-').unwrap_or(flag);
        let (name, value) = match flag.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (flag, words.clone().next().copied()),
        };
        if argv::is_flag(name) {
            continue;
        }
        let name = name.replace('-', "_");
        if agent.params().iter().any(|param| param.name == name) {
            let value = value.unwrap_or("VALUE");
            return Some(
                Problem::new(format!(
                    "`{}` is a parameter of {}, not a flag",
                    name,
                    agent.name()
                ))
                .hint(format!("write `--param {name}={value}`")),
            );
        }
    }
    None
}

/// An address with a name in it.
pub(super) fn named(text: &str) -> Result<Jid, Problem> {
    let jid: Jid = text
        .parse()
        .map_err(|error: JidError| Problem::new(error.to_string()))?;
    if jid.local().is_none() {
        return Err(Problem::new(format!(
            "`{text}` is not the address of an agent: it has no name"
        ))
        .hint(format!("write it as `{}@localhost`", jid.domain())));
    }
    Ok(jid)
}

/// The type's name in lower snake case, at localhost.
fn default_jid(agent_type: &AgentType) -> Result<Jid, Problem> {
    let name = snake_case(agent_type.name());
    format!("{name}@localhost").parse().map_err(|_| {
        Problem::new(format!("`{}` does not make an address", agent_type.name()))
            .hint("give one: `-j name@localhost`")
    })
}

pub(super) fn snake_case(name: &str) -> String {
    let chars: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (place, char) in chars.iter().enumerate() {
        let before = place.checked_sub(1).map(|place| chars[place]);
        let after = chars.get(place + 1);
        let starts_word = before.is_some_and(|before| {
            before.is_lowercase()
                || before.is_numeric()
                || (before.is_uppercase() && after.is_some_and(|after| after.is_lowercase()))
        });
        if char.is_uppercase() && starts_word {
            snake.push('_');
        }
        snake.extend(char.to_lowercase());
    }
    snake
}

fn params(texts: &[String], problems: &mut Problems) -> ParamValues {
    let mut values = ParamValues::new();
    let mut names = Vec::new();
    for text in texts {
        match text.split_once('=') {
            Some((name, value)) if !name.trim().is_empty() => {
                let name = name.trim();
                if names.contains(&name) {
                    problems.add(Problem::new(format!("parameter `{name}` is given twice")));
                }
                names.push(name);
                values.set_text(name, value);
            }
            _ => problems.add(
                Problem::new(format!("`--param {text}` has no name and value"))
                    .hint("write it as `--param name=value`"),
            ),
        }
    }
    values
}

fn wrong_params(agent_type: &AgentType, errors: &ParamErrors, problems: &mut Problems) {
    for (_, error) in errors.each() {
        let name = agent_type.name();
        problems.add(Problem::new(format!("parameter of {name}: {error}")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_snake_case() {
        for (name, snake) in [
            ("Hello", "hello"),
            ("SmartMeter", "smart_meter"),
            ("HTTPServer", "http_server"),
            ("Zone2Agent", "zone2_agent"),
            ("already_snake", "already_snake"),
        ] {
            assert_eq!(snake_case(name), snake);
        }
    }

    #[test]
    fn clones_are_numbered_from_zero() {
        let texts = |clones| {
            let jids = addresses("a", "localhost", "main", clones).unwrap();
            jids.iter()
                .map(Jid::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(texts(1), "a@localhost/main");
        assert_eq!(texts(2), "a0@localhost/main a1@localhost/main");
    }

    #[test]
    fn an_agent_has_a_name() {
        assert!(named("bob@localhost").is_ok());
        let problems = Problems::from(named("bob").unwrap_err()).to_string();
        assert!(
            problems.contains("hint: write it as `bob@localhost`"),
            "{problems}"
        );
    }

    #[test]
    fn parameters_are_names_and_values() {
        let mut problems = Problems::default();
        let texts = ["a=1", "b=x=y", "c", "=2", "a=3"].map(str::to_owned);
        params(&texts, &mut problems);
        assert_eq!(
            problems.to_string(),
            "error: `--param c` has no name and value\n\
             hint: write it as `--param name=value`\n\
             error: `--param =2` has no name and value\n\
             hint: write it as `--param name=value`\n\
             error: parameter `a` is given twice\n"
        );
    }
}
