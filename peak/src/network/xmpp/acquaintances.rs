//! Whom an agent knows: contacts, others whose presence came by, and who has asked for something.

use std::collections::BTreeMap;

use crate::message::{Jid, Presence};
use crate::network::contacts::{Contact, ContactState};

/// Those that an agent knows.
#[derive(Debug, Default)]
pub(super) struct Acquaintances {
    /// How the agent shows itself to them.
    pub(super) presence: Presence,
    pub(super) approve_all: bool,
    /// By bare address.
    pub(super) contacts: BTreeMap<Jid, Contact>,
    /// Whose requests wait for an answer.
    pub(super) requests: Vec<Jid>,
}

/// Anybody can show presence to anybody: of more strangers than this nothing is kept.
const STRANGERS: usize = 10_000;

impl Acquaintances {
    /// Whether it is a stranger too many; `listed` of the known are none.
    pub(super) fn is_crowded_for(&self, jid: &Jid, listed: usize) -> bool {
        let known = self.contacts.len() + self.requests.len();
        known >= STRANGERS + listed && !self.contacts.contains_key(&jid.bare())
    }

    pub(super) fn contact(&mut self, jid: &Jid) -> &mut Contact {
        let bare = jid.bare();
        self.contacts
            .entry(bare.clone())
            .or_insert_with(|| Contact::unknown(bare))
    }

    /// Alters who of the two is told; gives how it was.
    pub(super) fn set(&mut self, jid: &Jid, to: Option<bool>, from: Option<bool>) -> ContactState {
        let contact = self.contact(jid);
        let was = contact.subscription;
        if to.is_some() {
            contact.ask = false;
        }
        contact.subscription =
            ContactState::new(to.unwrap_or(was.is_to()), from.unwrap_or(was.is_from()));
        was
    }

    /// How a session, or the most available one of an account, is.
    pub(super) fn presence_of(&self, jid: &Jid) -> Option<Presence> {
        self.contacts.get(&jid.bare())?.presence_of(jid)
    }

    /// Who is there will be told anew.
    pub(super) fn forget_sessions(&mut self) {
        for contact in self.contacts.values_mut() {
            contact.sessions.clear();
        }
    }

    /// Somebody asks for something.
    pub(super) fn add_request(&mut self, jid: Jid) {
        if !self.requests.contains(&jid) {
            self.requests.push(jid);
        }
    }

    /// Whether there was a request, which there is not any more.
    pub(super) fn take_request(&mut self, jid: &Jid) -> bool {
        let place = self.requests.iter().position(|known| known == jid);
        place.map(|place| self.requests.remove(place)).is_some()
    }

    /// From now on every request is approved, or none; gives those that waited for that.
    pub(super) fn approve_all(&mut self, yes: bool) -> Vec<Jid> {
        self.approve_all = yes;
        match yes {
            true => std::mem::take(&mut self.requests),
            false => Vec::new(),
        }
    }
}

impl Contact {
    pub(super) fn unknown(jid: Jid) -> Self {
        Self {
            jid,
            name: None,
            groups: Vec::new(),
            subscription: ContactState::None,
            ask: false,
            sessions: Vec::new(),
        }
    }

    /// Whether it is in the list, and not only somebody whose presence came by.
    pub(super) fn is_listed(&self) -> bool {
        self.subscription != ContactState::None
            || self.ask
            || self.name.is_some()
            || !self.groups.is_empty()
    }

    pub(super) fn arrived(&mut self, session: &Jid, presence: Presence) {
        let resource = session.resource().unwrap_or_default();
        match self
            .sessions
            .iter_mut()
            .find(|(known, _)| known == resource)
        {
            Some((_, known)) => *known = presence,
            None => self.sessions.push((resource.to_owned(), presence)),
        }
    }

    /// How one of its sessions is, or the most available one.
    pub(super) fn presence_of(&self, jid: &Jid) -> Option<Presence> {
        match jid.resource() {
            None => self.presence().cloned(),
            Some(resource) => {
                let mut sessions = self.sessions.iter();
                let (_, presence) = sessions.find(|(known, _)| known == resource)?;
                Some(presence.clone())
            }
        }
    }

    pub(super) fn left(&mut self, session: &Jid) {
        match session.resource() {
            Some(resource) => self.sessions.retain(|(known, _)| known != resource),
            None => self.sessions.clear(),
        }
    }
}
