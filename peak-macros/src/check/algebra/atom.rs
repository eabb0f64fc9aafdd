//! Single statements about a message, and what follows from them.

use crate::model::template::{JidValue, TextValue};
use jid::Jid;
use quote::ToTokens;

/// One statement about a message that is either true or false.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Atom {
    /// A text key, or a metadata field, has this value.
    Text { key: String, value: Known },
    /// An address is this one; a bare one includes its resources.
    Jid { key: &'static str, value: KnownJid },
    /// The metadata field is there; its key as in [`Atom::Text`].
    Present { key: String },
    /// The performative is the value of this expression.
    Act { source: String },
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Known {
    Literal(String),
    /// Equal source, equal value; nothing else is known.
    Source(String),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum KnownJid {
    Literal(Jid),
    Source(String),
}

/// Keeps metadata fields apart from keys of the same name.
pub(super) const METADATA: &str = "metadata ";

impl Known {
    pub(super) fn of(value: &TextValue) -> Self {
        match value {
            TextValue::Literal(text) => Self::Literal(text.value()),
            TextValue::Expr(expr) => Self::Source(expr.to_token_stream().to_string()),
        }
    }
}

impl KnownJid {
    pub(super) fn of(value: &JidValue) -> Self {
        match value {
            JidValue::Literal(jid, _) => Self::Literal(jid.clone()),
            JidValue::Expr(expr) => Self::Source(expr.to_token_stream().to_string()),
        }
    }
}

impl Atom {
    /// Whenever this holds, the other does.
    pub(super) fn implies(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Text { key, .. }, Self::Present { key: present }) => key == present,
            (
                Self::Jid {
                    key,
                    value: KnownJid::Literal(jid),
                },
                Self::Jid {
                    key: other_key,
                    value: KnownJid::Literal(other),
                },
            ) => {
                key == other_key
                    && (jid == other || (other.is_bare() && jid.to_bare() == other.to_bare()))
            }
            _ => self == other,
        }
    }

    /// This and the other never hold together.
    pub(super) fn excludes(&self, other: &Self) -> bool {
        match (self, other) {
            (
                Self::Text {
                    key,
                    value: Known::Literal(text),
                },
                Self::Text {
                    key: other_key,
                    value: Known::Literal(other),
                },
            ) => key == other_key && text != other,
            (
                Self::Jid {
                    key,
                    value: KnownJid::Literal(_),
                },
                Self::Jid {
                    key: other_key,
                    value: KnownJid::Literal(_),
                },
            ) => key == other_key && !self.implies(other) && !other.implies(self),
            _ => false,
        }
    }

    fn key(&self) -> &str {
        match self {
            Self::Text { key, .. } | Self::Present { key } => key,
            Self::Jid { key, .. } => key,
            Self::Act { .. } => "performative",
        }
    }

    fn value(&self) -> String {
        match self {
            Self::Text {
                value: Known::Literal(text),
                ..
            } => format!("{text:?}"),
            Self::Jid {
                value: KnownJid::Literal(jid),
                ..
            } => format!("{:?}", jid.as_str()),
            Self::Text {
                value: Known::Source(source),
                ..
            }
            | Self::Jid {
                value: KnownJid::Source(source),
                ..
            }
            | Self::Act { source } => format!("`{source}`"),
            Self::Present { .. } => "present".to_owned(),
        }
    }
}

/// Why two statements cannot both be true, each with whether it is to hold.
pub(super) fn clash_words(known: (&Atom, bool), new: (&Atom, bool)) -> String {
    let (yes, no) = match (known, new) {
        ((one, true), (other, true)) => {
            return format!(
                "its {} cannot be both {} and {}",
                name(one),
                one.value(),
                other.value()
            );
        }
        ((yes, true), (no, _)) | ((no, _), (yes, _)) => (yes, no),
    };
    if yes == no {
        format!(
            "its {} would have to be {} and also not be it",
            name(yes),
            yes.value()
        )
    } else {
        format!(
            "its {} would have to be {} and also not {}",
            name(yes),
            yes.value(),
            no.value()
        )
    }
}

fn name(atom: &Atom) -> String {
    match atom.key().strip_prefix(METADATA) {
        Some(key) => format!("metadata field `{key}`"),
        None => format!("`{}`", atom.key()),
    }
}
