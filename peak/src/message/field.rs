//! The parameters of a message that are plain text, kept in one small table.

use smol_str::SmolStr;

/// A parameter that is plain text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    ConversationId,
    Thread,
    ReplyWith,
    InReplyTo,
    Protocol,
    Ontology,
    Language,
    Encoding,
}

const FIELDS: [(Field, &str); 8] = [
    (Field::ConversationId, "conversation_id"),
    (Field::Thread, "thread"),
    (Field::ReplyWith, "reply_with"),
    (Field::InReplyTo, "in_reply_to"),
    (Field::Protocol, "protocol"),
    (Field::Ontology, "ontology"),
    (Field::Language, "language"),
    (Field::Encoding, "encoding"),
];

impl Field {
    /// The name as it is written in a template.
    pub(crate) fn name(self) -> &'static str {
        FIELDS[self as usize].1
    }
}

/// One text, or none, for each [`Field`].
#[derive(Clone, Default)]
pub(super) struct Texts([Option<SmolStr>; FIELDS.len()]);

impl Texts {
    pub(super) fn get(&self, field: Field) -> Option<&str> {
        self.0[field as usize].as_deref()
    }

    pub(super) fn get_shared(&self, field: Field) -> Option<&SmolStr> {
        self.0[field as usize].as_ref()
    }

    pub(super) fn set(&mut self, field: Field, value: SmolStr) {
        self.0[field as usize] = Some(value);
    }

    pub(super) fn get_or_set(&mut self, field: Field, value: impl FnOnce() -> SmolStr) -> SmolStr {
        self.0[field as usize].get_or_insert_with(value).clone()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        FIELDS
            .iter()
            .filter_map(|(field, _)| self.get(*field).map(|text| (*field, text)))
    }

    /// Takes over from the message that is answered (FIPA SC00061), unless set here: the
    /// conversation, and the terms it is held in.
    pub(super) fn answer(&mut self, question: &Self) {
        for (field, from) in [
            (Field::ConversationId, Field::ConversationId),
            (Field::InReplyTo, Field::ReplyWith),
            (Field::Thread, Field::Thread),
            (Field::Protocol, Field::Protocol),
            (Field::Ontology, Field::Ontology),
            (Field::Language, Field::Language),
        ] {
            let text = &mut self.0[field as usize];
            if text.is_none()
                && let Some(value) = &question.0[from as usize]
            {
                *text = Some(value.clone());
            }
        }
    }
}

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
