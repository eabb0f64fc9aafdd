//! Writing a message stanza.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use smol_str::SmolStr;
use xso::error::Error;
use xso::exports::rxml::Namespace;
use xso::exports::rxml::{NcNameStr, xml_ncname};
use xso::{AsXml, Item};

use super::{FORM_TITLE, ns};
use crate::message::{Message, MessageError};

/// A message as it goes out.
#[derive(Debug, Clone, Copy)]
pub(in crate::network::xmpp) struct MessageOut<'a> {
    /// `jabber:client`, or the namespace of components.
    pub(in crate::network::xmpp) stream: &'static str,
    pub(in crate::network::xmpp) id: &'a str,
    pub(in crate::network::xmpp) message: &'a Message,
}

impl AsXml for MessageOut<'_> {
    type ItemIter<'x>
        = std::iter::Map<std::vec::IntoIter<Item<'x>>, fn(Item<'x>) -> Result<Item<'x>, Error>>
    where
        Self: 'x;

    fn as_xml_iter(&self) -> Result<Self::ItemIter<'_>, Error> {
        let mut out = Writer {
            items: Vec::with_capacity(64),
        };
        out.message(self);
        Ok(out.items.into_iter().map(Ok))
    }
}

struct Writer<'a> {
    items: Vec<Item<'a>>,
}

impl<'a> Writer<'a> {
    fn message(&mut self, out: &MessageOut<'a>) {
        let message = out.message;
        self.start(out.stream, xml_ncname!("message"));
        if let Some(sender) = message.sender() {
            self.attribute(xml_ncname!("from"), sender.as_str());
        }
        if let Some(to) = message.to() {
            self.attribute(xml_ncname!("to"), to.as_str());
        }
        self.attribute(xml_ncname!("id"), out.id);
        self.attribute(xml_ncname!("type"), "chat");
        self.items.push(Item::ElementHeadEnd);
        // Always, if need be without a text: a message without it never reaches an agent of SPADE.
        self.text_element(
            out.stream,
            xml_ncname!("body"),
            message.body().unwrap_or_default().into(),
        );
        self.form(message);
        self.exact(message);
        self.items.push(Item::ElementFoot);
    }

    /// The texts with a carriage return once more. Servers read it and write it as it is, and XML
    /// has whoever reads that take it for the end of a line.
    fn exact(&mut self, message: &'a Message) {
        let mut again = |part: Option<&'a str>, text: &str| {
            if !text.contains('\r') {
                return;
            }
            self.start(ns::EXACT, xml_ncname!("text"));
            if let Some(name) = part {
                self.attribute(xml_ncname!("field"), name);
            }
            self.items.push(Item::ElementHeadEnd);
            self.items
                .push(Item::Text(BASE64_STANDARD.encode(text).into()));
            self.items.push(Item::ElementFoot);
        };
        again(None, message.body().unwrap_or_default());
        message.wire_fields(|name, value| again(Some(name), &value));
    }

    /// The form, with SPADE's order: the fields, then the title. None if there are no fields.
    fn form(&mut self, message: &'a Message) {
        let mut is_open = false;
        message.wire_fields(|name, value| {
            if !is_open {
                is_open = true;
                self.start(ns::FORM, xml_ncname!("x"));
                self.attribute(xml_ncname!("type"), "form");
                self.items.push(Item::ElementHeadEnd);
            }
            self.start(ns::FORM, xml_ncname!("field"));
            self.attribute(xml_ncname!("var"), name);
            self.attribute(xml_ncname!("type"), "text-single");
            self.items.push(Item::ElementHeadEnd);
            self.text_element(ns::FORM, xml_ncname!("value"), value);
            self.items.push(Item::ElementFoot);
        });
        if is_open {
            self.text_element(ns::FORM, xml_ncname!("title"), FORM_TITLE.into());
            self.items.push(Item::ElementFoot);
        }
    }

    fn start(&mut self, space: &'static str, name: &'static NcNameStr) {
        self.items.push(Item::ElementHeadStart(
            Namespace::from_str(space),
            Cow::Borrowed(name),
        ));
    }

    fn attribute(&mut self, name: &'static NcNameStr, value: &'a str) {
        self.items.push(Item::Attribute(
            Namespace::NONE,
            Cow::Borrowed(name),
            Cow::Borrowed(value),
        ));
    }

    fn text_element(&mut self, space: &'static str, name: &'static NcNameStr, text: Cow<'a, str>) {
        self.start(space, name);
        if !text.is_empty() {
            self.items.push(Item::ElementHeadEnd);
            self.items.push(Item::Text(text));
        }
        self.items.push(Item::ElementFoot);
    }
}

/// The most that one stanza may be long, in bytes. Prosody and ejabberd end the connection of who
/// sends more than 256 KiB.
const MAX_STANZA: usize = 250_000;

/// About how long a field is besides its name and value.
const FIELD_FRAME: usize = 64;

/// What about a message cannot be written as XML, or is too much for a server: told to whoever sends
/// it, since a server would end the whole connection for it.
pub(in crate::network::xmpp) fn unwritable(message: &Message) -> Result<(), MessageError> {
    let body = message.try_body().map_err(MessageError::Content)?;
    let mut length = 512;
    let mut wrong = None;
    let mut look = |part: &str, text: &str| {
        length += escaped_length(text);
        if wrong.is_none() {
            wrong = text
                .chars()
                .find(|char| !is_xml(*char))
                .map(|char| MessageError::Character {
                    part: SmolStr::new(part),
                    char,
                });
        }
    };
    look("the body", body.unwrap_or_default());
    let mut fields = 0;
    message.wire_fields(|name, value| {
        fields += FIELD_FRAME;
        look(name, name);
        look(name, &value);
    });
    if let Some(wrong) = wrong {
        return Err(wrong);
    }
    let length = length + fields;
    if length > MAX_STANZA {
        return Err(MessageError::TooLong {
            length,
            limit: MAX_STANZA,
        });
    }
    Ok(())
}

/// How long a text is once `&`, `<` and the like are written out.
fn escaped_length(text: &str) -> usize {
    let extra = text.bytes().map(|byte| match byte {
        b'&' => 4,
        // Its text is written once more.
        b'\r' => 4 + 2 * text.len(),
        b'<' | b'>' => 3,
        b'"' | b'\'' => 5,
        _ => 0,
    });
    text.len() + extra.sum::<usize>()
}

/// Whether XML 1.0 has this character.
pub(in crate::network::xmpp) fn is_xml(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
