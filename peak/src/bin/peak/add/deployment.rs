//! Entries of a deployment file. The text is edited, so that comments and order stay, and then read as
//! `start` reads it: what comes out must be what was there, and the new agent.

use peak::__private::writing::{self, Outline};
use serde_json::{Map, Value, json};

use super::name::Name;
use super::param::Param;

/// The file.
pub(super) const FILE: &str = "mas.yaml";

/// The agent of a deployment file.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a Name,
    /// Those that need a value.
    pub(super) required: Vec<&'a Param>,
}

/// Why an agent is not entered.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The file is none.
    Broken(String),
    /// An agent of this other type has the name.
    Taken(String),
    /// It is written in a way that must be edited by hand.
    ByHand,
}

/// The text of a deployment file with the agent in it; `None` if some agent is of that type already.
pub(super) fn with_agent(text: &str, entry: &Entry<'_>) -> Result<Option<String>, Refusal> {
    let outline = writing::outline(text).map_err(Refusal::Broken)?;
    for agent in &outline.agents {
        if entry.name.is_type(&agent.agent_type) {
            return Ok(None);
        }
    }
    let mut agents = outline.agents.iter();
    if let Some(taken) = agents.find(|agent| agent.key.name == entry.name.snake) {
        return Err(Refusal::Taken(taken.agent_type.clone()));
    }
    let edited = edited(text, &outline, entry).ok_or(Refusal::ByHand)?;
    let expected = expected(outline.value, entry);
    let after = writing::outline(&edited).ok().map(|outline| outline.value);
    if after.is_some() && after == expected {
        Ok(Some(edited))
    } else {
        Err(Refusal::ByHand)
    }
}

impl Entry<'_> {
    /// Its lines, indented by `at`, and by `step` more below it.
    pub(super) fn lines(&self, at: usize, step: usize) -> Vec<String> {
        let indent = |depth: usize| " ".repeat(at + depth * step);
        let mut lines = vec![
            format!("{}{}:", indent(0), self.name.snake),
            format!("{}agent: {}", indent(1), self.name.camel),
        ];
        if !self.required.is_empty() {
            lines.push(format!("{}params:", indent(1)));
        }
        for param in &self.required {
            // Texts, numbers and `false` are in YAML what they are in JSON, or plainer.
            let value = match param.yaml() {
                Value::String(text) => text,
                value => value.to_string(),
            };
            lines.push(format!("{}{}: {value}", indent(2), param.name));
        }
        lines
    }

    fn value(&self) -> Value {
        let mut value = json!({ "agent": self.name.camel });
        if !self.required.is_empty() {
            let params = self
                .required
                .iter()
                .map(|param| (param.name.clone(), param.yaml()));
            value["params"] = Value::Object(params.collect());
        }
        value
    }
}

/// What the file must say afterwards.
fn expected(before: Value, entry: &Entry<'_>) -> Option<Value> {
    let mut root = mapping(before)?;
    let agents = root.remove("agents").unwrap_or_default();
    let mut agents = mapping(agents)?;
    agents.insert(entry.name.snake.clone(), entry.value());
    root.insert("agents".to_owned(), Value::Object(agents));
    Some(Value::Object(root))
}

/// Nothing at all is an empty mapping.
fn mapping(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Null => Some(Map::new()),
        Value::Object(map) => Some(map),
        _ => None,
    }
}

fn edited(text: &str, outline: &Outline, entry: &Entry<'_>) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let Some(agents) = outline.keys.iter().find(|key| key.name == "agents") else {
        let mut block = vec!["agents:".to_owned()];
        if lines.last().is_some_and(|line| !line.trim().is_empty()) {
            block.insert(0, String::new());
        }
        block.extend(entry.lines(2, 2));
        return Some(inserted(text, lines.len(), &block));
    };
    let at = match outline.agents.first() {
        Some(first) => first.key.column.checked_sub(1)?,
        None => agents.column + 1,
    };
    let below = outline.agents.iter().find_map(|agent| {
        let key = agent.keys.first()?;
        // Those in braces say nothing of how lines are indented.
        let key = (key.line > agent.key.line).then_some(key)?;
        key.column.checked_sub(agent.key.column)
    });
    let step = below.filter(|step| *step > 0).unwrap_or(2);
    // From the line below `agents:` to the next key of the file.
    let begin = agents.line;
    let next = outline
        .keys
        .iter()
        .map(|key| key.line)
        .filter(|line| *line > begin)
        .min();
    let end = next.map_or(lines.len(), |line| line - 1);
    let is_its_own = |line: &&str| {
        let indent = line.len() - line.trim_start().len();
        let words = line.trim();
        !words.is_empty()
            && !(indent < at && (words.starts_with('#') || words == "..." || words == "---"))
    };
    let own = lines.get(begin..end)?.iter().rposition(is_its_own);
    let place = begin + own.map_or(0, |last| last + 1);
    Some(inserted(text, place, &entry.lines(at, step)))
}

/// The text with these lines before that one, ended as its others are.
fn inserted(text: &str, place: usize, block: &[String]) -> String {
    let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let mut whole: String = text.split_inclusive('\n').take(place).collect();
    if !whole.is_empty() && !whole.ends_with('\n') {
        whole.push_str(end);
    }
    for line in block {
        whole.push_str(line);
        whole.push_str(end);
    }
    whole.extend(text.split_inclusive('\n').skip(place));
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::add::param::params;
    use proptest::prelude::*;

    fn with(text: &str) -> Result<Option<String>, Refusal> {
        let name = Name::checked("meter").unwrap();
        let required = Vec::new();
        with_agent(
            text,
            &Entry {
                name: &name,
                required,
            },
        )
    }

    const ENTRY: &str = "  meter:\n    agent: Meter\n";

    #[test]
    fn comments_and_order_stay() {
        let text = "# Mine.\nagents: # all\n  bob: # first\n    agent: Bob\n    # clones: 2\n\n# Of all.\ndefaults:\n  domain: localhost\n";
        let expected = text.replace("clones: 2\n", &format!("clones: 2\n{ENTRY}"));
        assert_eq!(with(text), Ok(Some(expected)));

        let text = "defaults:\n  clones: 2\nagents:\n  bob:\n\n# The end.\n";
        let expected = text.replace("  bob:\n", &format!("  bob:\n{ENTRY}"));
        assert_eq!(with(text), Ok(Some(expected)));
    }

    #[test]
    fn it_is_indented_as_the_others_are() {
        let text = "agents:\n    bob:\n       agent: Bob";
        let expected = format!("{text}\n    meter:\n       agent: Meter\n");
        assert_eq!(with(text), Ok(Some(expected)));
        let text = "agents:\r\n bob:\r\n  agent: Bob\r\n";
        let expected = format!("{text} meter:\r\n  agent: Meter\r\n");
        assert_eq!(with(text), Ok(Some(expected)));
    }

    #[test]
    fn a_file_without_agents() {
        for (text, expected) in [
            ("", format!("agents:\n{ENTRY}")),
            ("# Mine.\n", format!("# Mine.\n\nagents:\n{ENTRY}")),
            ("agents:\n", format!("agents:\n{ENTRY}")),
            (
                "agents: # none\n\ndefaults:\n",
                format!("agents: # none\n{ENTRY}\ndefaults:\n"),
            ),
            (
                "defaults: {}\n",
                format!("defaults: {{}}\n\nagents:\n{ENTRY}"),
            ),
        ] {
            assert_eq!(with(text), Ok(Some(expected)), "{text}");
        }
    }

    #[test]
    fn parameters_that_need_a_value_have_one() {
        let name = Name::checked("SmartMeter").unwrap();
        let params = params([
            "room",
            "every:Duration",
            "on:bool",
            "limit:f64",
            "to:Jid",
            "n:u8",
        ])
        .unwrap();
        let required = params.iter().collect();
        let text = with_agent(
            "",
            &Entry {
                name: &name,
                required,
            },
        )
        .unwrap()
        .unwrap();
        assert_eq!(
            text,
            "agents:\n  smart_meter:\n    agent: SmartMeter\n    params:\n      room: some room\n      \
             every: 1s\n      on: false\n      limit: 1.5\n      to: nobody@localhost\n      n: 1\n"
        );
    }

    #[test]
    fn what_is_there_stays() {
        for text in [
            "agents: {meter: }",
            "agents:\n  x: {agent: METER}\n",
            "agents:\n  Meter:\n",
            "agents:\n  x: {file: src/meter.rs}\n",
            "agents:\n  meter: {agent: Bob}\n  x: {agent: Meter}\n",
            "defaults: {agent: Meter}\nagents:\n  x:\n",
            "agents:\n  x:\ndefaults: {file: meter.rs}\n",
        ] {
            assert_eq!(with(text), Ok(None), "{text}");
        }
    }

    #[test]
    fn another_type_of_all_is_not_this_one() {
        let text = "defaults:\n  agent: Bob\nagents:\n  x:\n";
        assert_eq!(with(text), Ok(Some(format!("{text}{ENTRY}"))));
        let text = "defaults:\n  agent: Meter\nagents:\n  x: {agent: Bob}\n";
        assert_eq!(with(text), Ok(Some(format!("{text}{ENTRY}"))));
    }

    #[test]
    fn what_cannot_be_edited_is_refused() {
        for text in [
            "agents:\n  meter:\n    agent: Bob\n",
            "agents:\n  meter:\n    file: bob.rs\n    agent: Bob\n",
            "defaults: {agent: Bob}\nagents:\n  meter:\n",
        ] {
            let refusal = Refusal::Taken("Bob".to_owned());
            assert_eq!(with(text), Err(refusal), "{text}");
        }
        for text in [
            "agents: {bob: }\n",
            "agents: {}\n",
            "{agents: {bob: }}\n",
            "agents: 5\n",
            "[a]\n",
            "agents: [a]\n",
        ] {
            assert_eq!(with(text), Err(Refusal::ByHand), "{text}");
        }
        assert!(
            matches!(with("agents:\n\tbob:\n"), Err(Refusal::Broken(why)) if why.starts_with("line 2:"))
        );
    }

    #[test]
    fn a_document_with_its_marks() {
        let text = "---\nagents:\n  bob:\n...\n";
        let expected = text.replace("...", &format!("{ENTRY}..."));
        assert_eq!(with(text), Ok(Some(expected)));
    }

    proptest! {
        #[test]
        fn whatever_is_edited_says_the_same_and_one_agent_more(
            text in "(agents|defaults|bob|#|:|-|\\||\\{|\\}|\"| |  |\n){0,24}"
        ) {
            if let Ok(Some(edited)) = with(&text) {
                prop_assert_eq!(with(&edited), Ok(None), "{}", edited);
                let kept = edited.lines().filter(|line| !line.contains("eter")).count();
                prop_assert!(kept >= text.lines().count());
            }
        }
    }
}
