//! Contacts on the embedded network: who is told of whose presence, for as long as the platform
//! lives.
//!
//! As long as nobody uses it, agents that come and go look at one flag.

#[cfg(test)]
mod tests;
mod ties;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use self::ties::{NotAsked, Note, Stage, Tie, Ties};
use super::contacts::{Contact, ContactAct, ContactError};
use super::inbox::Inbox;
use super::router::Router;
use crate::message::{Jid, News, Presence, PresenceChange};

/// The contacts of all accounts, and what becomes of them.
#[derive(Debug, Default)]
pub(super) struct Rosters {
    /// Whether anybody has ever done anything about a contact.
    is_used: AtomicBool,
    ties: Mutex<Ties>,
}

impl Rosters {
    fn lock(&self) -> MutexGuard<'_, Ties> {
        self.ties.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lock_for_use(&self) -> MutexGuard<'_, Ties> {
        // Before the router is looked at: whoever enters it later finds the flag set.
        self.is_used.store(true, Ordering::SeqCst);
        self.lock()
    }

    /// Enters a session into the router; false if another one has its address.
    pub(super) fn enter(&self, router: &Router, inbox: Arc<Inbox>) -> bool {
        let jid = inbox.jid().clone();
        let change = || router.enter(inbox);
        self.around(change, |ties, entered| {
            if *entered {
                arrived(ties, router, &jid);
            }
        })
    }

    /// Strikes a session out of the router and gives its inbox.
    pub(super) fn leave(&self, router: &Router, jid: &Jid) -> Option<Arc<Inbox>> {
        let change = || router.leave(jid);
        self.around(change, |ties, inbox| {
            if inbox.is_some() {
                departed(ties, router, jid);
            }
        })
    }

    /// Alters how a session shows itself.
    pub(super) fn set_presence(&self, router: &Router, jid: &Jid, presence: &Presence) {
        let change = || router.set_presence(jid, presence.clone());
        self.around(change, |ties, is_there| {
            if *is_there {
                let available = PresenceChange::Available(presence.clone());
                tell_watchers(ties, router, jid, &news(available));
            }
        });
    }

    /// Alters the sessions, and then tells those who want to know; all of it under the lock, so that
    /// news keeps its order.
    fn around<R>(&self, change: impl FnOnce() -> R, tell: impl FnOnce(&mut Ties, &R)) -> R {
        let held = self.if_used();
        let result = change();
        // Once more: somebody may have begun to use it meanwhile, and not have seen the change.
        if let Some(mut ties) = held.or_else(|| self.if_used()) {
            tell(&mut ties, &result);
        }
        result
    }

    fn if_used(&self) -> Option<MutexGuard<'_, Ties>> {
        self.is_used.load(Ordering::SeqCst).then(|| self.lock())
    }

    /// Does what an agent wants done about a contact.
    pub(super) fn act(
        &self,
        router: &Router,
        own: &Jid,
        other: &Jid,
        act: ContactAct,
    ) -> Result<(), ContactError> {
        let (own, other) = (own.bare(), other.bare());
        if own == other {
            return Err(ContactError::Own(other));
        }
        let mut ties = self.lock_for_use();
        match ties.act(&own, &other, act) {
            Ok(notes) => deliver(router, notes),
            Err(NotAsked) => return Err(ContactError::NotAsked(other)),
        }
        Ok(())
    }

    /// Has a session approve every request, those that wait included, or not any more.
    pub(super) fn approve_all(&self, router: &Router, session: &Jid, yes: bool) {
        let mut ties = self.lock_for_use();
        // Not for one that has gone: it would approve for ever.
        if !yes || router.presence(session).is_some() {
            deliver(router, ties.approve_all(session, yes));
        }
    }

    /// The contacts of an account, by their addresses.
    pub(super) fn contacts(&self, router: &Router, own: &Jid) -> Vec<Contact> {
        let ties = self.lock();
        ties.of(&own.bare())
            .filter_map(|(other, tie)| contact(router, other, tie))
            .collect()
    }

    /// One of the contacts of an account.
    pub(super) fn contact(&self, router: &Router, own: &Jid, other: &Jid) -> Option<Contact> {
        let other = other.bare();
        let tie = self.lock().tie(&own.bare(), &other);
        contact(router, &other, tie)
    }
}

/// A session has come: it learns who is there and who has asked, and others that it is there.
fn arrived(ties: &Ties, router: &Router, session: &Jid) {
    for (other, tie) in ties.of(&session.bare()) {
        if tie.from == Stage::Asked {
            router.tell(session, other, &news(PresenceChange::Subscribe));
        }
        if tie.from == Stage::Granted {
            let available = PresenceChange::Available(Presence::available());
            router.tell(other, session, &news(available));
        }
        if tie.to == Stage::Granted {
            show(router, session, other);
        }
    }
}

/// A session has gone.
fn departed(ties: &mut Ties, router: &Router, session: &Jid) {
    ties.approve_all(session, false);
    tell_watchers(ties, router, session, &gone());
}

fn tell_watchers(ties: &Ties, router: &Router, session: &Jid, news: &News) {
    for (other, tie) in ties.of(&session.bare()) {
        if tie.from == Stage::Granted {
            router.tell(other, session, news);
        }
    }
}

fn deliver(router: &Router, notes: Vec<Note>) {
    for note in notes {
        match note {
            Note::Tell { to, about, change } => router.tell(&to, &about, &news(change)),
            Note::Show { to, whose } => show(router, &to, &whose),
            Note::Hide { to, whose } => {
                for (session, _) in router.sessions(&whose) {
                    router.tell(&to, &session, &gone());
                }
            }
        }
    }
}

/// Tells `to` which sessions `whose` has.
fn show(router: &Router, to: &Jid, whose: &Jid) {
    for (session, presence) in router.sessions(whose) {
        router.tell(to, &session, &news(PresenceChange::Available(presence)));
    }
}

fn news(change: PresenceChange) -> News {
    News::Presence(change)
}

fn gone() -> News {
    news(PresenceChange::Unavailable { status: None })
}

fn contact(router: &Router, jid: &Jid, tie: Tie) -> Option<Contact> {
    if !tie.is_listed {
        return None;
    }
    let sessions = match tie.to {
        Stage::Granted => router.sessions(jid),
        Stage::Nothing | Stage::Asked => Vec::new(),
    };
    Some(Contact {
        jid: jid.clone(),
        name: None,
        groups: Vec::new(),
        subscription: tie.state(),
        ask: tie.to == Stage::Asked,
        sessions: sessions
            .into_iter()
            .map(|(session, presence)| (resource(&session), presence))
            .collect(),
    })
}

fn resource(session: &Jid) -> String {
    session.resource().unwrap_or_default().to_owned()
}
