//! The parameters of a message that are plain text, kept in one small table.

use smol_str::SmolStr;

/// A parameter that is plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    ConversationId,
    ReplyWith,
    InReplyTo,
    Thread,
    Protocol,
    Ontology,
    Language,
    Encoding,
}

const FIELDS: [(Field, &str); 8] = [
    (Field::ConversationId, "conversation_id"),
    (Field::ReplyWith, "reply_with"),
    (Field::InReplyTo, "in_reply_to"),
    (Field::Thread, "thread"),
    (Field::Protocol, "protocol"),
    (Field::Ontology, "ontology"),
    (Field::Language, "language"),
    (Field::Encoding, "encoding"),
];

/// How many of them, from the first, every request and reply has.
const COMMON: usize = 3;

impl Field {
    /// The name as it is written in a template.
    pub(crate) fn name(self) -> &'static str {
        FIELDS[self as usize].1
    }
}

type Text = Option<SmolStr>;

/// One text, or none, for each [`Field`].
///
/// What every request has stands in the message itself, the rest beside it: a message is read on
/// another core than it was written on, and takes the longer the larger it is.
#[derive(Clone, Default)]
pub(super) struct Texts {
    common: [Text; COMMON],
    rest: Option<Box<[Text; FIELDS.len() - COMMON]>>,
}

impl Texts {
    pub(super) fn get(&self, field: Field) -> Option<&str> {
        self.get_shared(field).map(SmolStr::as_str)
    }

    pub(super) fn get_shared(&self, field: Field) -> Option<&SmolStr> {
        match (field as usize).checked_sub(COMMON) {
            None => self.common[field as usize].as_ref(),
            Some(place) => self.rest.as_ref()?[place].as_ref(),
        }
    }

    /// The place of the field, to be written to.
    fn place(&mut self, field: Field) -> &mut Text {
        match (field as usize).checked_sub(COMMON) {
            None => &mut self.common[field as usize],
            Some(place) => &mut self.rest.get_or_insert_default()[place],
        }
    }

    pub(super) fn set(&mut self, field: Field, value: SmolStr) {
        *self.place(field) = Some(value);
    }

    pub(super) fn clear(&mut self, field: Field) {
        *self.place(field) = None;
    }

    pub(super) fn get_or_set(&mut self, field: Field, value: impl FnOnce() -> SmolStr) -> SmolStr {
        self.place(field).get_or_insert_with(value).clone()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        FIELDS
            .iter()
            .filter_map(|(field, _)| self.get(*field).map(|text| (*field, text)))
    }

    /// Takes over from the message that is answered (FIPA SC00061), unless set here: the
    /// conversation, and the terms it is held in.
    pub(super) fn answer(&mut self, question: &Self) {
        for (field, from) in TAKEN_OVER {
            if let Some(value) = question.get_shared(from) {
                self.place(field).get_or_insert_with(|| value.clone());
            }
        }
    }

    /// Whether an answer takes over the same from both.
    pub(super) fn are_answered_like(&self, other: &Self) -> bool {
        let mut taken = TAKEN_OVER.iter().map(|(_, from)| *from);
        taken.all(|field| self.get(field) == other.get(field))
    }
}

/// What an answer has of the message that it answers (FIPA SC00061): its field, and that of the message.
const TAKEN_OVER: [(Field, Field); 6] = [
    (Field::ConversationId, Field::ConversationId),
    (Field::InReplyTo, Field::ReplyWith),
    (Field::Thread, Field::Thread),
    (Field::Protocol, Field::Protocol),
    (Field::Ontology, Field::Ontology),
    (Field::Language, Field::Language),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_stands_at_its_place() {
        for (index, (field, _)) in FIELDS.iter().enumerate() {
            assert_eq!(*field as usize, index);
        }
    }
}
