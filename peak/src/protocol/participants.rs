//! Who is asked, and who has not answered yet.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::{Hash, Hasher};

use crate::message::{IntoJid, Jid, JidError};

/// Agents that are asked, each once, and which of them have answered.
#[derive(Debug, Default)]
pub(super) struct Participants {
    /// As they were named.
    named: Vec<Jid>,
    places: HashMap<Account, usize, foldhash::fast::FixedState>,
    answered: Vec<bool>,
    open: usize,
}

/// An address of which only the account counts: whoever is asked by a bare address answers from a full one.
#[derive(Debug)]
struct Account(Jid);

impl Hash for Account {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0.account_hash());
    }
}

impl PartialEq for Account {
    fn eq(&self, other: &Self) -> bool {
        self.0.same_account(&other.0)
    }
}

impl Eq for Account {}

/// What an answer is to what was asked.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// The first of somebody who was asked.
    First,
    /// Another one of theirs.
    Again,
    /// Nobody has asked them.
    Stranger,
}

impl Participants {
    /// These agents; whoever is named twice is asked once.
    pub(super) fn of(jids: impl IntoIterator<Item: IntoJid>) -> Result<Self, JidError> {
        let mut participants = Self::default();
        for jid in jids {
            participants.add(jid.into_jid()?);
        }
        Ok(participants)
    }

    fn add(&mut self, jid: Jid) {
        let place = self.named.len();
        match self.places.entry(Account(jid.clone())) {
            Entry::Occupied(_) => return,
            Entry::Vacant(vacant) => vacant.insert(place),
        };
        self.named.push(jid);
        self.answered.push(false);
        self.open += 1;
    }

    pub(super) fn all(&self) -> &[Jid] {
        &self.named
    }

    /// Whether all have answered.
    pub(super) fn is_complete(&self) -> bool {
        self.open == 0
    }

    /// The place of an agent among those that are asked.
    pub(super) fn place(&self, jid: &Jid) -> Option<usize> {
        self.places.get(&Account(jid.clone())).copied()
    }

    /// Whether this agent was asked and has not answered.
    pub(super) fn is_awaited(&self, jid: &Jid) -> bool {
        self.place(jid).is_some_and(|place| !self.answered[place])
    }

    /// Notes an answer.
    pub(super) fn answer(&mut self, sender: &Jid) -> Standing {
        let Some(place) = self.place(sender) else {
            return Standing::Stranger;
        };
        if std::mem::replace(&mut self.answered[place], true) {
            return Standing::Again;
        }
        self.open -= 1;
        Standing::First
    }

    /// Those who have not answered.
    pub(super) fn silent(&self) -> Vec<Jid> {
        let all = self.named.iter().zip(&self.answered);
        all.filter(|(_, answered)| !**answered)
            .map(|(jid, _)| jid.clone())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_asked_once_and_answers_once() {
        let jid = |text: &str| text.parse::<Jid>().unwrap();
        let mut all = Participants::of(["a@x", "b@x", "a@x"]).unwrap();
        assert_eq!(all.all(), [jid("a@x"), jid("b@x")]);
        assert_eq!(all.answer(&jid("a@x/main")), Standing::First);
        assert_eq!(all.answer(&jid("a@x/phone")), Standing::Again);
        assert_eq!(all.answer(&jid("c@x/main")), Standing::Stranger);
        assert!(!all.is_complete());
        assert!(all.is_awaited(&jid("b@x/main")));
        assert!(!all.is_awaited(&jid("a@x")) && !all.is_awaited(&jid("c@x")));
        assert_eq!(all.silent(), [jid("b@x")]);
        assert_eq!(all.answer(&jid("b@x/main")), Standing::First);
        assert!(all.is_complete());
        assert!(Participants::of(["a@"]).is_err());
    }
}
