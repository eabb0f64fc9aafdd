//! The contacts of an account, as its server keeps them and this session knows them (RFC 6121).

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio_xmpp::minidom::Element;
use xso::exports::rxml::xml_ncname;

use super::acquaintances::Acquaintances;
use super::presence::{self, Route, TO_ALL};
use super::stanza::{iq, ns};
use crate::message::{Jid, News, Presence, PresenceChange};
use crate::network::contacts::{Contact, ContactAct, ContactError, ContactState};

/// The name of the request for the list of contacts.
pub(super) const ROSTER_REQUEST: &str = "roster";

/// What this session knows of its account's contacts.
#[derive(Debug)]
pub(super) struct Roster {
    own: Jid,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// Those in the list, and others whose presence came by.
    known: Acquaintances,
    /// Who is in the list.
    listed: BTreeSet<Jid>,
}

impl Roster {
    /// Of a session that begins by showing itself so.
    pub(super) fn new(own: Jid, presence: Presence) -> Self {
        let mut state = State::default();
        state.known.presence = presence;
        Self {
            own,
            state: Mutex::new(state),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a session that begins says: how it is, and then that it wants to know its contacts. The
    /// answer to that shows that the server knows of the session.
    pub(super) fn greeting(&self) -> [Element; 2] {
        let request = iq(ns::CLIENT, "get", ROSTER_REQUEST)
            .append(Element::bare("query", ns::ROSTER))
            .build();
        let mut state = self.lock();
        state.known.forget_sessions();
        [TO_ALL.available(&state.known.presence), request]
    }

    /// Alters how this session shows itself; gives the stanza that says so.
    pub(super) fn set_presence(&self, presence: Presence) -> Element {
        let stanza = TO_ALL.available(&presence);
        self.lock().known.presence = presence;
        stanza
    }

    /// How a session, or the most available one of an account, is.
    pub(super) fn presence_of(&self, jid: &Jid) -> Option<Presence> {
        let state = self.lock();
        if jid.covers(&self.own) {
            return Some(state.known.presence.clone());
        }
        state.known.presence_of(jid)
    }

    pub(super) fn contacts(&self) -> Vec<Contact> {
        let state = self.lock();
        let listed = state.listed.iter();
        listed
            .filter_map(|jid| state.known.contacts.get(jid).cloned())
            .collect()
    }

    /// The stanzas by which an act is done.
    pub(super) fn act(&self, to: &Jid, act: ContactAct) -> Result<Vec<Element>, ContactError> {
        let to = to.bare();
        if to == self.own.bare() {
            return Err(ContactError::Own(to));
        }
        let mut state = self.lock();
        let kind = match act {
            ContactAct::Subscribe => "subscribe",
            ContactAct::Unsubscribe => "unsubscribe",
            ContactAct::Approve => {
                if !state.known.take_request(&to) {
                    return Err(ContactError::NotAsked(to));
                }
                let contact = state.known.contacts.get(&to);
                if contact.is_some_and(|contact| contact.subscription.is_from()) {
                    // Another session of the account has done it.
                    return Ok(Vec::new());
                }
                "subscribed"
            }
            ContactAct::Deny => {
                state.known.take_request(&to);
                "unsubscribed"
            }
            ContactAct::Remove => {
                let item = Element::builder("item", ns::ROSTER)
                    .attr(xml_ncname!("jid").to_owned(), to.as_str())
                    .attr(xml_ncname!("subscription").to_owned(), "remove");
                let removal = iq(ns::CLIENT, "set", "remove")
                    .append(Element::builder("query", ns::ROSTER).append(item))
                    .build();
                return Ok(vec![removal]);
            }
        };
        Ok(vec![about(kind, &to)])
    }

    /// Approves every request from now on, and those that wait, or no more.
    pub(super) fn approve_all(&self, yes: bool) -> Vec<Element> {
        let mut state = self.lock();
        let waiting = state.known.approve_all(yes);
        waiting.iter().flat_map(|jid| state.approval(jid)).collect()
    }

    /// Takes over the list as the server has it.
    pub(super) fn load(&self, query: &Element) {
        let mut state = self.lock();
        let mut before = std::mem::take(&mut state.known.contacts);
        state.listed.clear();
        for item in query.children() {
            if let Some((jid, Some(mut contact))) = read_item(item) {
                if let Some(known) = before.remove(&jid) {
                    contact.sessions = known.sessions;
                }
                state.list(jid, contact);
            }
        }
        // Whose presence came before the list did.
        for (jid, contact) in before {
            if !contact.sessions.is_empty() {
                state.known.contacts.entry(jid).or_insert(contact);
            }
        }
    }

    /// Takes over a change of the list.
    pub(super) fn changed(&self, query: &Element) {
        let mut state = self.lock();
        for item in query.children() {
            match read_item(item) {
                Some((jid, Some(mut contact))) => {
                    if let Some(known) = state.known.contacts.remove(&jid) {
                        contact.sessions = known.sessions;
                    }
                    state.list(jid, contact);
                }
                Some((jid, None)) => {
                    state.listed.remove(&jid);
                    state.known.contacts.remove(&jid);
                }
                None => {}
            }
        }
    }

    /// Takes over somebody's presence: who it is, what is new, and what is to be answered.
    pub(super) fn presence(&self, stanza: &Element) -> Option<(Jid, News, Vec<Element>)> {
        let (from, change) = presence::read(stanza)?;
        if from.same_account(&self.own) {
            // Another session of the account is no news of a contact; this one knows itself.
            return None;
        }
        let mut state = self.lock();
        if state.known.is_crowded_for(&from, state.listed.len()) {
            return None;
        }
        let mut answers = Vec::new();
        match &change {
            PresenceChange::Available(presence) => {
                state.known.contact(&from).arrived(&from, presence.clone());
            }
            PresenceChange::Unavailable { .. } => {
                // Servers say so of whoever was asked and has not answered yet, for one.
                let known = state.known.contacts.get_mut(&from.bare());
                known
                    .filter(|it| it.presence_of(&from).is_some())?
                    .left(&from);
            }
            PresenceChange::Subscribe => {
                if state.known.approve_all {
                    answers = state.approval(&from.bare());
                } else {
                    state.known.add_request(from.bare());
                }
            }
            PresenceChange::Unsubscribe => {
                state.known.take_request(&from.bare());
            }
            PresenceChange::Subscribed | PresenceChange::Unsubscribed => {}
        }
        Some((from, News::Presence(change), answers))
    }
}

impl State {
    fn list(&mut self, jid: Jid, contact: Contact) {
        self.listed.insert(jid.clone());
        self.known.contacts.insert(jid, contact);
    }

    /// Approves a request, and asks the same in turn unless that is done.
    fn approval(&self, jid: &Jid) -> Vec<Element> {
        let mut stanzas = vec![about("subscribed", jid)];
        let contact = self.known.contacts.get(jid);
        if !contact.is_some_and(|contact| contact.subscription.is_to() || contact.ask) {
            stanzas.push(about("subscribe", jid));
        }
        stanzas
    }
}

/// A stanza to somebody about a subscription.
fn about(kind: &str, to: &Jid) -> Element {
    let route = Route {
        to: Some(to),
        ..TO_ALL
    };
    route.typed(kind)
}

/// A contact of the list; none if it is struck out.
fn read_item(item: &Element) -> Option<(Jid, Option<Contact>)> {
    if !item.is("item", ns::ROSTER) {
        return None;
    }
    let jid: Jid = item.attr("jid")?.parse().ok()?;
    let jid = jid.bare();
    let subscription = match item.attr("subscription") {
        Some("remove") => return Some((jid, None)),
        Some("to") => ContactState::To,
        Some("from") => ContactState::From,
        Some("both") => ContactState::Both,
        _ => ContactState::None,
    };
    let contact = Contact {
        jid: jid.clone(),
        name: item
            .attr("name")
            .filter(|name| !name.is_empty())
            .map(str::to_owned),
        groups: item
            .children()
            .filter(|child| child.is("group", ns::ROSTER))
            .map(Element::text)
            .collect(),
        subscription,
        ask: item.attr("ask") == Some("subscribe"),
        sessions: Vec::new(),
    };
    Some((jid, Some(contact)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn element(text: &str) -> Element {
        let head = format!("<wrap xmlns='jabber:client'>{text}</wrap>");
        let wrap: Element = head.parse().unwrap();
        wrap.children().next().unwrap().clone()
    }

    fn roster() -> Roster {
        Roster::new("me@x/main".parse().unwrap(), Presence::available())
    }

    fn kinds(stanzas: &[Element]) -> Vec<String> {
        let kind = |it: &Element| it.attr("type").unwrap_or_default().to_owned();
        stanzas.iter().map(kind).collect()
    }

    #[test]
    fn the_servers_list_is_taken_over_with_its_changes() {
        let roster = roster();
        roster.presence(&element(
            "<presence from='bob@x/desk'><show>away</show></presence>",
        ));
        assert!(roster.contacts().is_empty());
        roster.load(&element(
            "<query xmlns='jabber:iq:roster'>\
             <item jid='bob@x' name='Bob' subscription='both'><group>friends</group></item>\
             <item jid='carol@x' subscription='none' ask='subscribe'/><item jid='@'/></query>",
        ));
        let contacts = roster.contacts();
        assert_eq!(contacts.len(), 2);
        assert_eq!(contacts[0].groups, ["friends"]);
        assert_eq!(contacts[0].sessions.len(), 1);
        assert!(contacts[1].ask);
        let push =
            "<query xmlns='jabber:iq:roster'><item jid='bob@x' subscription='remove'/></query>";
        roster.changed(&element(push));
        assert_eq!(roster.contacts().len(), 1);
        // It stays in the list without any subscription, until it is struck out.
        let push =
            "<query xmlns='jabber:iq:roster'><item jid='carol@x' subscription='none'/></query>";
        roster.changed(&element(push));
        assert_eq!(roster.contacts().len(), 1);
        assert!(!roster.contacts()[0].ask);
    }

    #[test]
    fn only_who_was_there_can_go() {
        let roster = roster();
        let gone = |from: &str| {
            let stanza = format!("<presence from='{from}' type='unavailable'/>");
            roster.presence(&element(&stanza)).is_some()
        };
        assert!(!gone("bob@x") && !gone("bob@x/desk"));
        roster.presence(&element("<presence from='bob@x/desk'/>"));
        assert!(!gone("bob@x/phone"));
        assert!(gone("bob@x/desk"));
        assert!(!gone("bob@x/desk"));
        roster.presence(&element("<presence from='bob@x/desk'/>"));
        assert!(gone("bob@x"));
        assert!(roster.contacts().is_empty());
    }

    #[test]
    fn requests_are_approved_once_or_all_by_themselves() {
        let roster = roster();
        let bob: Jid = "bob@x".parse().unwrap();
        let request = element("<presence from='bob@x' type='subscribe'/>");
        let nobody = roster.act(&bob, ContactAct::Approve);
        assert_eq!(nobody, Err(ContactError::NotAsked(bob.clone())));
        assert!(roster.presence(&request).unwrap().2.is_empty());
        let approved = roster.act(&bob, ContactAct::Approve).unwrap();
        assert_eq!(kinds(&approved), ["subscribed"]);
        assert!(roster.act(&bob, ContactAct::Approve).is_err());

        roster.presence(&request);
        assert_eq!(
            kinds(&roster.approve_all(true)),
            ["subscribed", "subscribe"]
        );
        let answers = roster.presence(&request).unwrap().2;
        assert_eq!(kinds(&answers), ["subscribed", "subscribe"]);
    }

    #[test]
    fn the_most_available_session_counts() {
        let roster = roster();
        for (resource, priority) in [("desk", 5), ("phone", 1)] {
            roster.presence(&element(&format!(
                "<presence from='bob@x/{resource}'><priority>{priority}</priority></presence>"
            )));
        }
        let seen = |jid: &str| roster.presence_of(&jid.parse().unwrap());
        assert_eq!(seen("bob@x").unwrap().priority, 5);
        assert_eq!(seen("bob@x/phone").unwrap().priority, 1);
        roster.presence(&element("<presence from='bob@x/desk' type='unavailable'/>"));
        assert_eq!(seen("bob@x").unwrap().priority, 1);
        assert_eq!(seen("bob@x/desk"), None);
        assert_eq!(seen("carol@x"), None);
        // Its own.
        assert!(seen("me@x").is_some());
    }
}
