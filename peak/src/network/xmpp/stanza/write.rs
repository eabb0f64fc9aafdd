//! Writing a message stanza.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::BytesMut;
use smol_str::SmolStr;

use super::{FORM_TITLE, ns};
use crate::message::{Message, MessageError};

/// A message as it goes out.
#[derive(Debug, Clone, Copy)]
pub(in crate::network::xmpp) struct MessageOut<'a> {
    pub(in crate::network::xmpp) id: &'a str,
    pub(in crate::network::xmpp) message: &'a Message,
}

/// Writes it.
pub(in crate::network::xmpp) fn write_message(out: &MessageOut<'_>, to: &mut BytesMut) {
    let message = out.message;
    to.extend_from_slice(b"<message");
    if let Some(sender) = message.sender() {
        attribute("from", sender.as_str(), to);
    }
    if let Some(receiver) = message.to() {
        attribute("to", receiver.as_str(), to);
    }
    attribute("id", out.id, to);
    to.extend_from_slice(b" type='chat'>");
    // Always, if need be without a text: a message without it never reaches an agent of SPADE.
    text_element("body", message.body().unwrap_or_default(), to);
    form(message, to);
    exact(message, to);
    to.extend_from_slice(b"</message>");
}

/// The form, with SPADE's order: the fields, then the title. None if there are no fields.
fn form(message: &Message, to: &mut BytesMut) {
    let mut is_open = false;
    message.wire_fields(|name, value| {
        if !is_open {
            is_open = true;
            to.extend_from_slice(b"<x xmlns='jabber:x:data' type='form'>");
        }
        to.extend_from_slice(b"<field");
        attribute("var", name, to);
        to.extend_from_slice(b" type='text-single'>");
        text_element("value", &value, to);
        to.extend_from_slice(b"</field>");
    });
    if is_open {
        text_element("title", FORM_TITLE, to);
        to.extend_from_slice(b"</x>");
    }
}

/// The texts with a carriage return once more. Servers read it and write it as it is, and XML has
/// whoever reads that take it for the end of a line.
fn exact(message: &Message, to: &mut BytesMut) {
    let mut again = |part: Option<&str>, text: &str| {
        if !text.contains('\r') {
            return;
        }
        to.extend_from_slice(b"<text xmlns='");
        to.extend_from_slice(ns::EXACT.as_bytes());
        to.extend_from_slice(b"'");
        if let Some(name) = part {
            attribute("field", name, to);
        }
        to.extend_from_slice(b">");
        to.extend_from_slice(BASE64_STANDARD.encode(text).as_bytes());
        to.extend_from_slice(b"</text>");
    };
    again(None, message.body().unwrap_or_default());
    message.wire_fields(|name, value| again(Some(name), &value));
}

fn attribute(name: &str, value: &str, to: &mut BytesMut) {
    to.extend_from_slice(b" ");
    to.extend_from_slice(name.as_bytes());
    to.extend_from_slice(b"='");
    escape(value, to);
    to.extend_from_slice(b"'");
}

fn text_element(name: &str, text: &str, to: &mut BytesMut) {
    to.extend_from_slice(b"<");
    to.extend_from_slice(name.as_bytes());
    if text.is_empty() {
        to.extend_from_slice(b"/>");
        return;
    }
    to.extend_from_slice(b">");
    escape(text, to);
    to.extend_from_slice(b"</");
    to.extend_from_slice(name.as_bytes());
    to.extend_from_slice(b">");
}

/// Writes text so that it can stand between tags and in an attribute.
fn escape(text: &str, to: &mut BytesMut) {
    let mut rest = text.as_bytes();
    while let Some(place) = rest.iter().position(|byte| written(*byte).is_some()) {
        to.extend_from_slice(&rest[..place]);
        to.extend_from_slice(written(rest[place]).unwrap_or_default());
        rest = &rest[place + 1..];
    }
    to.extend_from_slice(rest);
}

/// How a character is written that XML would take for something else.
fn written(byte: u8) -> Option<&'static [u8]> {
    Some(match byte {
        b'&' => b"&amp;",
        b'<' => b"&lt;",
        b'>' => b"&gt;",
        b'\'' => b"&apos;",
        b'"' => b"&quot;",
        // As they are, an attribute would have a blank for each, and text a line feed for the last.
        b'\t' => b"&#9;",
        b'\n' => b"&#10;",
        b'\r' => b"&#13;",
        _ => return None,
    })
}

/// The most that one stanza may be long, in bytes. Prosody and ejabberd end the connection of who
/// sends more than 256 KiB.
const MAX_STANZA: usize = 250_000;

/// About how long a field is besides its name and value.
const FIELD_FRAME: usize = 64;

/// What about a message cannot be written as XML, or is too much for a server: told to whoever sends
/// it, since a server would end the whole connection for it.
pub(crate) fn unwritable(message: &Message) -> Result<(), MessageError> {
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

/// How long a text is once it is escaped, and perhaps written once more.
fn escaped_length(text: &str) -> usize {
    let escaped = text
        .bytes()
        .map(|byte| written(byte).map_or(1, <[u8]>::len));
    let again = match text.contains('\r') {
        true => 2 * text.len(),
        false => 0,
    };
    escaped.sum::<usize>() + again
}

/// Whether XML 1.0 has this character.
pub(in crate::network::xmpp) fn is_xml(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | '\u{20}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}
