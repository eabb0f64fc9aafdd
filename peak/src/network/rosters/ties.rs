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
        self.alter(&own, |account| {
            account.approving.retain(|approving| approving != session);
            account.approving.extend(yes.then(|| session.clone()));
        });
        let mut notes = Vec::new();
        if yes {
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
        self.alter(own, |account| {
            let tie = account.contacts.entry(other.clone()).or_default();
            edit(tie);
            if *tie == Tie::default() {
                account.contacts.remove(other);
            }
        });
    }

    /// Alters an account; one without anything in it is not kept.
    fn alter(&mut self, own: &Jid, alter: impl FnOnce(&mut Account)) {
        let account = self.accounts.entry(own.clone()).or_default();
        alter(account);
        if account.approving.is_empty() && account.contacts.is_empty() {
            self.accounts.remove(own);
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

#[cfg(test)]
mod tests {
    use super::*;
    use Stage::{Asked, Granted, Nothing};

    /// The states of RFC 6121, appendix A.1, seen from one side: its `to`, and its `from`.
    const STATES: [(&str, Stage, Stage); 9] = [
        ("None", Nothing, Nothing),
        ("None + Pending Out", Asked, Nothing),
        ("None + Pending In", Nothing, Asked),
        ("None + Pending Out/In", Asked, Asked),
        ("To", Granted, Nothing),
        ("To + Pending In", Granted, Asked),
        ("From", Nothing, Granted),
        ("From + Pending Out", Asked, Granted),
        ("Both", Granted, Granted),
    ];

    fn own() -> Jid {
        "own@localhost".parse().unwrap()
    }

    fn other() -> Jid {
        "other@localhost".parse().unwrap()
    }

    /// Both accounts, the first of them in this state.
    fn in_state(name: &str) -> Ties {
        let (_, to, from) = *STATES.iter().find(|(known, ..)| *known == name).unwrap();
        let mut ties = Ties::default();
        ties.set(&own(), &other(), to);
        ties.set(&other(), &own(), from);
        ties
    }

    fn state(ties: &Ties, own: &Jid, other: &Jid) -> &'static str {
        let tie = ties.tie(own, other);
        let state = STATES
            .iter()
            .find(|(_, to, from)| (*to, *from) == (tie.to, tie.from));
        state.unwrap().0
    }

    /// A note without the addresses: `>` is for the other one, `<` for oneself.
    fn words(note: &Note) -> String {
        let (to, word) = match note {
            Note::Tell { to, change, .. } => (to, format!("{change:?}")),
            Note::Show { to, .. } => (to, "show".to_owned()),
            Note::Hide { to, .. } => (to, "hide".to_owned()),
        };
        let arrow = if *to == other() { ">" } else { "<" };
        format!("{arrow}{word}")
    }

    /// Does the act in every state, and compares with the row of that state: the state after it, and
    /// what is told. A state that has no row stays as it is and tells nothing.
    fn check(act: ContactAct, rows: &[(&str, &str, &str)]) {
        for (before, ..) in STATES {
            let row = rows.iter().find(|(from, ..)| *from == before);
            let (after, told) = row.map_or((before, ""), |(_, after, told)| (*after, *told));
            let mut ties = in_state(before);
            let notes = match ties.act(&own(), &other(), act) {
                Ok(notes) => notes.iter().map(words).collect::<Vec<_>>().join(" "),
                Err(NotAsked) => "not asked".to_owned(),
            };
            assert_eq!(notes, told, "{act:?} in {before}");
            assert_eq!(state(&ties, &own(), &other()), after, "{act:?} in {before}");
            // The other one's state is the mirror image.
            let (mine, theirs) = (ties.tie(&own(), &other()), ties.tie(&other(), &own()));
            assert_eq!((mine.to, mine.from), (theirs.from, theirs.to));
        }
    }

    #[test]
    fn asking() {
        check(
            ContactAct::Subscribe,
            &[
                ("None", "None + Pending Out", ">Subscribe"),
                ("None + Pending In", "None + Pending Out/In", ">Subscribe"),
                ("From", "From + Pending Out", ">Subscribe"),
            ],
        );
    }

    #[test]
    fn taking_it_back() {
        check(
            ContactAct::Unsubscribe,
            &[
                ("None + Pending Out", "None", ">Unsubscribe"),
                ("None + Pending Out/In", "None + Pending In", ">Unsubscribe"),
                ("To", "None", ">Unsubscribe <hide"),
                ("To + Pending In", "None + Pending In", ">Unsubscribe <hide"),
                ("From + Pending Out", "From", ">Unsubscribe"),
                ("Both", "From", ">Unsubscribe <hide"),
            ],
        );
    }

    #[test]
    fn approving() {
        check(
            ContactAct::Approve,
            &[
                ("None", "None", "not asked"),
                ("None + Pending Out", "None + Pending Out", "not asked"),
                ("To", "To", "not asked"),
                ("None + Pending In", "From", ">Subscribed >show"),
                (
                    "None + Pending Out/In",
                    "From + Pending Out",
                    ">Subscribed >show",
                ),
                ("To + Pending In", "Both", ">Subscribed >show"),
            ],
        );
    }

    #[test]
    fn denying() {
        check(
            ContactAct::Deny,
            &[
                ("None + Pending In", "None", ">Unsubscribed"),
                (
                    "None + Pending Out/In",
                    "None + Pending Out",
                    ">Unsubscribed",
                ),
                ("To + Pending In", "To", ">Unsubscribed"),
                ("From", "None", ">hide >Unsubscribed"),
                (
                    "From + Pending Out",
                    "None + Pending Out",
                    ">hide >Unsubscribed",
                ),
                ("Both", "To", ">hide >Unsubscribed"),
            ],
        );
    }

    #[test]
    fn removing() {
        check(
            ContactAct::Remove,
            &[
                ("None + Pending Out", "None", ">Unsubscribe"),
                ("None + Pending In", "None", ">Unsubscribed"),
                (
                    "None + Pending Out/In",
                    "None",
                    ">Unsubscribe >Unsubscribed",
                ),
                ("To", "None", ">Unsubscribe <hide"),
                (
                    "To + Pending In",
                    "None",
                    ">Unsubscribe <hide >Unsubscribed",
                ),
                ("From", "None", ">hide >Unsubscribed"),
                (
                    "From + Pending Out",
                    "None",
                    ">Unsubscribe >hide >Unsubscribed",
                ),
                ("Both", "None", ">Unsubscribe <hide >hide >Unsubscribed"),
            ],
        );
    }

    #[test]
    fn who_approves_everyone_asks_in_turn_and_once() {
        let session = other().at_home();
        let mut ties = in_state("None");
        ties.approve_all(&session, true);
        let notes = ties.act(&own(), &other(), ContactAct::Subscribe).unwrap();
        let told: Vec<String> = notes.iter().map(words).collect();
        assert_eq!(told, [">Subscribe", "<Subscribed", "<show", "<Subscribe"]);
        assert_eq!(state(&ties, &own(), &other()), "To + Pending In");

        // Both do: it ends by itself.
        let mut ties = in_state("None");
        ties.approve_all(&session, true);
        ties.approve_all(&own().at_home(), true);
        let notes = ties.act(&own(), &other(), ContactAct::Subscribe).unwrap();
        assert_eq!(state(&ties, &own(), &other()), "Both");
        assert_eq!(notes.len(), 6, "{notes:?}");

        // Those that wait are approved too, and no longer than it is wanted.
        let mut ties = in_state("None + Pending Out");
        assert_eq!(ties.approve_all(&session, true).len(), 3);
        assert_eq!(state(&ties, &own(), &other()), "To + Pending In");
        ties.approve_all(&session, false);
        ties.approve_all(&"gone@localhost/main".parse().unwrap(), false);
        assert_eq!(ties.accounts.len(), 2, "who has nothing is not kept");
        let third: Jid = "third@localhost".parse().unwrap();
        let notes = ties.act(&third, &other(), ContactAct::Subscribe).unwrap();
        assert_eq!(notes.len(), 1, "{notes:?}");
    }

    #[test]
    fn the_list_holds_whom_one_has_dealt_with() {
        let listed = |ties: &Ties| {
            let of = |one, another| ties.tie(one, another).is_listed;
            (of(&own(), &other()), of(&other(), &own()))
        };
        let mut ties = Ties::default();
        let mut act = |one: &Jid, another: &Jid, act| {
            ties.act(one, another, act).unwrap();
            listed(&ties)
        };
        let (one, another) = (own(), other());
        assert_eq!(act(&one, &another, ContactAct::Subscribe), (true, false));
        assert_eq!(act(&another, &one, ContactAct::Approve), (true, true));
        assert_eq!(act(&another, &one, ContactAct::Deny), (true, true));
        assert_eq!(act(&one, &another, ContactAct::Remove), (false, true));
        assert_eq!(act(&another, &one, ContactAct::Remove), (false, false));
        assert!(ties.accounts.is_empty());
    }
}
