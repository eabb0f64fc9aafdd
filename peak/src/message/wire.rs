//! A message as SPADE and PEAK carry it: FIPA's parameters and the metadata as one list of named
//! texts. What surrounds the list is the network's business.

use std::borrow::Cow;
use std::time::SystemTime;

use smol_str::SmolStr;

use super::field::Field;
use super::{Jid, Message, Performative, moment};

/// The texts with their names on the wire. FIPA writes them with `-`; SPADE's users often with `_`,
/// which is read as well.
const TEXTS: [(Field, &str); 7] = [
    (Field::Ontology, "ontology"),
    (Field::Language, "language"),
    (Field::Encoding, "encoding"),
    (Field::Protocol, "protocol"),
    (Field::ConversationId, "conversation-id"),
    (Field::ReplyWith, "reply-with"),
    (Field::InReplyTo, "in-reply-to"),
];

/// SPADE's name of the field that carries the thread.
const THREAD: &str = "_thread_node";

impl Message {
    /// A message that came in from the network, so far without content.
    pub(crate) fn received(sender: Option<Jid>, to: Option<Jid>) -> Self {
        let mut message = Self::blank(None);
        (message.sender, message.to) = (sender, to);
        message
    }

    pub(crate) fn set_delayed(&mut self, time: SystemTime) {
        self.edit_rare().delayed = Some(time);
    }

    /// The name under which it came in, for giving it back.
    pub(crate) fn set_stanza_id(&mut self, id: SmolStr) {
        self.edit_rare().stanza_id = Some(id);
    }

    pub(crate) fn stanza_id(&self) -> Option<&str> {
        self.rare()?.stanza_id.as_deref()
    }

    /// Calls `field` with each named text, in SPADE's order: the performative first and the thread
    /// last.
    pub(crate) fn wire_fields<'a>(&'a self, mut field: impl FnMut(&'a str, Cow<'a, str>)) {
        if let Some(act) = self.performative() {
            field("performative", Cow::Borrowed(act.as_str()));
        }
        for (text, name) in TEXTS {
            if let Some(value) = self.field(text) {
                field(name, Cow::Borrowed(value));
            }
        }
        if let Some(to) = self.reply_to() {
            field("reply-to", Cow::Borrowed(to.as_str()));
        }
        if let Some(time) = self.reply_by() {
            field(
                "reply-by",
                humantime::format_rfc3339_millis(time).to_string().into(),
            );
        }
        for (key, value) in self.metadata_entries() {
            field(key, Cow::Borrowed(value));
        }
        if let Some(thread) = self.field(Field::Thread) {
            field(THREAD, Cow::Borrowed(thread));
        }
    }

    /// Takes over a named text. What means nothing here, such as a performative that FIPA does not
    /// have, is kept as metadata.
    pub(crate) fn set_wire_field(&mut self, name: &str, value: &str) {
        match name {
            THREAD => self.set_wire_thread(value),
            "performative" => match performative(value) {
                Some(act) => self.edit().performative = Some(act),
                None => self.add_metadata(name, value),
            },
            "reply-to" | "reply_to" => match value.parse::<Jid>() {
                Ok(jid) => self.edit_rare().reply_to = Some(jid),
                Err(_) => self.add_metadata(name, value),
            },
            "reply-by" | "reply_by" => match time(value) {
                Some(time) => self.edit_rare().reply_by = Some(time),
                None => self.add_metadata(name, value),
            },
            _ => match TEXTS.iter().find(|(_, known)| same_name(known, name)) {
                Some((text, _)) => self.edit().texts.set(*text, SmolStr::new(value)),
                None => self.add_metadata(name, value),
            },
        }
    }

    pub(crate) fn set_wire_thread(&mut self, thread: &str) {
        self.edit().texts.set(Field::Thread, SmolStr::new(thread));
    }

    /// Of several under one key the last counts, as for SPADE.
    fn add_metadata(&mut self, key: &str, value: &str) {
        let entries = &mut self.edit_rare().metadata;
        match entries.iter_mut().find(|(known, _)| known == key) {
            Some(entry) => entry.1 = SmolStr::new(value),
            None => entries.push((SmolStr::new(key), SmolStr::new(value))),
        }
    }
}

/// FIPA's acts are written in any case, and in JADE's programs with `_`.
fn performative(word: &str) -> Option<Performative> {
    let lower = word.to_ascii_lowercase();
    Performative::all().find(|act| same_name(act.as_str(), &lower))
}

/// Whether it is FIPA's name, or SPADE's users' for it.
fn same_name(fipa: &str, name: &str) -> bool {
    fipa.len() == name.len()
        && fipa
            .bytes()
            .zip(name.bytes())
            .all(|(fipa, byte)| fipa == byte || (fipa == b'-' && byte == b'_'))
}

/// A moment as XMPP writes it (XEP-0082), or as FIPA does (`20260801T120000000Z`, SC00070).
fn time(text: &str) -> Option<SystemTime> {
    if let Ok(time) = humantime::parse_rfc3339(text) {
        return Some(time);
    }
    moment::fipa(text)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    fn fields(message: &Message) -> Vec<(String, String)> {
        let mut fields = Vec::new();
        message.wire_fields(|name, value| fields.push((name.to_owned(), value.into_owned())));
        fields
    }

    fn read(fields: &[(String, String)]) -> Message {
        let mut message = Message::new("b@x");
        for (name, value) in fields {
            message.set_wire_field(name, value);
        }
        message
    }

    #[test]
    fn both_spellings_are_read_and_fipas_is_written() {
        let texts = [("conversation_id", "c"), ("reply_with", "r")];
        let message = read(&texts.map(|(name, value)| (name.to_owned(), value.to_owned())));
        assert_eq!(message.conversation_id(), Some("c"));
        assert_eq!(message.reply_with(), Some("r"));
        let names: Vec<_> = fields(&message).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["conversation-id", "reply-with"]);
    }

    #[test]
    fn what_fipa_does_not_know_is_metadata() {
        let texts = [
            ("performative", "BDI"),
            ("reply-to", "@"),
            ("reply-by", "soon"),
        ];
        let texts = texts.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let message = read(&texts);
        assert_eq!(message.performative(), None);
        assert_eq!(message.metadata("performative"), Some("BDI"));
        assert_eq!(fields(&message), texts);
    }

    #[test]
    fn moments_of_both_worlds() {
        let noon = SystemTime::UNIX_EPOCH + Duration::from_millis(1_785_585_600_250);
        assert_eq!(time("2026-08-01T12:00:00.250Z"), Some(noon));
        assert_eq!(time("20260801T120000250Z"), Some(noon));
        assert_eq!(time("20260801T120000250"), None);
        assert_eq!(time("20261301T120000250Z"), None);
    }

    proptest! {
        #[test]
        fn any_fields_are_read_and_come_back(texts in proptest::collection::vec(("[a-z_-]{0,12}|performative|reply-by|reply-to|_thread_node", "\\PC{0,20}"), 0..6)) {
            let message = read(&texts);
            let written = fields(&message);
            prop_assert_eq!(fields(&read(&written)), written);
        }
    }
}
