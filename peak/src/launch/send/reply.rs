//! A reply as it is printed: for people, and for programs.

use serde::Serialize;

use crate::launch::terminal::escape;
use crate::message::Message;

/// The reply as a letter: who says it and with what, an empty line, and what is said. For a terminal
/// it is escaped; a file gets the very words.
pub(super) fn letter(reply: &Message, for_terminal: bool) -> String {
    let act = performative(reply).unwrap_or_else(|| "message".to_owned());
    let sender = reply.sender().map_or("nobody", |sender| sender.as_str());
    let mut text = String::new();
    line(&format!("{act} from {sender}"), &mut text);
    if let Some(thread) = reply.thread() {
        line(&format!("thread: {thread}"), &mut text);
    }
    for (name, value) in metadata(reply) {
        line(&format!("{name}: {value}"), &mut text);
    }
    if let Some(body) = reply.body() {
        text.push('\n');
        for words in body.split('\n') {
            match for_terminal {
                true => line(words, &mut text),
                false => {
                    text.push_str(words);
                    text.push('\n');
                }
            }
        }
    }
    text
}

/// Above the empty line, each line is one: a value must not pass for the next.
fn line(words: &str, text: &mut String) {
    escape(words, text);
    text.push('\n');
}

/// The reply as one object of JSON, and the end of the line.
pub(super) fn json(reply: &Message) -> serde_json::Result<String> {
    let answer = Answer {
        sender: reply.sender().map(|sender| sender.as_str()),
        performative: performative(reply),
        body: reply.body(),
        thread: reply.thread(),
        metadata: metadata(reply)
            .into_iter()
            .map(|(name, value)| (name, value.into()))
            .collect(),
    };
    Ok(serde_json::to_string(&answer)? + "\n")
}

#[derive(Serialize)]
struct Answer<'a> {
    sender: Option<&'a str>,
    /// Also one that FIPA does not have.
    performative: Option<String>,
    body: Option<&'a str>,
    thread: Option<&'a str>,
    /// As SPADE has it, with FIPA's other parameters.
    metadata: serde_json::Map<String, serde_json::Value>,
}

/// What it does, in FIPA's words or others.
fn performative(reply: &Message) -> Option<String> {
    let own = || reply.metadata("performative");
    let act = reply.performative().map(|act| act.as_str()).or_else(own);
    act.map(str::to_owned)
}

/// FIPA's parameters and the metadata, but for what has a place of its own.
fn metadata(reply: &Message) -> Vec<(String, String)> {
    let mut entries = Vec::new();
    reply.wire_fields(|name, value| {
        if !matches!(name, "performative" | "_thread_node") {
            entries.push((name.to_owned(), value.into_owned()));
        }
    });
    entries
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply() -> Message {
        let mut reply = Message::inform("a@x")
            .with_ontology("hvac")
            .with_thread("t")
            .with_metadata("colour", "red\nperformative: refuse")
            .text("warm\n\x1b[31m");
        reply.set_sender("b@x/main".parse().unwrap());
        reply
    }

    #[test]
    fn a_letter_cannot_steer_the_terminal() {
        assert_eq!(
            letter(&reply(), true),
            "inform from b@x/main\nthread: t\nontology: hvac\n\
             colour: red\n    performative: refuse\n\nwarm\n\\u{1b}[31m\n"
        );
    }

    #[test]
    fn a_file_gets_the_very_words() {
        let text = letter(&reply(), false);
        assert!(text.ends_with("\n\nwarm\n\x1b[31m\n"), "{text:?}");
        assert!(text.contains("\n    performative: refuse\n"), "{text:?}");
        let empty = Message::new("a@x");
        assert_eq!(letter(&empty, false), "message from nobody\n");
    }

    #[test]
    fn json_has_everything() {
        let json: serde_json::Value = serde_json::from_str(&json(&reply()).unwrap()).unwrap();
        assert_eq!(
            json,
            serde_json::json!({
                "sender": "b@x/main",
                "performative": "inform",
                "body": "warm\n\u{1b}[31m",
                "thread": "t",
                "metadata": {"ontology": "hvac", "colour": "red\nperformative: refuse"},
            })
        );
        let foreign = Message::new("a@x").with_metadata("performative", "BDI");
        let text = super::json(&foreign).unwrap();
        assert!(
            text.contains(r#""performative":"BDI","body":null"#),
            "{text}"
        );
    }
}
