//! The conversations of a role that go on, and where each of them stands.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use smol_str::{SmolStr, format_smolstr};

use crate::message::{Field, Jid, Message};

/// More than this are not begun: who opens that many means no good, or is broken.
const MANY: usize = 100_000;

/// Conversations, by their names.
pub(super) struct Conversations<S> {
    open: Mutex<Open<S>>,
}

struct Open<S> {
    by_name: HashMap<SmolStr, Conversation<S>, foldhash::fast::FixedState>,
    next: u64,
}

struct Conversation<S> {
    /// Who opened it; what others say in its name is not of it.
    with: Jid,
    /// Tells it from an earlier one of that name.
    number: u64,
    state: S,
}

/// Which conversation it is, for whoever is not in it.
#[derive(Debug, Clone)]
pub(super) struct Ticket {
    name: SmolStr,
    number: u64,
}

impl<S> Conversations<S> {
    fn lock(&self) -> MutexGuard<'_, Open<S>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the message belongs to one of them.
    pub(super) fn has(&self, message: &Message) -> bool {
        let open = self.lock();
        if open.by_name.is_empty() {
            return false;
        }
        let Some(name) = name(message) else {
            return false;
        };
        let known = open.by_name.get(&name);
        known.is_some_and(|conversation| conversation.is_with(message))
    }

    /// Takes where the conversation of this message stands, which is over if it is not
    /// [begun](Self::begin) again.
    pub(super) fn take(&self, message: &Message) -> Option<S> {
        let mut open = self.lock();
        let name = name(message)?;
        let known = open.by_name.get(&name);
        known.filter(|conversation| conversation.is_with(message))?;
        Some(open.by_name.remove(&name)?.state)
    }

    /// Begins a conversation with the sender of this message; gives the state back if there are too
    /// many, or if somebody else has one of that name.
    pub(super) fn begin(&self, message: &Message, state: S) -> Result<Ticket, S> {
        let mut open = self.lock();
        let (Some(name), Some(with)) = (name(message), message.sender()) else {
            return Err(state);
        };
        let known = open.by_name.get(&name);
        let is_taken = known.is_some_and(|conversation| !conversation.is_with(message));
        if is_taken || open.by_name.len() >= MANY {
            return Err(state);
        }
        open.next += 1;
        let number = open.next;
        let conversation = Conversation {
            with: with.clone(),
            number,
            state,
        };
        open.by_name.insert(name.clone(), conversation);
        Ok(Ticket { name, number })
    }

    /// Looks where the conversation of this message stands.
    pub(super) fn look<R>(
        &self,
        message: &Message,
        look: impl FnOnce(&S) -> R,
    ) -> Option<(Ticket, R)> {
        let open = self.lock();
        let name = name(message)?;
        let known = open.by_name.get(&name);
        let known = known.filter(|conversation| conversation.is_with(message))?;
        let number = known.number;
        Some((Ticket { name, number }, look(&known.state)))
    }

    /// Ends this conversation; where it stood, if it went on.
    pub(super) fn end(&self, ticket: &Ticket) -> Option<S> {
        let mut open = self.lock();
        let known = open.by_name.get(&ticket.name)?;
        if known.number != ticket.number {
            return None;
        }
        Some(open.by_name.remove(&ticket.name)?.state)
    }

    /// Looks at all of them, in the order in which they were begun.
    pub(super) fn look_at_all<R>(&self, look: impl Fn(&S) -> R) -> Vec<(Ticket, R)> {
        let open = self.lock();
        let seen = open.by_name.iter().map(|(name, conversation)| {
            let (name, number) = (name.clone(), conversation.number);
            (Ticket { name, number }, look(&conversation.state))
        });
        let mut seen: Vec<(Ticket, R)> = seen.collect();
        seen.sort_unstable_by_key(|(ticket, _)| ticket.number);
        seen
    }

    /// Changes where this conversation stands, if it goes on.
    pub(super) fn change<R>(&self, ticket: &Ticket, change: impl FnOnce(&mut S) -> R) -> Option<R> {
        let mut open = self.lock();
        let known = open.by_name.get_mut(&ticket.name)?;
        (known.number == ticket.number).then(|| change(&mut known.state))
    }

    /// Ends all of them; gives where they stood, in the order in which they were begun.
    pub(super) fn end_all(&self) -> Vec<S> {
        let all = std::mem::take(&mut self.lock().by_name);
        let mut all: Vec<Conversation<S>> = all.into_values().collect();
        all.sort_unstable_by_key(|conversation| conversation.number);
        all.into_iter().map(|one| one.state).collect()
    }

    /// Whether this conversation goes on.
    pub(super) fn goes_on(&self, ticket: &Ticket) -> bool {
        let open = self.lock();
        let known = open.by_name.get(&ticket.name);
        known.is_some_and(|conversation| conversation.number == ticket.number)
    }
}

impl<S> Conversation<S> {
    fn is_with(&self, message: &Message) -> bool {
        // What has come back was said by this agent itself, maybe to another one that was named for that.
        let sender = message.sender();
        message.news().is_some() || sender.is_some_and(|sender| self.with.same_account(sender))
    }
}

/// Whether a message says which conversation it belongs to.
pub(super) fn names_conversation(message: &Message) -> bool {
    let names = [Field::ConversationId, Field::Thread];
    names.into_iter().any(|name| message.field(name).is_some())
}

/// What a conversation is known by: its id or, of a foreign agent that gives none, the thread or the
/// agent's address.
fn name(message: &Message) -> Option<SmolStr> {
    let id = message.field(Field::ConversationId);
    let id = id.or_else(|| message.field(Field::Thread));
    match id {
        Some(id) => Some(id.clone()),
        // No id begins with a space, as far as anybody writes them.
        None => Some(format_smolstr!(" {}", message.sender()?.bare_str())),
    }
}

impl<S> Default for Conversations<S> {
    fn default() -> Self {
        Self {
            open: Mutex::new(Open {
                by_name: HashMap::default(),
                next: 0,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(sender: &str, id: &str) -> Message {
        let mut message = Message::cfp("b@x").with_conversation_id(id);
        message.set_sender(sender.parse().unwrap());
        message
    }

    #[test]
    fn a_conversation_is_between_two() {
        let all = Conversations::default();
        let ticket = all.begin(&from("a@x/main", "1"), "one").unwrap();
        assert!(all.has(&from("a@x/phone", "1")));
        assert!(!all.has(&from("c@x/main", "1")));
        assert_eq!(all.take(&from("c@x/main", "1")), None);
        // Nobody else takes the name of it.
        assert_eq!(all.begin(&from("c@x/main", "1"), "two").unwrap_err(), "two");
        assert_eq!(all.take(&from("a@x/main", "1")), Some("one"));
        assert!(!all.goes_on(&ticket));
    }

    #[test]
    fn an_old_ticket_ends_no_new_conversation() {
        let all = Conversations::default();
        let old = all.begin(&from("a@x/main", "1"), 1).unwrap();
        let new = all.begin(&from("a@x/main", "1"), 2).unwrap();
        assert_eq!(all.end(&old), None);
        assert_eq!(all.end(&new), Some(2));
        assert_eq!(all.end(&new), None);
    }

    #[test]
    fn whoever_names_no_conversation_has_one() {
        let all = Conversations::default();
        let mut nameless = Message::cfp("b@x");
        nameless.set_sender("a@x/main".parse().unwrap());
        all.begin(&nameless, ()).unwrap();
        assert!(all.has(&nameless));
        nameless.set_sender("c@x/main".parse().unwrap());
        assert!(!all.has(&nameless));
    }
}
