//! The agents of one type that `run` asks for.

use std::ffi::OsString;
use std::sync::Arc;

use peak_shared::mas::RESOURCE;
use peak_shared::mas::addresses::addresses;

use super::args::RunArgs;
use super::argv;
use super::plan::{Plan, Planned, named, snake_case};
use super::problem::{Problem, Problems};
use super::sources;
use super::xmpp::{Domains, Who, Wishes};
use crate::agent::{AgentType, ParamErrors, ParamValues};
use crate::message::Jid;

/// The plan that `run` asks for; `domains` has what the command line says of servers.
pub(super) fn plan(args: &RunArgs, mut domains: Domains) -> Result<Plan, Problems> {
    let mut problems = Problems::default();
    let agent_type = problems.note(sources::wanted("run", args.agent.as_deref()));
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
    let addresses = addresses(local, jid.domain(), resource, args.clones);
    let addresses: Result<Vec<Jid>, _> = addresses.map(|text| text.parse()).collect();
    let addresses = addresses.map_err(|error| Problem::new(error.to_string()))?;
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

/// The type's name in lower snake case, at localhost.
fn default_jid(agent_type: &AgentType) -> Result<Jid, Problem> {
    let name = snake_case(agent_type.name());
    format!("{name}@localhost").parse().map_err(|_| {
        Problem::new(format!("`{}` does not make an address", agent_type.name()))
            .hint("give one: `-j name@localhost`")
    })
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
