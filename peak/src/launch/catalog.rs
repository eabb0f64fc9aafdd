//! The agent types of this program, for people to read.

use std::fmt::Write as _;

use crate::agent::{AgentType, ParamSpec};

/// A line for each type and each parameter: what goes below the help.
pub(super) fn short() -> String {
    let agents = AgentType::all();
    if agents.is_empty() {
        return "Agents:\n  none: an agent is a struct with `#[agent]` in this program".to_owned();
    }
    let mut text = "Agents:\n".to_owned();
    for agent in agents {
        let first = agent.doc().trim().lines().next().unwrap_or_default();
        line(&mut text, 2, agent.name(), first.trim());
        params(&mut text, agent);
    }
    text.truncate(text.trim_end().len());
    text
}

/// Each type with its whole documentation.
pub(super) fn full() -> String {
    let agents = AgentType::all();
    if agents.is_empty() {
        return "This program has no agents: an agent is a struct with `#[agent]`.\n".to_owned();
    }
    let mut text = String::new();
    for agent in agents {
        if !text.is_empty() {
            text.push('\n');
        }
        let _ = writeln!(text, "{}", agent.name());
        for doc in agent.doc().trim().lines() {
            let _ = writeln!(text, "{}", format!("  {}", doc.trim()).trim_end());
        }
        params(&mut text, agent);
    }
    text
}

fn params(text: &mut String, agent: &AgentType) {
    for param in agent.params() {
        let doc = param.doc.trim().lines().next().unwrap_or_default();
        line(text, 4, &spec(param), doc.trim());
    }
}

/// `target: f64 = 21.0`, or `room: String (required)`.
fn spec(param: &ParamSpec) -> String {
    match param.default {
        Some(default) => format!("{}: {} = {default}", param.name, param.ty),
        None => format!("{}: {} (required)", param.name, param.ty),
    }
}

fn line(text: &mut String, indent: usize, name: &str, doc: &str) {
    let gap = 32usize.saturating_sub(indent);
    let line = format!("{:indent$}{name:<gap$}  {doc}", "");
    let _ = writeln!(text, "{}", line.trim_end());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_says_its_type_and_default() {
        let mut param = ParamSpec {
            kind: crate::agent::ParamKind::Any,
            name: "target",
            doc: "",
            ty: "f64",
            default: Some("21.0"),
        };
        assert_eq!(spec(&param), "target: f64 = 21.0");
        param.default = None;
        assert_eq!(spec(&param), "target: f64 (required)");
    }
}
