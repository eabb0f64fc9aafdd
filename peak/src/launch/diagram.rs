//! The state machines of an agent type, as text that other programs draw.

use clap::{Args, ValueEnum};
use peak_shared::diagram::Diagram;

use super::problem::Problem;
use super::sources::wanted;
use crate::agent::AgentType;
use crate::text;

#[derive(Debug, Args)]
pub(super) struct DiagramArgs {
    /// The agent type; may be left out if the program has only one
    #[arg(value_name = "AGENT")]
    agent: Option<String>,

    /// The language of the text: Mermaid's, or Graphviz's
    #[arg(
        long,
        value_name = "mermaid|dot",
        hide_possible_values = true,
        default_value = "mermaid",
        value_enum
    )]
    format: Format,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Mermaid,
    Dot,
}

/// The diagrams that are asked for, one below the other.
pub(super) fn text(args: &DiagramArgs) -> Result<String, Problem> {
    let agent = wanted("diagram", args.agent.as_deref())?;
    let diagrams = agent.diagrams();
    if diagrams.is_empty() {
        return Err(without(agent));
    }
    let texts = diagrams.iter().map(|diagram| match args.format {
        Format::Mermaid => titled(diagram),
        Format::Dot => diagram.dot(),
    });
    Ok(texts.collect::<Vec<_>>().join("\n"))
}

fn titled(diagram: &Diagram) -> String {
    format!("---\ntitle: {}\n---\n{}", diagram.name, diagram.mermaid())
}

fn without(agent: &AgentType) -> Problem {
    let problem = Problem::new(format!("{} has no state machine", agent.name()));
    let all = AgentType::all();
    let mut others = all
        .iter()
        .filter(|agent| !agent.diagrams().is_empty())
        .peekable();
    match others.peek() {
        None => {
            problem.hint("its states are types that functions name: `#[behaviour(fsm(STATE), …)]`")
        }
        Some(_) => problem.hint(format!(
            "{} has",
            text::list(others.map(|agent| agent.name()))
        )),
    }
}
