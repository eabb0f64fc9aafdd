//! SL0, the content language in which platforms are managed (SC00008, the profile `fipa-sl0`).
//!
//! A [`Content`] is a list of expressions: [actions](Action), which somebody shall do, and
//! [propositions](Proposition), which are true or false. They are about [terms](Term).
//!
//! ```
//! use peak::acl::sl0::{Content, Expression, Term};
//!
//! let text = "((action (agent-identifier :name oven@localhost) (heat :to 180 :until \"it is done\")))";
//! let content: Content = text.parse()?;
//! let [Expression::Action(action)] = content.expressions() else { panic!("it is one action") };
//! let Term::Function(heat) = &action.act else { panic!("it is a function") };
//! assert_eq!(heat.name, "heat");
//! assert_eq!(heat.named("to"), Some(&Term::Integer(180)));
//! assert_eq!(content.to_string(), text);
//! # Ok::<(), peak::acl::SyntaxError>(())
//! ```
//!
//! What is read is a little more than SL0, so that what others write is understood: keywords in any
//! case, a proposition in parentheses without arguments, named arguments of predicates, named ones
//! beside others. What is written is SL0, if the value is. `true` and `false` as terms are JADE's.

mod read;
#[cfg(test)]
pub(super) mod tests;
mod write;

use std::fmt;
use std::str::FromStr;

use super::{AgentIdentifier, DateTime, SyntaxError};

/// What a message says: one expression or more.
///
/// A message with such a content has [`LANGUAGE`] for its language.
#[derive(Debug, Clone, PartialEq)]
pub struct Content(Vec<Expression>);

/// The name of the language, for [`AclMessage::language`](super::AclMessage::language).
pub const LANGUAGE: &str = "fipa-sl0";

impl Content {
    /// A content of one expression.
    pub fn new(expression: impl Into<Expression>) -> Self {
        Self(vec![expression.into()])
    }

    /// The same with one expression more.
    #[must_use]
    pub fn and(mut self, expression: impl Into<Expression>) -> Self {
        self.0.push(expression.into());
        self
    }

    /// The expressions, of which there is at least one.
    pub fn expressions(&self) -> &[Expression] {
        &self.0
    }
}

/// One thing that a message says.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// That somebody shall do, or does, something.
    Action(Action),
    /// That something is so.
    Proposition(Proposition),
}

/// `(action AGENT ACT)`: what somebody does.
#[derive(Debug, Clone, PartialEq)]
pub struct Action {
    /// Who does it: in general `(agent-identifier …)`.
    pub agent: Term,
    /// What it is: in general a function.
    pub act: Term,
}

impl Action {
    /// The action of an agent.
    pub fn new(agent: &AgentIdentifier, act: impl Into<Term>) -> Self {
        Self {
            agent: agent.into(),
            act: act.into(),
        }
    }
}

/// Something that is so, or not.
#[derive(Debug, Clone, PartialEq)]
pub enum Proposition {
    /// `true`
    True,
    /// `false`
    False,
    /// `(done ACTION)`
    Done(Action),
    /// `(result TERM TERM)`: of an action, and what came of it.
    Result(Term, Term),
    /// `(predicate TERM …)`, or `proposition` alone if there are no terms.
    Predicate(Function),
}

/// Something that can be talked about.
#[derive(Debug, Clone, PartialEq)]
pub enum Term {
    /// A word or a string; there is no difference between `tea` and `"tea"`.
    Text(String),
    /// `true` or `false`, which are no strings for JADE.
    Bool(bool),
    /// A number without a fraction.
    Integer(i64),
    /// A number with a fraction or an exponent. What is no number or not finite, which SL cannot
    /// write, is written as a word.
    Float(f64),
    /// A moment, or a time from now.
    DateTime(DateTime),
    /// `(set TERM …)`
    Set(Vec<Term>),
    /// `(sequence TERM …)`
    Sequence(Vec<Term>),
    /// `(function TERM …)`, or `(function :name TERM …)`.
    Function(Function),
    /// `(action AGENT ACT)`
    Action(Box<Action>),
}

/// A name with arguments: of a functional term, or of a predicate.
#[derive(Debug, Clone, PartialEq)]
pub struct Function {
    /// The name.
    pub name: String,
    /// The arguments. FIPA allows either names for all of them, or for none.
    pub arguments: Vec<Argument>,
}

/// An argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// Its name, without the colon.
    pub name: Option<String>,
    /// What it is.
    pub value: Term,
}

impl Function {
    /// A name without arguments.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            arguments: Vec::new(),
        }
    }

    /// The same with one argument more.
    #[must_use]
    pub fn with(mut self, value: impl Into<Term>) -> Self {
        self.arguments.push(Argument {
            name: None,
            value: value.into(),
        });
        self
    }

    /// The same with one argument more, which has a name.
    #[must_use]
    pub fn with_named(mut self, name: impl Into<String>, value: impl Into<Term>) -> Self {
        self.arguments.push(Argument {
            name: Some(name.into()),
            value: value.into(),
        });
        self
    }

    /// The first argument of this name, in whatever case.
    pub fn named(&self, name: &str) -> Option<&Term> {
        let mut arguments = self.arguments.iter();
        let is_it = |known: &String| known.eq_ignore_ascii_case(name);
        let found = arguments.find(|argument| argument.name.as_ref().is_some_and(is_it));
        found.map(|argument| &argument.value)
    }
}

macro_rules! from {
    ($($from:ty => $into:ident :: $variant:ident,)*) => {$(
        impl From<$from> for $into {
            fn from(value: $from) -> Self {
                Self::$variant(value)
            }
        }
    )*};
}

from! {
    Action => Expression::Action,
    Proposition => Expression::Proposition,
    String => Term::Text,
    bool => Term::Bool,
    i64 => Term::Integer,
    f64 => Term::Float,
    DateTime => Term::DateTime,
    Function => Term::Function,
    Function => Proposition::Predicate,
}

impl From<&str> for Term {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Action> for Term {
    fn from(action: Action) -> Self {
        Self::Action(Box::new(action))
    }
}

macro_rules! text_form {
    ($($type:ident $read:ident $write:ident)*) => {$(
        impl FromStr for $type {
            type Err = SyntaxError;

            fn from_str(text: &str) -> Result<Self, SyntaxError> {
                read::alone(text, read::$read)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write::$write(f, self)
            }
        }
    )*};
}

text_form! {
    Content content content
    Action action action
    Proposition proposition proposition
    Term term_alone term
}
