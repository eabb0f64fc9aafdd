//! The contacts of an agent behind a component. No server keeps them: they last as long as the agent
//! does, and what RFC 6121 has servers do is done here.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_xmpp::minidom::Element;

use super::acquaintances::Acquaintances;
use super::presence::{self, Route};
use super::stanza::ns;
use crate::message::{Jid, News, Presence, PresenceChange};
use crate::network::contacts::{Contact, ContactAct, ContactError};
use crate::network::{Event, Inbox};

/// An agent behind a component, to those outside of it.
#[derive(Debug)]
pub(super) struct Hosted {
    inbox: Arc<Inbox>,
    known: Mutex<Acquaintances>,
}

impl Hosted {
    pub(super) fn new(inbox: Arc<Inbox>) -> Self {
        Self {
            inbox,
            known: Mutex::default(),
        }
    }

    /// Its full address.
    pub(super) fn own(&self) -> &Jid {
        self.inbox.jid()
    }

    fn lock(&self) -> MutexGuard<'_, Acquaintances> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A stanza from the session, or the account, of this agent.
    fn from<R>(&self, to: &Jid, write: impl FnOnce(Route<'_>) -> R) -> R {
        write(Route {
            namespace: ns::COMPONENT,
            from: Some(self.own()),
            to: Some(to),
        })
    }

    fn about(&self, kind: &str, to: &Jid) -> Element {
        let bare = self.own().bare();
        let route = Route {
            namespace: ns::COMPONENT,
            from: Some(&bare),
            to: Some(to),
        };
        route.typed(kind)
    }

    /// What everybody is told who wants to know.
    fn to_watchers(
        &self,
        known: &Acquaintances,
        write: impl Fn(Route<'_>) -> Element,
    ) -> Vec<Element> {
        let watchers = known
            .contacts
            .values()
            .filter(|it| it.subscription.is_from());
        watchers
            .map(|contact| self.from(&contact.jid, &write))
            .collect()
    }

    pub(super) fn set_presence(&self, presence: Presence) -> Vec<Element> {
        let mut known = self.lock();
        known.presence = presence;
        let presence = known.presence.clone();
        self.to_watchers(&known, |route| route.available(&presence))
    }

    /// It goes.
    pub(super) fn goodbye(&self) -> Vec<Element> {
        self.to_watchers(&self.lock(), |route| route.typed("unavailable"))
    }

    /// The connection is there again: others may think that it had gone, or have gone themselves.
    pub(super) fn greeting(&self) -> Vec<Element> {
        let mut known = self.lock();
        known.forget_sessions();
        let presence = known.presence.clone();
        let mut stanzas = self.to_watchers(&known, |route| route.available(&presence));
        let watched = known.contacts.values().filter(|it| it.subscription.is_to());
        stanzas.extend(watched.map(|contact| self.from(&contact.jid, |it| it.typed("probe"))));
        stanzas
    }

    pub(super) fn presence_of(&self, jid: &Jid) -> Option<Presence> {
        self.lock().presence_of(jid)
    }

    pub(super) fn contacts(&self) -> Vec<Contact> {
        let known = self.lock();
        let listed = known.contacts.values().filter(|it| it.is_listed());
        listed.cloned().collect()
    }

    pub(super) fn act(&self, to: &Jid, act: ContactAct) -> Result<Vec<Element>, ContactError> {
        let to = to.bare();
        let mut known = self.lock();
        Ok(match act {
            ContactAct::Subscribe => {
                known.contact(&to).ask = true;
                vec![self.about("subscribe", &to)]
            }
            ContactAct::Unsubscribe => {
                known.set(&to, Some(false), None);
                vec![self.about("unsubscribe", &to)]
            }
            ContactAct::Approve => {
                if !known.take_request(&to) {
                    return Err(ContactError::NotAsked(to));
                }
                self.granted(&mut known, &to)
            }
            ContactAct::Deny => {
                known.take_request(&to);
                self.denied(&mut known, &to)
            }
            ContactAct::Remove => {
                known.take_request(&to);
                let mut stanzas = vec![self.about("unsubscribe", &to)];
                stanzas.extend(self.denied(&mut known, &to));
                known.contacts.remove(&to);
                stanzas
            }
        })
    }

    fn granted(&self, known: &mut Acquaintances, to: &Jid) -> Vec<Element> {
        known.set(to, None, Some(true));
        let here = self.from(to, |route| route.available(&known.presence));
        vec![self.about("subscribed", to), here]
    }

    fn denied(&self, known: &mut Acquaintances, to: &Jid) -> Vec<Element> {
        let was_told = known.set(to, None, Some(false)).is_from();
        let gone = was_told.then(|| self.from(to, |route| route.typed("unavailable")));
        let mut stanzas: Vec<Element> = gone.into_iter().collect();
        stanzas.push(self.about("unsubscribed", to));
        stanzas
    }

    pub(super) fn approve_all(&self, yes: bool) -> Vec<Element> {
        let mut known = self.lock();
        let waiting = known.approve_all(yes);
        let approved = waiting.iter().map(|jid| self.approved(&mut known, jid));
        approved.collect::<Vec<_>>().concat()
    }

    /// Grants a request, and asks the same in turn unless that is done.
    fn approved(&self, known: &mut Acquaintances, jid: &Jid) -> Vec<Element> {
        let mut stanzas = self.granted(known, jid);
        let contact = known.contact(jid);
        if !contact.subscription.is_to() && !contact.ask {
            contact.ask = true;
            stanzas.push(self.about("subscribe", jid));
        }
        stanzas
    }

    /// Takes presence that came for this agent; gives what is to be answered.
    pub(super) fn hear(&self, stanza: &Element) -> Vec<Element> {
        if stanza.attr("type") == Some("probe") {
            return self.probed(stanza);
        }
        let Some((from, change)) = presence::read(stanza) else {
            return Vec::new();
        };
        let bare = from.bare();
        let mut known = self.lock();
        if known.is_crowded_for(&from, 0) {
            return Vec::new();
        }
        let mut answers = Vec::new();
        match &change {
            PresenceChange::Available(presence) => {
                known.contact(&from).arrived(&from, presence.clone());
            }
            PresenceChange::Unavailable { .. } => known.contact(&from).left(&from),
            PresenceChange::Subscribe => {
                let is_told = known.contact(&from).subscription.is_from();
                if known.approve_all {
                    answers = self.approved(&mut known, &bare);
                } else if is_told {
                    // It has forgotten.
                    answers = self.granted(&mut known, &bare);
                } else {
                    known.add_request(bare);
                }
            }
            PresenceChange::Unsubscribe => {
                known.take_request(&bare);
                answers = self.denied(&mut known, &bare);
            }
            PresenceChange::Subscribed => {
                if known.contact(&from).ask {
                    known.set(&bare, Some(true), None);
                }
            }
            PresenceChange::Unsubscribed => {
                known.set(&bare, Some(false), None);
                known.contact(&from).sessions.clear();
            }
        }
        drop(known);
        // One that has ended needs no news.
        let _ = self
            .inbox
            .accept(Event::News(Some(from), News::Presence(change)));
        answers
    }

    /// A server asks on behalf of a contact (RFC 6121, section 4.3).
    fn probed(&self, stanza: &Element) -> Vec<Element> {
        let from: Option<Jid> = stanza.attr("from").and_then(|from| from.parse().ok());
        let Some(from) = from else {
            return Vec::new();
        };
        let known = self.lock();
        let contact = known.contacts.get(&from.bare());
        match contact.is_some_and(|contact| contact.subscription.is_from()) {
            true => vec![self.from(&from, |route| route.available(&known.presence))],
            false => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::contacts::ContactState;

    fn hosted() -> Hosted {
        Hosted::new(Arc::new(Inbox::new("me@c.x/main".parse().unwrap(), 8)))
    }

    fn hear(hosted: &Hosted, kind: &str) -> Vec<String> {
        let stanza =
            format!("<presence xmlns='jabber:component:accept' from='bob@x' type='{kind}'/>");
        said(&hosted.hear(&stanza.parse().unwrap()))
    }

    fn said(stanzas: &[Element]) -> Vec<String> {
        stanzas
            .iter()
            .map(|stanza| {
                let kind = stanza.attr("type").unwrap_or("available");
                let from = stanza.attr("from").unwrap_or_default();
                format!("{kind} from {from}")
            })
            .collect()
    }

    fn bob() -> Jid {
        "bob@x".parse().unwrap()
    }

    #[test]
    fn a_contact_that_is_approved_is_told() {
        let hosted = hosted();
        assert!(hosted.act(&bob(), ContactAct::Approve).is_err());
        assert!(hear(&hosted, "subscribe").is_empty());
        let approved = hosted.act(&bob(), ContactAct::Approve).unwrap();
        assert_eq!(
            said(&approved),
            ["subscribed from me@c.x", "available from me@c.x/main"]
        );
        assert_eq!(hear(&hosted, "probe"), ["available from me@c.x/main"]);
        assert_eq!(hosted.set_presence(Presence::available()).len(), 1);
        assert_eq!(hosted.contacts()[0].subscription, ContactState::From);
        assert_eq!(
            hear(&hosted, "unsubscribe"),
            ["unavailable from me@c.x/main", "unsubscribed from me@c.x"]
        );
        assert!(hear(&hosted, "probe").is_empty());
        assert!(hosted.goodbye().is_empty());
    }

    #[test]
    fn what_was_asked_is_granted_and_taken_back() {
        let hosted = hosted();
        // Not asked.
        hear(&hosted, "subscribed");
        assert!(hosted.contacts().is_empty());
        hosted.act(&bob(), ContactAct::Subscribe).unwrap();
        assert!(hosted.contacts()[0].ask);
        hear(&hosted, "subscribed");
        assert_eq!(hosted.contacts()[0].subscription, ContactState::To);
        assert_eq!(said(&hosted.greeting()), ["probe from me@c.x/main"]);
        hear(&hosted, "unsubscribed");
        assert!(hosted.contacts().is_empty());
    }

    #[test]
    fn all_are_approved_and_asked_in_turn() {
        let hosted = hosted();
        hosted.approve_all(true);
        assert_eq!(
            hear(&hosted, "subscribe"),
            [
                "subscribed from me@c.x",
                "available from me@c.x/main",
                "subscribe from me@c.x"
            ]
        );
    }
}
