//! What goes over a stream.
//!
//! Messages, of which there are many, are read and written by a codec of our own, straight between
//! XML events and [`Message`](crate::Message): building a tree of elements for each costs several
//! times as much. Everything else, of which there is little, is an [`Element`].

mod addresses;
mod frame;
mod read;
#[cfg(test)]
mod tests;
mod write;

use smol_str::SmolStr;
use tokio_xmpp::minidom::{Element, ElementBuilder};
use xso::error::{Error, FromEventsError};
use xso::exports::rxml::{self, xml_ncname};
use xso::{Context, FromEventsBuilder, FromXml};

use crate::message::Message;
pub(super) use frame::{Frame, next_frame};
use read::MessageBuilder;
pub(crate) use write::unwritable;
pub(super) use write::{MessageOut, is_xml, write_message};

/// The namespaces of XMPP that are spoken here.
pub(super) mod ns {
    pub(crate) const CLIENT: &str = "jabber:client";
    pub(crate) const COMPONENT: &str = "jabber:component:accept";
    pub(crate) const STREAM: &str = "http://etherx.jabber.org/streams";
    pub(crate) const STREAM_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-streams";
    pub(crate) const STANZA_ERRORS: &str = "urn:ietf:params:xml:ns:xmpp-stanzas";
    pub(crate) const TLS: &str = "urn:ietf:params:xml:ns:xmpp-tls";
    pub(crate) const SASL: &str = "urn:ietf:params:xml:ns:xmpp-sasl";
    pub(crate) const BIND: &str = "urn:ietf:params:xml:ns:xmpp-bind";
    /// XEP-0004
    pub(crate) const FORM: &str = "jabber:x:data";
    /// XEP-0030
    pub(crate) const DISCO_INFO: &str = "http://jabber.org/protocol/disco#info";
    #[cfg(feature = "cli")]
    pub(crate) const DISCO_ITEMS: &str = "http://jabber.org/protocol/disco#items";
    /// XEP-0045
    #[cfg(feature = "cli")]
    pub(crate) const MUC: &str = "http://jabber.org/protocol/muc";
    #[cfg(feature = "cli")]
    pub(crate) const MUC_OWNER: &str = "http://jabber.org/protocol/muc#owner";
    /// XEP-0060
    #[cfg(feature = "cli")]
    pub(crate) const PUBSUB: &str = "http://jabber.org/protocol/pubsub";
    #[cfg(feature = "cli")]
    pub(crate) const PUBSUB_OWNER: &str = "http://jabber.org/protocol/pubsub#owner";
    /// XEP-0077
    pub(crate) const REGISTER: &str = "jabber:iq:register";
    pub(crate) const REGISTER_FEATURE: &str = "http://jabber.org/features/iq-register";
    /// XEP-0440
    pub(crate) const CHANNEL_BINDING: &str = "urn:xmpp:sasl-cb:0";
    /// RFC 6121
    pub(crate) const ROSTER: &str = "jabber:iq:roster";
    /// XEP-0198
    pub(crate) const SM: &str = "urn:xmpp:sm:3";
    /// XEP-0199
    pub(crate) const PING: &str = "urn:xmpp:ping";
    /// XEP-0203
    pub(crate) const DELAY: &str = "urn:xmpp:delay";
    /// XEP-0313
    #[cfg(feature = "cli")]
    pub(crate) const ARCHIVE: &str = "urn:xmpp:mam:2";
    /// Texts of which XML makes others: a carriage return does not survive a server.
    pub(crate) const EXACT: &str = "urn:x-peak:exact:1";
    /// What agents of this framework ask each other after a server has crashed: which of these
    /// messages have you got?
    pub(crate) const DELIVERY: &str = "urn:x-peak:delivery:1";
}

/// The title of the form that carries a message's fields.
const FORM_TITLE: &str = "spade:x:metadata";

/// The beginning of a question, or of an answer to one (RFC 6120, section 8.2.3).
pub(super) fn iq(stream: &'static str, kind: &str, id: &str) -> ElementBuilder {
    Element::builder("iq", stream)
        .attr(xml_ncname!("type").to_owned(), kind)
        .attr(xml_ncname!("id").to_owned(), id)
}

/// A child of a stream, as it comes in.
#[derive(Debug)]
pub(super) enum Incoming {
    Message(Box<MessageIn>),
    Element(Element),
    /// What cannot be read, and why.
    Odd(String),
}

/// The `type` of a message stanza (RFC 6121, section 5.2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum MessageKind {
    #[default]
    Normal,
    Chat,
    Groupchat,
    Headline,
    Error,
}

/// A message stanza that came in.
#[derive(Debug)]
pub(super) struct MessageIn {
    pub(super) kind: MessageKind,
    pub(super) id: Option<SmolStr>,
    /// With sender and receiver as the stanza names them.
    pub(super) message: Message,
    /// Of one that came back.
    pub(super) error: Option<StanzaError>,
    /// Whether it has a body, or fields: not so what chat clients tell each other in between.
    pub(super) is_for_agents: bool,
    /// What one of our own asks about messages that may be lost, or answers.
    pub(super) delivery: Option<Delivery>,
}

/// Which messages have arrived (see [`ns::DELIVERY`]).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Delivery {
    /// Which of these do you not know?
    Ask(Vec<SmolStr>),
    /// I do not know these.
    Missing(Vec<SmolStr>),
}

/// Why a stanza came back (RFC 6120, section 8.3).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct StanzaError {
    pub(super) condition: SmolStr,
    pub(super) text: Option<String>,
}

impl StanzaError {
    /// Whether it says that nobody is there, who may yet come.
    pub(super) fn is_absence(&self) -> bool {
        let absence = [
            "service-unavailable",
            "recipient-unavailable",
            "item-not-found",
            "remote-server-not-found",
            "remote-server-timeout",
            // What ejabberd has for the domain of a component that is not connected.
            "forbidden",
        ];
        absence.contains(&self.condition.as_str())
    }
}

impl std::fmt::Display for StanzaError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let condition = match self.condition.as_str() {
            "" => "an error without a reason",
            condition => condition,
        };
        match &self.text {
            Some(text) => write!(f, "{text} ({condition})"),
            None => f.write_str(condition),
        }
    }
}

/// Builds an [`Incoming`] of XML events.
pub(super) enum IncomingBuilder {
    Message(Box<MessageBuilder>),
    Element(<Element as FromXml>::Builder),
}

impl FromXml for Incoming {
    type Builder = IncomingBuilder;

    fn from_events(
        name: rxml::QName,
        attrs: rxml::AttrMap,
        ctx: &Context<'_>,
    ) -> Result<Self::Builder, FromEventsError> {
        if name.1 == "message" && (name.0 == ns::CLIENT || name.0 == ns::COMPONENT) {
            let mut builder = MessageBuilder::new();
            for ((space, name), value) in attrs {
                if space.is_none() {
                    builder.attribute(&name, &value);
                }
            }
            return Ok(IncomingBuilder::Message(Box::new(builder)));
        }
        Element::from_events(name, attrs, ctx).map(IncomingBuilder::Element)
    }
}

impl FromEventsBuilder for IncomingBuilder {
    type Output = Incoming;

    fn feed(
        &mut self,
        event: rxml::Event,
        ctx: &Context<'_>,
    ) -> Result<Option<Self::Output>, Error> {
        match self {
            Self::Message(builder) => {
                let message = match event {
                    rxml::Event::XmlDeclaration(..) => None,
                    rxml::Event::StartElement(_, (space, name), mut attrs) => {
                        let none = rxml::Namespace::none();
                        builder.start(&space, &name, |name| attrs.remove(none, name));
                        None
                    }
                    rxml::Event::Text(_, text) => {
                        builder.text(&text);
                        None
                    }
                    rxml::Event::EndElement(_) => builder.end(),
                };
                Ok(message.map(|message| Incoming::Message(Box::new(message))))
            }
            Self::Element(builder) => {
                let element = builder.feed(event, ctx)?;
                Ok(element.map(Incoming::Element))
            }
        }
    }
}
