//! The named parameters of a functional term, read and written.

use super::ManagementError;
use crate::acl::DateTime;
use crate::acl::sl0::{Function, Term};
use crate::acl::text::shown;
use crate::text::nearest;

pub(super) type Result<T> = std::result::Result<T, ManagementError>;

/// The parameters of an object, each of which is known and there once.
#[derive(Debug)]
pub(super) struct Fields<'a> {
    object: &'static str,
    function: &'a Function,
}

impl<'a> Fields<'a> {
    /// The parameters of a term that shall be such an object. `is_own` tells those that are allowed
    /// besides.
    pub(super) fn of(
        term: &'a Term,
        object: &'static str,
        known: &[&'static str],
        is_own: fn(&str) -> bool,
    ) -> Result<Self> {
        let function = match term {
            Term::Function(function) if function.name.eq_ignore_ascii_case(object) => function,
            _ => return Err(ManagementError::unexpected(term, object)),
        };
        let mut seen = vec![false; known.len()];
        for argument in &function.arguments {
            let Some(name) = &argument.name else {
                let expected = "parameters with names, as in `:name`";
                return Err(ManagementError::unexpected(&argument.value, expected));
            };
            let place = known
                .iter()
                .position(|known| known.eq_ignore_ascii_case(name));
            match place {
                Some(place) if std::mem::replace(&mut seen[place], true) => {
                    return Err(ManagementError::RepeatedParameter {
                        object,
                        parameter: name.clone(),
                    });
                }
                None if !is_own(name) => {
                    return Err(ManagementError::UnexpectedParameter {
                        object,
                        parameter: name.clone(),
                        near: nearest(name, known.iter().copied()),
                    });
                }
                _ => {}
            }
        }
        Ok(Self { object, function })
    }

    /// All parameters with their names.
    pub(super) fn all(&self) -> impl Iterator<Item = (&'a str, &'a Term)> {
        let arguments = self.function.arguments.iter();
        arguments.filter_map(|argument| Some((argument.name.as_deref()?, &argument.value)))
    }

    /// What stands under a name.
    pub(super) fn term(&self, name: &str) -> Option<&'a Term> {
        self.function.named(name)
    }

    pub(super) fn text(&self, name: &'static str) -> Result<Option<String>> {
        self.read(name, "a text", |term| match term {
            Term::Text(text) => Some(text.clone()),
            _ => None,
        })
    }

    pub(super) fn integer(&self, name: &'static str) -> Result<Option<i64>> {
        self.read(name, "a number without a fraction", |term| match term {
            Term::Integer(number) => Some(*number),
            _ => None,
        })
    }

    pub(super) fn date_time(&self, name: &'static str) -> Result<Option<DateTime>> {
        let expected = "a date and time, as in `20261122T123000000Z`";
        self.read(name, expected, |term| match term {
            Term::DateTime(time) => Some(*time),
            _ => None,
        })
    }

    /// A parameter that is an object itself.
    pub(super) fn object<T: TryFrom<&'a Term, Error = ManagementError>>(
        &self,
        name: &str,
    ) -> Result<Option<T>> {
        self.term(name).map(T::try_from).transpose()
    }

    /// A set or a sequence of texts; empty if it is not there.
    pub(super) fn texts(&self, name: &'static str) -> Result<Vec<String>> {
        let texts = self.list(name)?.iter().map(|term| match term {
            Term::Text(text) => Ok(text.clone()),
            _ => Err(self.unrecognised(name, term, "texts alone")),
        });
        texts.collect()
    }

    /// A set or a sequence of objects; empty if it is not there.
    pub(super) fn objects<T: TryFrom<&'a Term, Error = ManagementError>>(
        &self,
        name: &'static str,
    ) -> Result<Vec<T>> {
        self.list(name)?.iter().map(T::try_from).collect()
    }

    /// An error about a parameter that is not there.
    pub(super) fn missing(&self, parameter: &'static str) -> ManagementError {
        ManagementError::MissingParameter {
            object: self.object,
            parameter,
        }
    }

    fn list(&self, name: &'static str) -> Result<&'a [Term]> {
        match self.term(name) {
            None => Ok(&[]),
            Some(Term::Set(terms) | Term::Sequence(terms)) => Ok(terms),
            Some(term) => Err(self.unrecognised(name, term, "a set or a sequence")),
        }
    }

    fn read<T>(
        &self,
        name: &'static str,
        expected: &'static str,
        read: fn(&Term) -> Option<T>,
    ) -> Result<Option<T>> {
        let read = |term| read(term).ok_or_else(|| self.unrecognised(name, term, expected));
        self.term(name).map(read).transpose()
    }

    fn unrecognised(
        &self,
        parameter: &'static str,
        found: &Term,
        expected: &'static str,
    ) -> ManagementError {
        ManagementError::UnrecognisedParameterValue {
            object: self.object,
            parameter,
            found: shown(&found.to_string()),
            expected,
        }
    }
}

/// Nothing but what FIPA has.
pub(super) fn none(_: &str) -> bool {
    false
}

/// Writing parameters that may be there or not.
pub(super) trait Write: Sized {
    fn with_optional(self, name: &str, value: Option<impl Into<Term>>) -> Self;
    fn with_set(self, name: &str, terms: impl IntoIterator<Item = Term>) -> Self;
    fn with_sequence(self, name: &str, terms: impl IntoIterator<Item = Term>) -> Self;

    fn with_texts(self, name: &str, texts: &[String]) -> Self {
        self.with_set(name, texts.iter().map(|text| Term::from(text.as_str())))
    }
}

impl Write for Function {
    fn with_optional(self, name: &str, value: Option<impl Into<Term>>) -> Self {
        match value {
            Some(value) => self.with_named(name, value),
            None => self,
        }
    }

    fn with_set(self, name: &str, terms: impl IntoIterator<Item = Term>) -> Self {
        let terms: Vec<Term> = terms.into_iter().collect();
        self.with_optional(name, (!terms.is_empty()).then_some(Term::Set(terms)))
    }

    fn with_sequence(self, name: &str, terms: impl IntoIterator<Item = Term>) -> Self {
        let terms: Vec<Term> = terms.into_iter().collect();
        self.with_optional(name, (!terms.is_empty()).then_some(Term::Sequence(terms)))
    }
}
