//! Templates to unions of conjunctions.

use super::atom::{Atom, Known, KnownJid, METADATA};
use super::{EVERY_ACT, MOST_PARTS, Part};
use crate::model::template::{Condition, PerformativeValue};
use quote::ToTokens;

/// Turns conditions into parts.
#[derive(Default)]
pub(super) struct Reader {
    /// The first reason why some parts hold nothing.
    pub(super) conflict: Option<String>,
}

impl Reader {
    /// All conditions hold.
    pub(super) fn every(&mut self, conditions: &[Condition]) -> Option<Vec<Part>> {
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
                    value: Known::of(value),
                },
                holds,
            )),
            Condition::Metadata { key, value } => Some(fact(
                Atom::Text {
                    key: format!("{METADATA}{}", key.value()),
                    value: Known::of(value),
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
                let value = KnownJid::of(value);
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
