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

    pub(super) fn get_or_set(
        &mut self,
        field: Field,
        value: impl FnOnce() -> SmolStr,
    ) -> SmolStr {
        self.0[field as usize].get_or_insert_with(value).clone()
    }

    /// Takes over what is not set here.
    pub(super) fn fill(&mut self, others: Self) {
        for (text, other) in self.0.iter_mut().zip(others.0) {
            if text.is_none() {
                *text = other;
            }
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (Field, &str)> {
        FIELDS
            .iter()
            .filter_map(|(field, _)| self.get(*field).map(|text| (*field, text)))
    }

    /// What an answer takes over (FIPA SC00061): the conversation and the terms it is held in.
    pub(super) fn for_reply(&self) -> Self {
        let mut reply = Self::default();
        for field in [
            Field::ConversationId,
            Field::Thread,
            Field::Protocol,
            Field::Ontology,
            Field::Language,
        ] {
            reply.0[field as usize].clone_from(&self.0[field as usize]);
        }
        reply.0[Field::InReplyTo as usize].clone_from(&self.0[Field::ReplyWith as usize]);
        reply
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
