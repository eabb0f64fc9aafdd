//! Writing SL0.

use std::fmt::{Result, Write};

use super::read::is_keyword;
use super::{Action, Argument, Content, Expression, Function, Proposition, Term};
use crate::acl::text::{is_word, write_string, write_text};

pub(super) fn content(out: &mut impl Write, content: &Content) -> Result {
    for (index, expression) in content.expressions().iter().enumerate() {
        out.write_char(if index == 0 { '(' } else { ' ' })?;
        match expression {
            Expression::Action(it) => action(out, it)?,
            Expression::Proposition(it) => proposition(out, it)?,
        }
    }
    out.write_char(')')
}

pub(super) fn action(out: &mut impl Write, action: &Action) -> Result {
    out.write_str("(action ")?;
    term(out, &action.agent)?;
    out.write_char(' ')?;
    term(out, &action.act)?;
    out.write_char(')')
}

pub(super) fn proposition(out: &mut impl Write, proposition: &Proposition) -> Result {
    match proposition {
        Proposition::True => out.write_str("true"),
        Proposition::False => out.write_str("false"),
        Proposition::Done(it) => {
            out.write_str("(done ")?;
            action(out, it)?;
            out.write_char(')')
        }
        Proposition::Result(of, what) => {
            out.write_str("(result ")?;
            term(out, of)?;
            out.write_char(' ')?;
            term(out, what)?;
            out.write_char(')')
        }
        Proposition::Predicate(it) if it.arguments.is_empty() => head(out, &it.name),
        Proposition::Predicate(it) => function(out, it),
    }
}

pub(super) fn term(out: &mut impl Write, term: &Term) -> Result {
    match term {
        Term::Text(text) => name(out, text),
        Term::Bool(value) => write!(out, "{value}"),
        Term::Integer(value) => write!(out, "{value}"),
        // With a fraction or an exponent, however round it is.
        Term::Float(value) => write!(out, "{value:?}"),
        Term::DateTime(value) => write!(out, "{value}"),
        Term::Set(terms) => aggregate(out, "(set", terms),
        Term::Sequence(terms) => aggregate(out, "(sequence", terms),
        Term::Function(it) => function(out, it),
        Term::Action(it) => action(out, it),
    }
}

fn aggregate(out: &mut impl Write, open: &str, terms: &[Term]) -> Result {
    out.write_str(open)?;
    for it in terms {
        out.write_char(' ')?;
        term(out, it)?;
    }
    out.write_char(')')
}

fn function(out: &mut impl Write, function: &Function) -> Result {
    out.write_char('(')?;
    head(out, &function.name)?;
    for Argument { name, value } in &function.arguments {
        out.write_char(' ')?;
        if let Some(name) = name {
            out.write_char(':')?;
            write_text(out, name)?;
            out.write_char(' ')?;
        }
        term(out, value)?;
    }
    out.write_char(')')
}

/// Words that open a formula in all of SL, and so in JADE's parser, whatever the profile.
const OPERATORS: [&str; 15] = [
    "all", "and", "any", "b", "equiv", "exists", "feasible", "forall", "i", "implies", "iota",
    "not", "or", "pg", "u",
];

/// The name of a function or a predicate.
fn head(out: &mut impl Write, text: &str) -> Result {
    let is_operator = |operator: &&str| operator.eq_ignore_ascii_case(text);
    match OPERATORS.iter().any(is_operator) {
        true => write_string(out, text),
        false => name(out, text),
    }
}

/// A text that may be a word, but none that means something by itself.
fn name(out: &mut impl Write, text: &str) -> Result {
    match is_word(text) && !is_keyword(text) {
        true => out.write_str(text),
        false => write_string(out, text),
    }
}
