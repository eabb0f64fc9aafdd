//! Reading SL0.

use std::borrow::Cow;

use super::{Action, Argument, Content, Expression, Function, Proposition, Term};
use crate::acl::SyntaxError;
use crate::acl::lexer::{Ahead, Lexer};

type Result<T> = std::result::Result<T, SyntaxError>;

const ACTION: &str = "an action, as in `(action (agent-identifier :name df@localhost) (search …))`";
const EXPRESSION: &str = "an action or a proposition, as in `(done (action …))`";
const TERM: &str = "a term: a text, a number, a moment, a set, a sequence, or a function";

/// Words that mean something by themselves, in any case. Where such a text is meant, it is a string.
const KEYWORDS: [&str; 7] = [
    "action", "done", "false", "result", "sequence", "set", "true",
];

/// What stands behind a parenthesis.
enum Head<'a> {
    Keyword(&'static str),
    Name(Cow<'a, str>),
}

pub(super) fn is_keyword(text: &str) -> bool {
    keyword(text).is_some()
}

fn keyword(text: &str) -> Option<&'static str> {
    let mut all = KEYWORDS.iter().copied();
    all.find(|keyword| keyword.eq_ignore_ascii_case(text))
}

/// A whole text that is such a thing.
pub(super) fn alone<T>(text: &str, read: fn(&mut Lexer<'_>) -> Result<T>) -> Result<T> {
    let mut lexer = Lexer::new(text);
    let value = read(&mut lexer)?;
    lexer.end("nothing more: it ends before this")?;
    Ok(value)
}

pub(super) fn content(lexer: &mut Lexer<'_>) -> Result<Content> {
    lexer.open("a list of expressions in parentheses, as in `((done (action …)))`")?;
    let mut expressions = vec![expression(lexer)?];
    while !lexer.takes(Ahead::Close) {
        expressions.push(expression(lexer)?);
    }
    Ok(Content(expressions))
}

fn expression(lexer: &mut Lexer<'_>) -> Result<Expression> {
    if lexer.ahead() != Ahead::Open {
        return symbol(lexer).map(Expression::Proposition);
    }
    lexer.open(EXPRESSION)?;
    let place = lexer.place();
    match head(lexer, EXPRESSION)? {
        Head::Keyword("action") => opened_action(lexer, 1).map(Expression::Action),
        head => opened_proposition(lexer, place, head).map(Expression::Proposition),
    }
}

pub(super) fn action(lexer: &mut Lexer<'_>) -> Result<Action> {
    lexer.open(ACTION)?;
    let place = lexer.place();
    match head(lexer, ACTION)? {
        Head::Keyword("action") => opened_action(lexer, 1),
        _ => Err(lexer.error_about(place, ACTION)),
    }
}

pub(super) fn proposition(lexer: &mut Lexer<'_>) -> Result<Proposition> {
    if lexer.ahead() != Ahead::Open {
        return symbol(lexer);
    }
    lexer.open(EXPRESSION)?;
    let place = lexer.place();
    let head = head(lexer, EXPRESSION)?;
    opened_proposition(lexer, place, head)
}

/// A proposition that is one word.
fn symbol(lexer: &mut Lexer<'_>) -> Result<Proposition> {
    let place = lexer.place();
    match head(lexer, EXPRESSION)? {
        Head::Keyword("true") => Ok(Proposition::True),
        Head::Keyword("false") => Ok(Proposition::False),
        Head::Keyword(_) => {
            let expected = "a list of expressions, each in parentheses of its own";
            Err(lexer.error_about(place, expected))
        }
        Head::Name(name) => Ok(Proposition::Predicate(Function::new(name))),
    }
}

/// What follows a parenthesis and this head.
fn opened_proposition(lexer: &mut Lexer<'_>, place: usize, head: Head<'_>) -> Result<Proposition> {
    match head {
        Head::Keyword("done") => {
            let done = Proposition::Done(action(lexer)?);
            lexer.close("`)`: `done` takes one action")?;
            Ok(done)
        }
        Head::Keyword("result") => {
            let result = Proposition::Result(term(lexer, 1)?, term(lexer, 1)?);
            lexer
                .close("`)`: `result` takes two terms, in general an action and what came of it")?;
            Ok(result)
        }
        Head::Keyword(_) => Err(lexer.error_about(place, EXPRESSION)),
        Head::Name(name) => opened_function(lexer, name, 1).map(Proposition::Predicate),
    }
}

/// What follows `(action`.
fn opened_action(lexer: &mut Lexer<'_>, depth: usize) -> Result<Action> {
    let agent = term(lexer, depth)?;
    let act = term(lexer, depth)?;
    lexer.close("`)`: `action` takes an agent and what it does")?;
    Ok(Action { agent, act })
}

pub(super) fn term_alone(lexer: &mut Lexer<'_>) -> Result<Term> {
    term(lexer, 0)
}

fn term(lexer: &mut Lexer<'_>, depth: usize) -> Result<Term> {
    match lexer.ahead() {
        Ahead::String => lexer.string(TERM).map(|text| Term::Text(text.into_owned())),
        Ahead::Word => constant(lexer),
        Ahead::Open => {
            lexer.check_depth(depth)?;
            lexer.open(TERM)?;
            opened_term(lexer, depth + 1)
        }
        Ahead::Close | Ahead::End => Err(lexer.error(TERM)),
    }
}

fn opened_term(lexer: &mut Lexer<'_>, depth: usize) -> Result<Term> {
    let place = lexer.place();
    match head(
        lexer,
        "the name of a function, `set`, `sequence`, or `action`",
    )? {
        Head::Keyword("set") => terms(lexer, depth).map(Term::Set),
        Head::Keyword("sequence") => terms(lexer, depth).map(Term::Sequence),
        Head::Keyword("action") => opened_action(lexer, depth).map(Term::from),
        Head::Keyword(_) => Err(lexer.error_about(place, TERM)),
        Head::Name(name) => opened_function(lexer, name, depth).map(Term::Function),
    }
}

fn terms(lexer: &mut Lexer<'_>, depth: usize) -> Result<Vec<Term>> {
    let mut terms = Vec::new();
    while !lexer.takes(Ahead::Close) {
        terms.push(term(lexer, depth)?);
    }
    Ok(terms)
}

fn opened_function(lexer: &mut Lexer<'_>, name: Cow<'_, str>, depth: usize) -> Result<Function> {
    let mut function = Function::new(name);
    while !lexer.takes(Ahead::Close) {
        let name = argument_name(lexer)?;
        let value = term(lexer, depth)?;
        function.arguments.push(Argument { name, value });
    }
    Ok(function)
}

/// `:name`, if it stands here.
fn argument_name(lexer: &mut Lexer<'_>) -> Result<Option<String>> {
    if lexer.ahead() != Ahead::Word || lexer.right_here() != Some(b':') {
        return Ok(None);
    }
    lexer.skip_mark();
    match lexer.right_here() {
        Some(b'"' | b'#') => lexer.string("the name of an argument").map(Cow::into_owned),
        Some(byte) if byte > b' ' => lexer.word("the name of an argument").map(str::to_owned),
        _ => Err(lexer.error("the name of an argument right behind the `:`")),
    }
    .map(Some)
}

/// A word or a string that names something, or a keyword.
fn head<'a>(lexer: &mut Lexer<'a>, expected: &str) -> Result<Head<'a>> {
    match lexer.ahead() {
        Ahead::String => lexer.string(expected).map(Head::Name),
        Ahead::Word => {
            let place = lexer.place();
            let word = lexer.word(expected)?;
            match (keyword(word), word.as_bytes()[0]) {
                (Some(keyword), _) => Ok(Head::Keyword(keyword)),
                (None, b':' | b'?' | b'-' | b'0'..=b'9') => Err(lexer.error_about(place, expected)),
                (None, _) => Ok(Head::Name(Cow::Borrowed(word))),
            }
        }
        _ => Err(lexer.error(expected)),
    }
}

/// A word: a number, a moment, or a text.
fn constant(lexer: &mut Lexer<'_>) -> Result<Term> {
    let place = lexer.place();
    let word = lexer.word(TERM)?;
    if let Some(value) = number(word) {
        return Ok(value);
    }
    if let Ok(time) = word.parse() {
        return Ok(Term::DateTime(time));
    }
    let expected = match word.as_bytes()[0] {
        b'?' => "a term; SL0 has no variables",
        b':' => "a term, and not a name",
        b'-' | b'0'..=b'9' => "a number of 64 bits, a moment, or a text in quotation marks",
        _ => {
            return Ok(match keyword(word) {
                Some("true") => Term::Bool(true),
                Some("false") => Term::Bool(false),
                _ => Term::Text(word.to_owned()),
            });
        }
    };
    Err(lexer.error_about(place, expected))
}

/// A number as SL writes it. Rust's `parse` takes more, such as `inf`.
fn number(word: &str) -> Option<Term> {
    let unsigned = word.strip_prefix(['+', '-']).unwrap_or(word);
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if let Some(digits) = unsigned.strip_prefix("0x").or(unsigned.strip_prefix("0X")) {
        let signed = format!("{}{digits}", if word.starts_with('-') { "-" } else { "" });
        let is_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        return i64::from_str_radix(&signed, 16)
            .ok()
            .filter(|_| is_hex)
            .map(Term::Integer);
    }
    if is_digits(unsigned) {
        return word.parse().ok().map(Term::Integer);
    }
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_mantissa = whole.len() + fraction.len() > 0 && is_digits(whole) && is_digits(fraction);
    let is_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && is_digits(digits)
    });
    let value = (is_mantissa && is_exponent).then(|| word.parse::<f64>().ok())??;
    value.is_finite().then_some(Term::Float(value))
}
