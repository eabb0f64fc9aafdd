//! Which agents to start, checked to the end before the first one starts.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use peak_shared::logs::Wishes;

use super::problem::Problem;
use super::xmpp::Way;
use crate::agent::{AgentType, ParamValues, UnknownAgentType};
use crate::message::{Jid, JidError};

/// The agents to start, in this order.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) agents: Vec<Planned>,
    /// What starts together, in the order of its agents.
    pub(super) entries: Vec<Entry>,
    /// How each of their domains is reached.
    pub(super) ways: BTreeMap<String, Way>,
    /// How it is logged what no agent says.
    pub(super) logs: Wishes,
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
    pub(super) logs: Arc<Wishes>,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::problem::Problems;

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
    fn an_agent_has_a_name() {
        assert!(named("bob@localhost").is_ok());
        let problems = Problems::from(named("bob").unwrap_err()).to_string();
        assert!(
            problems.contains("hint: write it as `bob@localhost`"),
            "{problems}"
        );
    }
}
