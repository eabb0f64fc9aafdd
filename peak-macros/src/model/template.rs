//! Templates: which messages a handler takes.

use jid::Jid;
use syn::{Expr, LitStr};

/// A conjunction: a message matches if it meets every condition.
#[derive(Debug, Clone, Default)]
pub(crate) struct Template {
    pub(crate) conditions: Vec<Condition>,
}

#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Performative(PerformativeValue),
    Text {
        key: &'static str,
        value: TextValue,
    },
    Jid {
        key: &'static str,
        value: JidValue,
    },
    /// `metadata(key)`: present, whatever its value.
    HasMetadata {
        key: LitStr,
    },
    /// `metadata(key = "value")`
    Metadata {
        key: LitStr,
        value: TextValue,
    },
    All(Vec<Condition>),
    Any(Vec<Condition>),
    /// None or not all of these: `not(a, b)` is `not(all(a, b))`.
    Not(Vec<Condition>),
}

#[derive(Debug, Clone)]
pub(crate) enum PerformativeValue {
    /// Its place in the vocabulary, and the literal that named it.
    Known(usize, LitStr),
    Expr(Box<Expr>),
}

#[derive(Debug, Clone)]
pub(crate) enum TextValue {
    Literal(LitStr),
    Expr(Box<Expr>),
}

#[derive(Debug, Clone)]
pub(crate) enum JidValue {
    /// Checked; the literal keeps the user's spelling.
    Literal(Jid, LitStr),
    Expr(Box<Expr>),
}
