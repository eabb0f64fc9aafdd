//! Stanzas that are no messages: questions of others (`iq`) and presence.

use tokio_xmpp::minidom::Element;
use xso::exports::rxml::xml_ncname;

use super::line::LineEnd;
use super::roster::ROSTER_REQUEST;
use super::serve::Session;
use super::stanza::ns;
use crate::message::Jid;
use crate::network::Event;

/// No name of a question is as long as this.
const MAX_NAME: usize = 1024;

impl Session {
    /// Takes a stanza that is no message.
    pub(super) fn stanza(&mut self, element: &Element) {
        match element.name() {
            "iq" => self.iq(element),
            "presence" => self.presence(element),
            other => {
                tracing::debug!(agent = %self.line.jid(), "`{other}` is not known here");
            }
        }
    }

    fn iq(&mut self, iq: &Element) {
        match iq.attr("type") {
            Some("get" | "set") => {
                // Whoever names a question at such length gets its words back from nobody.
                if iq.attr("id").is_none_or(|id| id.len() <= MAX_NAME) {
                    let answer = self.answer(iq);
                    self.say(answer);
                }
            }
            Some("result" | "error")
                if iq.attr("id") == Some(ROSTER_REQUEST) && self.is_own(iq.attr("from")) =>
            {
                if let Some(roster) = self.line.roster()
                    && let Some(query) = iq.get_child("query", ns::ROSTER)
                {
                    roster.load(query);
                }
                // What was said before the question has been heard.
                self.line.outbox().set_known();
            }
            // Nothing else was asked on which anything depends.
            _ => tracing::debug!(agent = %self.line.jid(), "an answer: {:?}", iq.attr("id")),
        }
    }

    fn answer(&self, iq: &Element) -> Element {
        let namespace = self.line.namespace();
        let mut answer = Element::builder("iq", namespace);
        for (name, value) in [
            (xml_ncname!("id"), iq.attr("id")),
            (xml_ncname!("to"), iq.attr("from")),
            (xml_ncname!("from"), iq.attr("to")),
        ] {
            if let Some(value) = value {
                answer = answer.attr(name.to_owned(), value);
            }
        }
        let payload = iq.children().next();
        let kind = iq.attr("type").unwrap_or_default();
        let what = payload.map(|payload| (kind, payload.name(), payload.ns()));
        let what = what
            .as_ref()
            .map(|(kind, name, ns)| (*kind, *name, ns.as_str()));
        let typed = |answer: tokio_xmpp::minidom::ElementBuilder, kind: &str| {
            answer.attr(xml_ncname!("type").to_owned(), kind)
        };
        match what {
            Some(("get", "ping", ns::PING)) => typed(answer, "result").build(),
            Some(("get", "query", ns::DISCO_INFO)) => {
                typed(answer, "result").append(what_we_are()).build()
            }
            Some(("set", "query", ns::ROSTER)) if self.is_own(iq.attr("from")) => {
                if let (Some(roster), Some(query)) = (self.line.roster(), payload) {
                    roster.changed(query);
                }
                typed(answer, "result").build()
            }
            _ => {
                let error = Element::builder("error", namespace)
                    .attr(xml_ncname!("type").to_owned(), "cancel")
                    .append(Element::bare("service-unavailable", ns::STANZA_ERRORS));
                typed(answer, "error").append(error).build()
            }
        }
    }

    /// Whether it is the account that speaks: only then is a change of the list of contacts true
    /// (RFC 6121, section 2.1.6).
    fn is_own(&self, from: Option<&str>) -> bool {
        from.is_none_or(|from| from == self.line.jid().bare_str())
    }

    fn presence(&mut self, presence: &Element) {
        match &self.line.end {
            LineEnd::Agent { inbox, roster } => {
                let Some((about, change, answers)) = roster.presence(presence) else {
                    return;
                };
                self.line.outbox().push_elements(answers);
                // One that has ended needs no news.
                let _ = inbox.accept(Event::News(Some(about), change));
            }
            LineEnd::Component { .. } => {
                let to: Option<Jid> = presence.attr("to").and_then(|to| to.parse().ok());
                for agent in to.iter().flat_map(|to| self.line.hosted(to)) {
                    self.line.outbox().push_elements(agent.hear(presence));
                }
            }
        }
    }
}

/// What kind of entity an agent is (XEP-0030).
fn what_we_are() -> Element {
    let identity = Element::builder("identity", ns::DISCO_INFO)
        .attr(xml_ncname!("category").to_owned(), "client")
        .attr(xml_ncname!("type").to_owned(), "bot")
        .attr(xml_ncname!("name").to_owned(), "PEAK");
    let features = [ns::DISCO_INFO, ns::PING, ns::FORM, ns::DELAY, ns::DELIVERY];
    let features = features.map(|feature| {
        Element::builder("feature", ns::DISCO_INFO)
            .attr(xml_ncname!("var").to_owned(), feature)
            .build()
    });
    Element::builder("query", ns::DISCO_INFO)
        .append(identity)
        .append_all(features)
        .build()
}
