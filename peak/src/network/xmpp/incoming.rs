//! What comes over a line, and whom it reaches.

use std::sync::Arc;

use smol_str::SmolStr;
use tokio_xmpp::minidom::Element;
use xso::exports::rxml::xml_ncname;

use super::ids;
use super::inquiry;
use super::line::LineEnd;
use super::outbox::Out;
use super::parking::NoPlace;
use super::serve::Session;
use super::stanza::{Delivery, MessageIn, MessageKind, StanzaError, ns};
use crate::message::{Jid, Message};
use crate::network::Undelivered;

impl Session {
    /// A stanza of the server's has been handled.
    pub(super) fn count_handled(&mut self) {
        self.handled = self.handled.wrapping_add(1);
    }

    /// Takes a message stanza.
    pub(super) fn message(&mut self, mut incoming: MessageIn) {
        if incoming.message.sender().is_none() {
            // From the account itself, or its server (RFC 6120, section 8.1.2.1).
            incoming.message.set_sender(self.line.jid().bare());
        }
        match incoming.kind {
            MessageKind::Error => self.returned(&incoming),
            MessageKind::Headline => {
                if let (Some(delivery), Some(id)) = (incoming.delivery, incoming.id) {
                    self.delivery(&incoming.message, &id, &delivery);
                }
            }
            MessageKind::Groupchat => {}
            MessageKind::Normal | MessageKind::Chat => {
                if incoming.is_for_agents && self.is_new(&incoming) {
                    self.deliver(incoming.message);
                }
            }
        }
    }

    /// Whether it has not come before.
    fn is_new(&mut self, incoming: &MessageIn) -> bool {
        let (Some(sender), Some(id)) = (incoming.message.sender(), &incoming.id) else {
            return true;
        };
        let is_new = self.seen.is_new(sender, id);
        if !is_new {
            tracing::debug!(agent = %self.line.jid(), about = ?incoming.message, "it has come before");
        }
        is_new
    }

    fn deliver(&mut self, message: Message) {
        let inbox = match &self.line.end {
            LineEnd::Agent { inbox, .. } => Some(Arc::clone(inbox)),
            LineEnd::Component { .. } => message.to().and_then(|to| self.line.router.find(to)),
        };
        let Some(inbox) = inbox else {
            return self.refuse(&message, "item-not-found");
        };
        let patience = self.line.patience;
        if let Err(refused) = self.parking.deliver(inbox, message, patience) {
            self.no_place(&refused);
        }
    }

    /// Gives back a message for which there is no place.
    pub(super) fn no_place(&mut self, refused: &NoPlace) {
        match refused {
            NoPlace::Full(message) => self.refuse(message, "resource-constraint"),
            NoPlace::Ended(message) => self.refuse(message, "recipient-unavailable"),
        }
    }

    /// Gives a message back to its sender.
    pub(super) fn refuse(&mut self, message: &Message, condition: &'static str) {
        if let (Some(sender), Some(id)) = (message.sender(), message.stanza_id()) {
            // Should it be sent again, it is as new.
            self.seen.forget(sender, id);
        }
        if let Some(stanza) = refusal(message, self.line.namespace(), condition) {
            self.line.outbox().push_element(stanza);
        }
    }

    /// One of ours came back.
    fn returned(&mut self, incoming: &MessageIn) {
        let id = incoming.id.as_deref().unwrap_or_default();
        let from = incoming.message.sender();
        let may = |message: &Message| may_return(message, from, self.line.server());
        let number = self.line.ids().number(id);
        let returned = number.and_then(|it| Some((it, self.flight.returned(it, may)?)));
        let error = incoming.error.clone().unwrap_or_default();
        let Some((number, mut message)) = returned else {
            tracing::debug!(agent = %self.line.jid(), "something came back: {error}");
            return;
        };
        if error.is_absence() {
            if let Some(to) = message.to()
                && self.line.router.find(to).is_some()
            {
                // An agent of this very process: it has not ended, so it is its session that has, as when
                // a server shuts down and closes them one by one.
                self.retries.expect_back();
            }
            match self.retries.take(number, message) {
                Ok(()) => return,
                Err(back) => message = back,
            }
        }
        let why = match error.condition.as_str() {
            "recipient-unavailable" => Undelivered::Ended,
            _ => Undelivered::Refused(in_words(&error)),
        };
        self.line.undelivered(message, why);
    }

    /// One of this framework's asks which messages have come, or answers that.
    fn delivery(&mut self, message: &Message, id: &SmolStr, delivery: &Delivery) {
        let Some(sender) = message.sender() else {
            return;
        };
        match delivery {
            Delivery::Ask(names) => {
                // Only names of this framework mean anything, and not more than are asked for at once.
                let missing = names
                    .iter()
                    .filter(|name| ids::parse(name).is_some() && !self.seen.contains(sender, name))
                    .take(inquiry::AT_ONCE);
                // As it was asked: who asks knows the one it has written to.
                let own = self.line.jid();
                let from = match &self.line.end {
                    LineEnd::Agent { .. } => own,
                    LineEnd::Component { .. } => message.to().unwrap_or(own),
                };
                let answer = self.headline(id, from, sender, "missing", missing);
                self.say(answer);
            }
            Delivery::Missing(names) => {
                if let Some((to, last)) = self.fences.answered(sender, id) {
                    self.flight.confirm(&to, last);
                    return;
                }
                let lost = self.inquiries.answered(sender, id, names);
                if !lost.is_empty() {
                    let count = lost.len();
                    tracing::info!(agent = %self.line.jid(), "{count} messages to {sender} were lost, and are sent again");
                    self.flight.send_again(lost);
                }
            }
        }
    }

    /// Asks the receiver of many messages how far it has come. This one is on its way.
    pub(super) fn put_fence(&mut self, out: &Out) {
        let Out::Message(_, message) = out else {
            return;
        };
        if let Some(to) = message.to()
            && let Some(id) = self.fences.sent(to, self.flight.place())
        {
            let from = message.sender().unwrap_or(self.line.jid());
            let ask = self.headline(&id, from, to, "ask", [].iter());
            self.say(ask);
        }
    }

    /// Has everybody asked who may miss something.
    pub(super) fn inquire(&mut self) {
        for question in self.inquiries.due() {
            let names = question.names.iter();
            let ask = self.headline(&question.id, &question.from, &question.whom, "ask", names);
            self.say(ask);
        }
    }

    /// A new session has begun after a lost one.
    pub(super) fn open_inquiries(&mut self) {
        let ids = self.line.ids();
        let uncertain = self.flight.take_uncertain();
        let uncertain = uncertain.map(|(number, message)| (ids.name(number), number, message));
        self.inquiries.open(uncertain);
    }

    fn headline<'n>(
        &self,
        id: &str,
        from: &Jid,
        to: &Jid,
        what: &'static str,
        names: impl Iterator<Item = &'n SmolStr>,
    ) -> Element {
        let names = names.map(|name| {
            Element::builder("id", ns::DELIVERY)
                .append(name.as_str())
                .build()
        });
        Element::builder("message", self.line.namespace())
            .attr(xml_ncname!("type").to_owned(), "headline")
            .attr(xml_ncname!("id").to_owned(), id)
            .attr(xml_ncname!("from").to_owned(), from.as_str())
            .attr(xml_ncname!("to").to_owned(), to.as_str())
            .append(Element::builder(what, ns::DELIVERY).append_all(names))
            .build()
    }
}

/// Whether a message may come back from there: from its receiver, or from one of the servers in
/// between.
fn may_return(message: &Message, from: Option<&Jid>, own_server: &str) -> bool {
    let (Some(to), Some(from)) = (message.to(), from) else {
        return false;
    };
    let is_server = from.local().is_none() && from.resource().is_none();
    let is_on_the_way = is_server && [to.domain(), own_server].contains(&from.domain());
    to.covers(from) || from.covers(to) || is_on_the_way
}

/// The stanza that gives a message back (RFC 6120, section 8.3), if it came from elsewhere.
pub(super) fn refusal(
    message: &Message,
    namespace: &'static str,
    condition: &'static str,
) -> Option<Element> {
    let (sender, to, id) = (message.sender()?, message.to()?, message.stanza_id()?);
    let error = Element::builder("error", namespace)
        .attr(
            xml_ncname!("type").to_owned(),
            match condition {
                "item-not-found" => "cancel",
                _ => "wait",
            },
        )
        .append(Element::bare(condition, ns::STANZA_ERRORS));
    Some(
        Element::builder("message", namespace)
            .attr(xml_ncname!("type").to_owned(), "error")
            .attr(xml_ncname!("id").to_owned(), id)
            .attr(xml_ncname!("from").to_owned(), to.as_str())
            .attr(xml_ncname!("to").to_owned(), sender.as_str())
            .append(error)
            .build(),
    )
}

/// What an error of XMPP means to whoever sent a message (RFC 6120, section 8.3.3).
fn in_words(error: &StanzaError) -> String {
    let meaning = match error.condition.as_str() {
        "service-unavailable" | "item-not-found" => "nobody is there under that address",
        "remote-server-not-found" => "no server was found for the domain of that address",
        "remote-server-timeout" => "the server of that address does not answer",
        "resource-constraint" => "the receiver's mailbox stayed full",
        "not-authorized" | "forbidden" => "the receiver's server does not allow it",
        "jid-malformed" => "the server does not take that address",
        "policy-violation" => "it breaks a rule of the server",
        _ => return error.to_string(),
    };
    format!("{meaning}, says the server: {error}")
}
