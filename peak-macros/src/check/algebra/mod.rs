//! The set algebra of templates: which messages one takes, and whether others leave any of them.
//!
//! A template becomes a union of conjunctions over atoms. The performative is a closed set, so it is
//! a bit set; everything else is equality on open sets, of which two facts are used: when one atom
//! implies another, and when two exclude each other. What is unknown (the value of an expression)
//! counts as neither, so every claim made here is certain, and some true ones are not made.

mod atom;
mod reader;

use crate::model::template::Template;
use crate::vocabulary::{PERFORMATIVES, UNANSWERED};
use atom::{Atom, clash_words};
use reader::Reader;

/// A set of performatives; the bit after the last of them is "none at all".
type Acts = u32;

const EVERY_ACT: Acts = (1 << (PERFORMATIVES.len() + 1)) - 1;

/// A union with more parts than this is not looked into.
const MOST_PARTS: usize = 128;
/// A comparison with more steps than this is given up.
const MOST_STEPS: usize = 4096;

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
