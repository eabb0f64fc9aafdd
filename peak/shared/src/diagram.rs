//! State machines as diagrams.

use std::fmt::Write as _;

/// A state machine, as far as a diagram shows it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Diagram {
    /// The name of the behaviour.
    pub name: String,
    /// The states, in the order in which they are written.
    pub states: Vec<State>,
}

/// A state of a machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// Its name: the type's.
    pub name: String,
    /// Whether the machine begins in it.
    pub is_initial: bool,
    /// What ends the machine in it: labels, as those of edges.
    pub ends: Vec<String>,
    /// Where it leads.
    pub edges: Vec<Edge>,
}

/// A way from a state to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The name of the other.
    pub to: String,
    /// When it is taken: a message, a time, or the function that decides.
    pub label: String,
}

impl Diagram {
    /// The diagram in the language of Mermaid (`stateDiagram-v2`).
    pub fn mermaid(&self) -> String {
        let mut text = "stateDiagram-v2\n".to_owned();
        for state in &self.states {
            let name = &state.name;
            if state.is_initial {
                let _ = writeln!(text, "    [*] --> {name}");
            }
            for edge in &state.edges {
                let _ = writeln!(
                    text,
                    "    {name} --> {}: {}",
                    edge.to,
                    in_mermaid(&edge.label)
                );
            }
            for label in &state.ends {
                let _ = writeln!(text, "    {name} --> [*]: {}", in_mermaid(label));
            }
        }
        text
    }

    /// The diagram in the language of Graphviz.
    pub fn dot(&self) -> String {
        let mut text = format!("digraph {} {{\n    rankdir=LR;\n", quoted(&self.name));
        text.push_str("    node [shape=box, style=rounded];\n");
        for state in &self.states {
            let name = quoted(&state.name);
            if state.is_initial {
                text.push_str("    begin [shape=point, label=\"\"];\n");
                let _ = writeln!(text, "    begin -> {name};");
            }
            for edge in &state.edges {
                let (to, label) = (quoted(&edge.to), quoted(&edge.label));
                let _ = writeln!(text, "    {name} -> {to} [label={label}];");
            }
            for label in &state.ends {
                let _ = writeln!(text, "    {name} -> end [label={}];", quoted(label));
            }
        }
        if self.states.iter().any(|state| !state.ends.is_empty()) {
            text.push_str("    end [shape=doublecircle, label=\"\", width=0.2];\n");
        }
        text.push_str("}\n");
        text
    }
}

/// What stands behind a colon there may have no line breaks, no `;`, and no `:` of its own.
fn in_mermaid(label: &str) -> String {
    let mut text = String::with_capacity(label.len());
    for char in label.chars() {
        match char {
            ':' => text.push_str("#58;"),
            ';' => text.push_str("#59;"),
            '#' => text.push_str("#35;"),
            '"' => text.push_str("#quot;"),
            char if char.is_control() => text.push(' '),
            char => text.push(char),
        }
    }
    text
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lamp() -> Diagram {
        let edge = |to: &str, label: &str| Edge {
            to: to.to_owned(),
            label: label.to_owned(),
        };
        Diagram {
            name: "lamp".to_owned(),
            states: vec![
                State {
                    name: "Off".to_owned(),
                    is_initial: true,
                    ends: vec![],
                    edges: vec![edge("On", "ontology = \"light\"")],
                },
                State {
                    name: "On".to_owned(),
                    is_initial: false,
                    ends: vec!["broken".to_owned()],
                    edges: vec![edge("Off", "after 10s: dark; #1")],
                },
            ],
        }
    }

    #[test]
    fn mermaid_has_every_way() {
        assert_eq!(
            lamp().mermaid(),
            "stateDiagram-v2\n    [*] --> Off\n    Off --> On: ontology = #quot;light#quot;\n    \
             On --> Off: after 10s#58; dark#59; #35;1\n    On --> [*]: broken\n"
        );
    }

    #[test]
    fn dot_has_every_way() {
        assert_eq!(
            lamp().dot(),
            "digraph \"lamp\" {\n    rankdir=LR;\n    node [shape=box, style=rounded];\n    \
             begin [shape=point, label=\"\"];\n    begin -> \"Off\";\n    \
             \"Off\" -> \"On\" [label=\"ontology = \\\"light\\\"\"];\n    \
             \"On\" -> \"Off\" [label=\"after 10s: dark; #1\"];\n    \
             \"On\" -> end [label=\"broken\"];\n    \
             end [shape=doublecircle, label=\"\", width=0.2];\n}\n"
        );
    }
}
