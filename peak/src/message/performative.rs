//! The 22 communicative acts of FIPA (specification SC00037).

use std::fmt;
use std::str::FromStr;

/// What a message does: one of the 22 FIPA communicative acts (FIPA SC00037).
///
/// ```
/// use peak::Performative;
///
/// let act: Performative = "query-ref".parse()?;
/// assert_eq!(act, Performative::QueryRef);
/// assert_eq!(act.to_string(), "query-ref");
/// # Ok::<(), peak::UnknownPerformative>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
#[expect(
    missing_docs,
    reason = "the acts are named and defined by FIPA SC00037"
)]
pub enum Performative {
    AcceptProposal,
    Agree,
    Cancel,
    Cfp,
    Confirm,
    Disconfirm,
    Failure,
    Inform,
    InformIf,
    InformRef,
    NotUnderstood,
    Propagate,
    Propose,
    Proxy,
    QueryIf,
    QueryRef,
    Refuse,
    RejectProposal,
    Request,
    RequestWhen,
    RequestWhenever,
    Subscribe,
}

/// All acts with their names on the wire, in the order of the variants.
const NAMES: [(Performative, &str); 22] = [
    (Performative::AcceptProposal, "accept-proposal"),
    (Performative::Agree, "agree"),
    (Performative::Cancel, "cancel"),
    (Performative::Cfp, "cfp"),
    (Performative::Confirm, "confirm"),
    (Performative::Disconfirm, "disconfirm"),
    (Performative::Failure, "failure"),
    (Performative::Inform, "inform"),
    (Performative::InformIf, "inform-if"),
    (Performative::InformRef, "inform-ref"),
    (Performative::NotUnderstood, "not-understood"),
    (Performative::Propagate, "propagate"),
    (Performative::Propose, "propose"),
    (Performative::Proxy, "proxy"),
    (Performative::QueryIf, "query-if"),
    (Performative::QueryRef, "query-ref"),
    (Performative::Refuse, "refuse"),
    (Performative::RejectProposal, "reject-proposal"),
    (Performative::Request, "request"),
    (Performative::RequestWhen, "request-when"),
    (Performative::RequestWhenever, "request-whenever"),
    (Performative::Subscribe, "subscribe"),
];

impl Performative {
    /// Every act, in alphabetical order.
    pub fn all() -> impl Iterator<Item = Performative> {
        NAMES.iter().map(|(act, _)| *act)
    }

    /// The name on the wire, such as `accept-proposal`.
    pub const fn as_str(self) -> &'static str {
        NAMES[self as usize].1
    }

    /// Whether FIPA's protocols have the receiver answer this act.
    ///
    /// A request, a question, a call for proposals, a proposal or a subscription waits for an
    /// answer; a statement (`inform`, `confirm`, …) and an answer (`agree`, `refuse`, …) do not.
    /// An agent that has no handler for an act of the first kind answers `not-understood`.
    pub const fn wants_answer(self) -> bool {
        match self {
            Self::AcceptProposal
            | Self::Cancel
            | Self::Cfp
            | Self::Propagate
            | Self::Propose
            | Self::Proxy
            | Self::QueryIf
            | Self::QueryRef
            | Self::Request
            | Self::RequestWhen
            | Self::RequestWhenever
            | Self::Subscribe => true,
            Self::Agree
            | Self::Confirm
            | Self::Disconfirm
            | Self::Failure
            | Self::Inform
            | Self::InformIf
            | Self::InformRef
            | Self::NotUnderstood
            | Self::Refuse
            | Self::RejectProposal => false,
        }
    }
}

impl Performative {
    /// Whether this act begins an exchange, so that it can never be the answer within another.
    pub(crate) const fn opens_exchange(self) -> bool {
        // These two want an answer within an exchange that another act has opened.
        self.wants_answer() && !matches!(self, Self::AcceptProposal | Self::Propose)
    }
}

impl fmt::Display for Performative {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is none of the 22 performatives of FIPA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown performative `{word}`{}", near.map(|near| format!(": did you mean `{near}`?")).unwrap_or_default())]
pub struct UnknownPerformative {
    word: String,
    near: Option<&'static str>,
}

impl FromStr for Performative {
    type Err = UnknownPerformative;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        match NAMES.binary_search_by(|(_, name)| name.as_bytes().cmp(word.as_bytes())) {
            Ok(index) => Ok(NAMES[index].0),
            Err(_) => Err(UnknownPerformative {
                word: word.to_owned(),
                near: crate::text::nearest(word, NAMES.iter().map(|(_, name)| *name)),
            }),
        }
    }
}

/// A set of performatives, one of them perhaps "none": what a template lets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PerformativeSet(u32);

impl PerformativeSet {
    /// Every act, and a message without one.
    pub(crate) const ALL: Self = Self((1 << 23) - 1);

    pub(crate) const fn of(act: Option<Performative>) -> Self {
        match act {
            Some(act) => Self(1 << act as u32),
            None => Self(1 << 22),
        }
    }

    pub(crate) const fn contains(self, act: Option<Performative>) -> bool {
        self.0 & Self::of(act).0 != 0
    }

    pub(crate) const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const NONE: Self = Self(0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_stand_at_their_variant() {
        assert!(NAMES.windows(2).all(|pair| pair[0].1 < pair[1].1));
        for (index, (act, name)) in NAMES.iter().enumerate() {
            assert_eq!(*act as usize, index);
            assert_eq!(name.parse(), Ok(*act));
        }
    }

    #[test]
    fn an_unknown_word_names_the_nearest_act() {
        let error = "informs".parse::<Performative>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "unknown performative `informs`: did you mean `inform`?"
        );
        let error = "frobnicate".parse::<Performative>().unwrap_err();
        assert_eq!(error.to_string(), "unknown performative `frobnicate`");
    }
}
