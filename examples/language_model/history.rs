//! What was said in each conversation: the newest of it, and the newest conversations.

use std::collections::{HashMap, VecDeque};

use serde::Serialize;

/// Something that was said, as the endpoint wants it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Said {
    pub(crate) role: &'static str,
    pub(crate) content: String,
}

impl Said {
    pub(crate) fn new(role: &'static str, content: impl Into<String>) -> Self {
        let content = content.into();
        Self { role, content }
    }
}

/// A conversation: nobody goes on with one that somebody else has begun.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Topic {
    pub(crate) sender: String,
    pub(crate) id: String,
}

/// The conversations there are.
#[derive(Debug, Default)]
pub(crate) struct History {
    conversations: HashMap<Topic, Conversation>,
    /// Counts what is added: the conversation with the lowest number is the oldest.
    clock: u64,
}

#[derive(Debug, Default)]
struct Conversation {
    /// Questions and answers in turn.
    said: VecDeque<Said>,
    touched: u64,
}

impl History {
    /// What was said so far.
    pub(crate) fn of(&self, topic: &Topic) -> Vec<Said> {
        let conversation = self.conversations.get(topic);
        conversation.map_or_else(Vec::new, |it| it.said.iter().cloned().collect())
    }

    /// Remembers a question and its answer. Of one conversation the newest are kept that have no more
    /// than so many characters together, and of the conversations the newest, too.
    pub(crate) fn add(
        &mut self,
        topic: Topic,
        question: Said,
        answer: Said,
        characters: usize,
        conversations: usize,
    ) {
        self.clock += 1;
        let conversation = self.conversations.entry(topic).or_default();
        conversation.touched = self.clock;
        conversation.said.extend([question, answer]);
        let length = |said: &Said| said.content.chars().count();
        let mut total: usize = conversation.said.iter().map(length).sum();
        while total > characters {
            // An answer without its question is of no use.
            for dropped in conversation.said.drain(..2) {
                total -= length(&dropped);
            }
        }
        while self.conversations.len() > conversations {
            let oldest = self.conversations.iter().min_by_key(|(_, it)| it.touched);
            let Some(oldest) = oldest.map(|(topic, _)| topic.clone()) else {
                return;
            };
            self.conversations.remove(&oldest);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topic(id: &str) -> Topic {
        Topic {
            sender: "asker@localhost".to_owned(),
            id: id.to_owned(),
        }
    }

    fn add(history: &mut History, id: &str, question: &str, answer: &str) {
        let (question, answer) = (Said::new("user", question), Said::new("assistant", answer));
        history.add(topic(id), question, answer, 10, 2);
    }

    fn words(history: &History, id: &str) -> Vec<String> {
        let said = history.of(&topic(id)).into_iter();
        said.map(|said| said.content).collect()
    }

    #[test]
    fn the_newest_of_a_conversation_are_kept() {
        let mut history = History::default();
        add(&mut history, "a", "one", "two");
        add(&mut history, "a", "ü", "ä");
        assert_eq!(words(&history, "a"), ["one", "two", "ü", "ä"]);
        add(&mut history, "a", "x", "yz");
        assert_eq!(words(&history, "a"), ["ü", "ä", "x", "yz"]);
        add(&mut history, "a", "far too long", "");
        assert!(words(&history, "a").is_empty());
    }

    #[test]
    fn the_newest_conversations_are_kept() {
        let mut history = History::default();
        for id in ["a", "b", "a", "c"] {
            add(&mut history, id, "q", "a");
        }
        assert!(words(&history, "b").is_empty());
        assert_eq!(words(&history, "a").len(), 4);
        assert_eq!(words(&history, "c").len(), 2);
    }
}
