//! Who is told of whose presence, and who has asked: the states of RFC 6121, appendix A, kept for
//! both ends at once.

use std::collections::{BTreeMap, HashMap};

use foldhash::fast::FixedState;

use super::super::contacts::{ContactAct, ContactState};
use crate::message::{Jid, PresenceChange};

/// What there is between the accounts of this process. Every address in here is bare.
#[derive(Debug, Default)]
pub(super) struct Ties {
    accounts: HashMap<Jid, Account, FixedState>,
}

/// One account's side of it.
#[derive(Debug, Default)]
struct Account {
    /// The sessions that approve every request.
    approving: Vec<Jid>,
    /// Sorted, so that a run with a seed repeats itself.
    contacts: BTreeMap<Jid, Tie>,
}

/// What there is between an account and one of its contacts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tie {
    /// The account is told of the contact's presence.
    pub(super) to: Stage,
    /// The contact is told of the account's.
    pub(super) from: Stage,
    /// Whether the contact is in the account's list. One that has only asked is not.
    pub(super) is_listed: bool,
}

/// How far somebody has come in being told of another's presence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Stage {
    #[default]
    Nothing,
    Asked,
    Granted,
}

impl Tie {
    pub(super) fn state(self) -> ContactState {
        ContactState::new(self.to == Stage::Granted, self.from == Stage::Granted)
    }
}

/// Something that sessions are to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Note {
    /// What `about` has done.
    Tell {
        to: Jid,
        about: Jid,
        change: PresenceChange,
    },
    /// That the sessions of `whose` are there.
    Show { to: Jid, whose: Jid },
    /// That they are not there any more, as far as `to` is concerned.
    Hide { to: Jid, whose: Jid },
}

/// A request was to be approved that does not exist.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NotAsked;

impl Ties {
    /// Does what an account wants done about a contact; gives what is to be told, in order.
    pub(super) fn act(
        &mut self,
        own: &Jid,
        other: &Jid,
        act: ContactAct,
    ) -> Result<Vec<Note>, NotAsked> {
        let mut notes = Vec::new();
        match act {
            ContactAct::Subscribe => self.ask(own, other, &mut notes),
            ContactAct::Unsubscribe => self.forgo(own, other, &mut notes),
            ContactAct::Approve => match self.tie(own, other).from {
                Stage::Nothing => return Err(NotAsked),
                Stage::Asked => self.grant(other, own, &mut notes),
                Stage::Granted => {}
            },
            ContactAct::Deny => self.refuse(other, own, &mut notes),
            ContactAct::Remove => {
                self.forgo(own, other, &mut notes);
                self.refuse(other, own, &mut notes);
                self.edit(own, other, |tie| tie.is_listed = false);
            }
        }
        Ok(notes)
    }

    /// Has a session approve every request from now on, or not any more.
    pub(super) fn approve_all(&mut self, session: &Jid, yes: bool) -> Vec<Note> {
        let own = session.bare();
        let account = self.accounts.entry(own.clone()).or_default();
        account.approving.retain(|approving| approving != session);
        let mut notes = Vec::new();
        if yes {
            account.approving.push(session.clone());
            let asked: Vec<Jid> = self
                .of(&own)
                .filter(|(_, tie)| tie.from == Stage::Asked)
                .map(|(other, _)| other.clone())
                .collect();
            for other in asked {
                self.welcome(&other, &own, &mut notes);
            }
        }
        notes
    }

    /// What there is between an account and all others, by their addresses.
    pub(super) fn of(&self, own: &Jid) -> impl Iterator<Item = (&Jid, Tie)> {
        let account = self.accounts.get(own).into_iter();
        account.flat_map(|account| account.contacts.iter().map(|(other, tie)| (other, *tie)))
    }

    pub(super) fn tie(&self, own: &Jid, other: &Jid) -> Tie {
        let tie = self
            .accounts
            .get(own)
            .and_then(|account| account.contacts.get(other));
        tie.copied().unwrap_or_default()
    }

    /// `watcher` asks to be told of `watched`.
    fn ask(&mut self, watcher: &Jid, watched: &Jid, notes: &mut Vec<Note>) {
        self.edit(watcher, watched, |tie| tie.is_listed = true);
        if self.tie(watcher, watched).to != Stage::Nothing {
            return;
        }
        self.set(watcher, watched, Stage::Asked);
        notes.push(tell(watched, watcher, PresenceChange::Subscribe));
        let account = self.accounts.get(watched);
        if account.is_some_and(|account| !account.approving.is_empty()) {
            self.welcome(watcher, watched, notes);
        }
    }

    /// `watched`, who approves everyone, grants the request of `watcher`, and asks in turn.
    fn welcome(&mut self, watcher: &Jid, watched: &Jid, notes: &mut Vec<Note>) {
        self.grant(watcher, watched, notes);
        // If that one approves everyone as well it ends here: there is nothing left to ask for.
        self.ask(watched, watcher, notes);
    }

    /// `watched` lets `watcher` be told.
    fn grant(&mut self, watcher: &Jid, watched: &Jid, notes: &mut Vec<Note>) {
        self.set(watcher, watched, Stage::Granted);
        self.edit(watched, watcher, |tie| tie.is_listed = true);
        notes.push(tell(watcher, watched, PresenceChange::Subscribed));
        notes.push(Note::Show {
            to: watcher.clone(),
            whose: watched.clone(),
        });
    }

    /// `watcher` does not want to be told any more.
    fn forgo(&mut self, watcher: &Jid, watched: &Jid, notes: &mut Vec<Note>) {
        let had = self.tie(watcher, watched).to;
        if had == Stage::Nothing {
            return;
        }
        self.set(watcher, watched, Stage::Nothing);
        notes.push(tell(watched, watcher, PresenceChange::Unsubscribe));
        notes.extend(hide(had, watcher, watched));
    }

    /// `watched` does not let `watcher` be told, or not any more.
    fn refuse(&mut self, watcher: &Jid, watched: &Jid, notes: &mut Vec<Note>) {
        let had = self.tie(watcher, watched).to;
        if had == Stage::Nothing {
            return;
        }
        self.set(watcher, watched, Stage::Nothing);
        // First the sessions, while they may still be heard of (section 3.2.2).
        notes.extend(hide(had, watcher, watched));
        notes.push(tell(watcher, watched, PresenceChange::Unsubscribed));
    }

    /// Writes a stage down with both.
    fn set(&mut self, watcher: &Jid, watched: &Jid, stage: Stage) {
        self.edit(watcher, watched, |tie| tie.to = stage);
        self.edit(watched, watcher, |tie| tie.from = stage);
    }

    fn edit(&mut self, own: &Jid, other: &Jid, edit: impl FnOnce(&mut Tie)) {
        let account = self.accounts.entry(own.clone()).or_default();
        let tie = account.contacts.entry(other.clone()).or_default();
        edit(tie);
        if *tie == Tie::default() {
            account.contacts.remove(other);
        }
    }
}

fn tell(to: &Jid, about: &Jid, change: PresenceChange) -> Note {
    Note::Tell {
        to: to.clone(),
        about: about.clone(),
        change,
    }
}

/// What is out of sight for a watcher who had come this far.
fn hide(had: Stage, watcher: &Jid, watched: &Jid) -> Option<Note> {
    (had == Stage::Granted).then(|| Note::Hide {
        to: watcher.clone(),
        whose: watched.clone(),
    })
}
