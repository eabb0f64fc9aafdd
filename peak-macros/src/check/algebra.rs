//! The set algebra of templates: which messages one takes, and whether others leave any of them.
//!
//! A template becomes a union of conjunctions over atoms. The performative is a closed set, so it is
//! a bit set; everything else is equality on open sets, of which two facts are used: when one atom
//! implies another, and when two exclude each other. What is unknown (the value of an expression)
//! counts as neither, so every claim made here is certain, and some true ones are not made.

use crate::model::template::{Condition, JidValue, PerformativeValue, Template, TextValue};
use crate::vocabulary::{PERFORMATIVES, UNANSWERED};
use jid::Jid;
use quote::ToTokens;

/// A set of performatives; the bit after the last of them is "none at all".
type Acts = u32;

const EVERY_ACT: Acts = (1 << (PERFORMATIVES.len() + 1)) - 1;

/// A union with more parts than this is not looked into.
const MOST_PARTS: usize = 128;
/// A comparison with more steps than this is given up.
const MOST_STEPS: usize = 4096;

/// One statement about a message that is either true or false.
#[derive(Debug, Clone, PartialEq)]
enum Atom {
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
enum Known {
    Literal(String),
    /// Equal source, equal value; nothing else is known.
    Source(String),
}

#[derive(Debug, Clone, PartialEq)]
enum KnownJid {
    Literal(Jid),
    Source(String),
}

/// Conditions that hold together.
#[derive(Debug, Clone)]
struct Part {
    acts: Acts,
    /// Each with whether it holds.
    atoms: Vec<(Atom, bool)>,
}

/// The messages that a template takes.
#[derive(Debug)]
pub(crate) struct Set {
    parts: Vec<Part>,
    /// Why a part was found to be empty; the first such reason.
    conflict: Option<String>,
}

impl Set {
    /// `None` if the template is too large to look into.
    pub(crate) fn of(template: &Template) -> Option<Self> {
        let mut reader = Reader::default();
        let parts = reader.every(&template.conditions)?;
        Some(Self {
            parts,
            conflict: reader.conflict,
        })
    }

    /// Why no message is in this set, if none is.
    pub(crate) fn conflict(&self) -> Option<&str> {
        if self.parts.is_empty() {
            self.conflict.as_deref()
        } else {
            None
        }
    }

    /// Nothing in this set is ever answered.
    pub(crate) fn is_unanswered(&self) -> bool {
        let admitted = self.parts.iter().fold(0, |acts, part| acts | part.acts);
        let answered = PERFORMATIVES
            .iter()
            .enumerate()
            .filter(|(_, (wire, _))| !UNANSWERED.contains(wire))
            .fold(1 << PERFORMATIVES.len(), |acts, (index, _)| {
                acts | (1 << index)
            });
        admitted != 0 && admitted & answered == 0
    }

    /// Whether every message of this set is in one of the others.
    pub(crate) fn is_covered_by(&self, others: &[&Self]) -> bool {
        let parts: Vec<&Part> = others.iter().flat_map(|set| &set.parts).collect();
        let mut steps = MOST_STEPS;
        !self.parts.is_empty()
            && self
                .parts
                .iter()
                .all(|part| part.is_covered_by(&parts, &mut steps))
    }
}

impl Part {
    const fn everything() -> Self {
        Self {
            acts: EVERY_ACT,
            atoms: Vec::new(),
        }
    }

    /// This part, where the atom holds (or does not); `Err` says why that leaves nothing.
    fn with(&self, atom: &Atom, holds: bool) -> Result<Self, String> {
        for (known, known_holds) in &self.atoms {
            let clash = match (holds, known_holds) {
                (true, true) => atom.excludes(known),
                (true, false) => atom.implies(known),
                (false, true) => known.implies(atom),
                (false, false) => false,
            };
            if clash {
                return Err(clash_words((known, *known_holds), (atom, holds)));
            }
        }
        let mut part = self.clone();
        if !part
            .atoms
            .iter()
            .any(|(known, known_holds)| known == atom && *known_holds == holds)
        {
            part.atoms.push((atom.clone(), holds));
        }
        Ok(part)
    }

    /// This part, with these acts only.
    fn within(&self, acts: Acts) -> Result<Self, String> {
        let left = self.acts & acts;
        if left == 0 {
            return Err(match (single(self.acts), single(acts)) {
                (Some(one), Some(other)) => {
                    format!("its performative cannot be both `{one}` and `{other}`")
                }
                (Some(one), None) | (None, Some(one)) => {
                    format!("its performative would have to be `{one}` and also not be it")
                }
                (None, None) => "no performative meets all its conditions".to_owned(),
            });
        }
        Ok(Self {
            acts: left,
            atoms: self.atoms.clone(),
        })
    }

    fn both(&self, other: &Self) -> Result<Self, String> {
        let mut part = self.within(other.acts)?;
        for (atom, holds) in &other.atoms {
            part = part.with(atom, *holds)?;
        }
        Ok(part)
    }

    /// Takes the others away one by one; what is left of this part at the end is uncovered.
    fn is_covered_by(&self, others: &[&Self], steps: &mut usize) -> bool {
        let Some((first, rest)) = others.split_first() else {
            return false;
        };
        let Some(left) = steps.checked_sub(1) else {
            return false;
        };
        *steps = left;
        let outside = self.minus(first);
        outside.iter().all(|piece| piece.is_covered_by(rest, steps))
    }

    /// This part without the other, as pieces that do not overlap.
    fn minus(&self, other: &Self) -> Vec<Self> {
        if self.both(other).is_err() {
            // They share nothing; cutting along the other's atoms would only make more pieces.
            return vec![self.clone()];
        }
        let mut pieces = Vec::new();
        pieces.extend(self.within(!other.acts & EVERY_ACT));
        let Ok(mut inside) = self.within(other.acts) else {
            return pieces;
        };
        for (atom, holds) in &other.atoms {
            pieces.extend(inside.with(atom, !holds));
            match inside.with(atom, *holds) {
                Ok(narrower) => inside = narrower,
                Err(_) => break,
            }
        }
        pieces
    }
}

/// The only act in the set, if it is one.
fn single(acts: Acts) -> Option<&'static str> {
    if acts.count_ones() != 1 {
        return None;
    }
    let index = usize::try_from(acts.trailing_zeros()).ok()?;
    PERFORMATIVES.get(index).map(|(wire, _)| *wire)
}

impl Atom {
    /// Whenever this holds, the other does.
    fn implies(&self, other: &Self) -> bool {
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
    fn excludes(&self, other: &Self) -> bool {
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

fn clash_words(known: (&Atom, bool), new: (&Atom, bool)) -> String {
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

/// Keeps metadata fields apart from keys of the same name.
const METADATA: &str = "metadata ";

/// Turns conditions into parts.
#[derive(Default)]
struct Reader {
    conflict: Option<String>,
}

impl Reader {
    /// All conditions hold.
    fn every(&mut self, conditions: &[Condition]) -> Option<Vec<Part>> {
        let mut parts = vec![Part::everything()];
        for condition in conditions {
            let next = self.condition(condition, true)?;
            parts = self.product(&parts, &next)?;
        }
        Some(parts)
    }

    /// Not all of them hold: one at least does not.
    fn not_every(&mut self, conditions: &[Condition]) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        for condition in conditions {
            parts.extend(self.condition(condition, false)?);
        }
        limited(parts)
    }

    fn condition(&mut self, condition: &Condition, holds: bool) -> Option<Vec<Part>> {
        match condition {
            Condition::All(inner) if holds => self.every(inner),
            Condition::All(inner) => self.not_every(inner),
            Condition::Not(inner) if holds => self.not_every(inner),
            Condition::Not(inner) => self.every(inner),
            Condition::Any(inner) => self.any(inner, holds),
            Condition::Performative(PerformativeValue::Known(index, _)) => {
                let act = 1 << index;
                let acts = if holds { act } else { EVERY_ACT & !act };
                Some(vec![Part {
                    acts,
                    atoms: Vec::new(),
                }])
            }
            Condition::Performative(PerformativeValue::Expr(expr)) => Some(fact(
                Atom::Act {
                    source: expr.to_token_stream().to_string(),
                },
                holds,
            )),
            Condition::Text { key, value } => Some(fact(
                Atom::Text {
                    key: (*key).to_owned(),
                    value: known(value),
                },
                holds,
            )),
            Condition::Metadata { key, value } => Some(fact(
                Atom::Text {
                    key: format!("{METADATA}{}", key.value()),
                    value: known(value),
                },
                holds,
            )),
            Condition::HasMetadata { key } => Some(fact(
                Atom::Present {
                    key: format!("{METADATA}{}", key.value()),
                },
                holds,
            )),
            Condition::Jid { key, value } => {
                let value = match value {
                    JidValue::Literal(jid, _) => KnownJid::Literal(jid.clone()),
                    JidValue::Expr(expr) => KnownJid::Source(expr.to_token_stream().to_string()),
                };
                Some(fact(Atom::Jid { key, value }, holds))
            }
        }
    }

    fn any(&mut self, conditions: &[Condition], holds: bool) -> Option<Vec<Part>> {
        if holds {
            let mut parts = Vec::new();
            for condition in conditions {
                parts.extend(self.condition(condition, true)?);
            }
            return limited(parts);
        }
        // None of them holds.
        let mut parts = vec![Part::everything()];
        for condition in conditions {
            let next = self.condition(condition, false)?;
            parts = self.product(&parts, &next)?;
        }
        Some(parts)
    }

    fn product(&mut self, left: &[Part], right: &[Part]) -> Option<Vec<Part>> {
        let mut parts = Vec::new();
        for one in left {
            for other in right {
                match one.both(other) {
                    Ok(part) => parts.push(part),
                    Err(reason) => {
                        self.conflict.get_or_insert(reason);
                    }
                }
            }
            if parts.len() > MOST_PARTS {
                return None;
            }
        }
        Some(parts)
    }
}

fn limited(parts: Vec<Part>) -> Option<Vec<Part>> {
    (parts.len() <= MOST_PARTS).then_some(parts)
}

fn fact(atom: Atom, holds: bool) -> Vec<Part> {
    vec![Part {
        acts: EVERY_ACT,
        atoms: vec![(atom, holds)],
    }]
}

fn known(value: &TextValue) -> Known {
    match value {
        TextValue::Literal(text) => Known::Literal(text.value()),
        TextValue::Expr(expr) => Known::Source(expr.to_token_stream().to_string()),
    }
}
