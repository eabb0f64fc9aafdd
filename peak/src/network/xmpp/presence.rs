//! Presence as stanzas (RFC 6121, sections 3 and 4).

use tokio_xmpp::minidom::{Element, ElementBuilder};
use xso::exports::rxml::xml_ncname;

use super::stanza::{is_xml, ns};
use crate::message::{Jid, Presence, PresenceChange, Show};

/// The words of `<show/>`.
const SHOWS: [(Show, &str); 4] = [
    (Show::Chat, "chat"),
    (Show::Away, "away"),
    (Show::ExtendedAway, "xa"),
    (Show::DoNotDisturb, "dnd"),
];

/// Between whom presence goes. A server fills in what is left out.
#[derive(Debug, Clone, Copy)]
pub(super) struct Route<'a> {
    pub(super) namespace: &'static str,
    pub(super) from: Option<&'a Jid>,
    pub(super) to: Option<&'a Jid>,
}

/// From an account to its server, for all who want to know.
pub(super) const TO_ALL: Route<'static> = Route {
    namespace: ns::CLIENT,
    from: None,
    to: None,
};

impl Route<'_> {
    fn stanza(self) -> ElementBuilder {
        let mut stanza = Element::builder("presence", self.namespace);
        for (name, jid) in [
            (xml_ncname!("from"), self.from),
            (xml_ncname!("to"), self.to),
        ] {
            if let Some(jid) = jid {
                stanza = stanza.attr(name.to_owned(), jid.as_str());
            }
        }
        stanza
    }

    /// The stanza of a session that is there.
    pub(super) fn available(self, presence: &Presence) -> Element {
        let mut stanza = self.stanza();
        let text = |name: &str, text: &str| {
            let text = Element::builder(name, self.namespace).append(text);
            text.build()
        };
        if let Some((_, word)) = SHOWS.iter().find(|(show, _)| *show == presence.show) {
            stanza = stanza.append(text("show", word));
        }
        if let Some(status) = &presence.status {
            // What XML cannot carry would end the connection.
            let status: String = status.chars().filter(|char| is_xml(*char)).collect();
            stanza = stanza.append(text("status", &status));
        }
        if presence.priority != 0 {
            stanza = stanza.append(text("priority", &presence.priority.to_string()));
        }
        stanza.build()
    }

    /// A stanza of another kind: that a session goes, or about a subscription.
    pub(super) fn typed(self, kind: &str) -> Element {
        let stanza = self.stanza();
        stanza.attr(xml_ncname!("type").to_owned(), kind).build()
    }
}

/// Who tells what by a stanza; none if it is an error, or names nobody.
pub(super) fn read(stanza: &Element) -> Option<(Jid, PresenceChange)> {
    let from: Jid = stanza.attr("from")?.parse().ok()?;
    let child = |name: &str| {
        let child = stanza.children().find(|child| child.name() == name);
        child.map(Element::text).filter(|text| !text.is_empty())
    };
    let change = match stanza.attr("type") {
        None => {
            let show = child("show");
            let show = SHOWS
                .iter()
                .find(|(_, word)| Some(*word) == show.as_deref());
            PresenceChange::Available(Presence {
                show: show.map_or(Show::Available, |(show, _)| *show),
                status: child("status"),
                priority: child("priority")
                    .and_then(|text| text.trim().parse().ok())
                    .unwrap_or(0),
            })
        }
        Some("unavailable") => PresenceChange::Unavailable {
            status: child("status"),
        },
        Some("subscribe") => PresenceChange::Subscribe,
        Some("subscribed") => PresenceChange::Subscribed,
        Some("unsubscribe") => PresenceChange::Unsubscribe,
        Some("unsubscribed") => PresenceChange::Unsubscribed,
        Some(_) => return None,
    };
    Some((from, change))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_comes_back() {
        for (show, _) in SHOWS {
            let presence = Presence::available()
                .show(show)
                .status("at <work>")
                .priority(-3);
            let mut stanza = TO_ALL.available(&presence);
            stanza.set_attr(
                tokio_xmpp::minidom::rxml::Namespace::NONE,
                xml_ncname!("from").to_owned(),
                "a@x/b",
            );
            let (from, change) = read(&stanza).unwrap();
            assert_eq!(from.as_str(), "a@x/b");
            assert_eq!(change, PresenceChange::Available(presence));
        }
    }

    #[test]
    fn odd_presence_is_left_out() {
        for odd in [
            "<presence xmlns='jabber:client'/>",
            "<presence xmlns='jabber:client' from='a@x' type='error'/>",
            "<presence xmlns='jabber:client' from='@' type='subscribe'/>",
        ] {
            assert_eq!(read(&odd.parse().unwrap()), None);
        }
    }
}
