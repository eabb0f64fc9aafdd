//! Reading messages: FIPA's grammar, and what JADE and older platforms write besides it.

use std::borrow::Cow;
use std::collections::HashSet;

use super::lexer::{Ahead, Lexer};
use super::text::read_name;
use super::{AclMessage, AgentIdentifier, DateTime, SyntaxError};
use crate::Performative;
use crate::text::{listed, nearest};

type Result<T> = std::result::Result<T, SyntaxError>;

/// FIPA's parameters of a message but the performative, in its order.
const PARAMETERS: [&str; 12] = [
    ":sender",
    ":receiver",
    ":reply-to",
    ":content",
    ":language",
    ":encoding",
    ":ontology",
    ":protocol",
    ":conversation-id",
    ":reply-with",
    ":in-reply-to",
    ":reply-by",
];

const OF_AGENT: [&str; 3] = [":name", ":addresses", ":resolvers"];

const AGENT: &str = "an agent, as in `(agent-identifier :name bob@localhost)`";

/// A whole text that is a message.
pub(super) fn message_alone(text: &str) -> Result<AclMessage> {
    let mut lexer = Lexer::new(text);
    let message = message(&mut lexer)?;
    lexer.end("nothing more: the message ends before it")?;
    Ok(message)
}

/// A whole text that is an agent.
pub(super) fn agent_alone(text: &str) -> Result<AgentIdentifier> {
    let mut lexer = Lexer::new(text);
    let agent = agent(&mut lexer, 0)?;
    lexer.end("nothing more: the agent ends before it")?;
    Ok(agent)
}

fn message(lexer: &mut Lexer<'_>) -> Result<AclMessage> {
    lexer.open("`(` and a performative, as in `(inform …)`")?;
    let mut message = AclMessage::new(performative(lexer)?);
    let mut seen = Seen::default();
    while !lexer.takes(Ahead::Close) {
        match parameter(lexer, &mut seen, &PARAMETERS)? {
            Parameter::Own(name) => {
                let value = value(lexer, name)?;
                message.parameters.push_new(read_name(&name[3..]), value);
            }
            Parameter::Known(":sender") => message.sender = Some(agent(lexer, 0)?),
            Parameter::Known(":receiver") => message.receivers = agents(lexer)?,
            Parameter::Known(":reply-to") => message.reply_to = agents(lexer)?,
            Parameter::Known(":reply-by") => message.reply_by = Some(date_time(lexer)?),
            Parameter::Known(name) => {
                let value = value(lexer, name)?;
                *text_field(&mut message, name) = Some(value);
            }
        }
    }
    Ok(message)
}

fn performative(lexer: &mut Lexer<'_>) -> Result<Performative> {
    let expected = "a performative, such as `inform`";
    let place = lexer.place();
    let word = lexer.word(expected)?.to_ascii_lowercase();
    word.parse().map_err(|_| {
        let near = nearest(&word, Performative::all().map(Performative::as_str));
        let near = near.map(|near| format!("a performative: did you mean `{near}`?"));
        lexer.error_about(place, near.as_deref().unwrap_or(expected))
    })
}

/// The field of a parameter that is a text.
fn text_field<'a>(message: &'a mut AclMessage, name: &str) -> &'a mut Option<String> {
    match name {
        ":content" => &mut message.content,
        ":language" => &mut message.language,
        ":encoding" => &mut message.encoding,
        ":ontology" => &mut message.ontology,
        ":protocol" => &mut message.protocol,
        ":conversation-id" => &mut message.conversation_id,
        ":reply-with" => &mut message.reply_with,
        _ => &mut message.in_reply_to,
    }
}

enum Parameter<'a> {
    /// One of FIPA's, as FIPA writes it.
    Known(&'static str),
    /// `:X-…`, as it was written.
    Own(&'a str),
}

/// The names of parameters that were read: each may be there once.
#[derive(Default)]
struct Seen {
    fipas: HashSet<&'static str>,
    own: HashSet<String>,
}

/// The name of the next parameter.
fn parameter<'a>(
    lexer: &mut Lexer<'a>,
    seen: &mut Seen,
    known: &[&'static str],
) -> Result<Parameter<'a>> {
    let place = lexer.place();
    let word = lexer.word("a parameter, such as `:language fipa-sl0`, or `)`")?;
    let fipas = known.iter().find(|name| name.eq_ignore_ascii_case(word));
    let (parameter, is_new) = match (fipas, word.get(..3)) {
        (Some(name), _) => (Parameter::Known(name), seen.fipas.insert(name)),
        (None, Some(":X-" | ":x-")) => {
            let is_new = seen.own.insert(read_name(&word[3..]));
            (Parameter::Own(word), is_new)
        }
        _ => {
            let expected = match nearest(word, known.iter().copied()) {
                Some(near) => format!("a parameter: did you mean `{near}`?"),
                None => format!("{}, or `:X-…` of your own", listed(known, "or")),
            };
            return Err(lexer.error_about(place, &expected));
        }
    };
    match is_new {
        true => Ok(parameter),
        false => Err(lexer.error_about(place, "each parameter only once")),
    }
}

/// The value of a parameter that is a text: a string, a word, a number, or an expression in
/// parentheses, which is kept as it stands there.
fn value(lexer: &mut Lexer<'_>, name: &str) -> Result<String> {
    match lexer.ahead() {
        Ahead::String => lexer.string("a string").map(Cow::into_owned),
        Ahead::Open => lexer.expression("an expression").map(str::to_owned),
        // JADE takes any word here, and writes words that begin with a colon.
        Ahead::Word if !is_parameter(lexer.peek_word()) => Ok(lexer.word("a word")?.to_owned()),
        Ahead::Word | Ahead::Close | Ahead::End => {
            let expected = format!("the value of `{name}`: a word, a string, or an expression");
            Err(lexer.error(&expected))
        }
    }
}

fn is_parameter(word: &str) -> bool {
    let mut known = PARAMETERS.iter().chain(&OF_AGENT);
    known.any(|name| name.eq_ignore_ascii_case(word))
}

fn date_time(lexer: &mut Lexer<'_>) -> Result<DateTime> {
    let expected = "a date and time, as in `20261122T123000000Z`, \
                    or `+00000000T000010000` for ten seconds from now";
    let place = lexer.place();
    let written: Cow<'_, str> = match lexer.ahead() {
        Ahead::String => lexer.string(expected)?,
        _ => lexer.word(expected)?.into(),
    };
    written
        .parse()
        .map_err(|_| lexer.error_about(place, expected))
}

/// A set of agents. One agent without a set, as of old, is read, too.
fn agents(lexer: &mut Lexer<'_>) -> Result<Vec<AgentIdentifier>> {
    let expected = "agents, as in `(set (agent-identifier :name bob@localhost))`";
    lexer.open(expected)?;
    let mut agents = Vec::new();
    match lexer.peek_word().to_ascii_lowercase().as_str() {
        "set" | "sequence" => {
            lexer.word(expected)?;
            while !lexer.takes(Ahead::Close) {
                agents.push(agent(lexer, 0)?);
            }
        }
        _ => agents.push(opened_agent(lexer, 0, expected)?),
    }
    Ok(agents)
}

pub(super) fn agent(lexer: &mut Lexer<'_>, depth: usize) -> Result<AgentIdentifier> {
    lexer.check_depth(depth)?;
    lexer.open(AGENT)?;
    opened_agent(lexer, depth, AGENT)
}

/// What follows the parenthesis that opens an agent.
fn opened_agent(lexer: &mut Lexer<'_>, depth: usize, expected: &str) -> Result<AgentIdentifier> {
    if !lexer.peek_word().eq_ignore_ascii_case("agent-identifier") {
        return Err(lexer.error(expected));
    }
    lexer.word(expected)?;
    let mut agent = AgentIdentifier::default();
    let mut seen = Seen::default();
    while lexer.ahead() != Ahead::Close {
        match parameter(lexer, &mut seen, &OF_AGENT)? {
            Parameter::Own(name) => {
                let value = value(lexer, name)?;
                agent.parameters.push_new(read_name(&name[3..]), value);
            }
            Parameter::Known(":addresses") => agent.addresses = addresses(lexer)?,
            Parameter::Known(":resolvers") => agent.resolvers = resolvers(lexer, depth)?,
            Parameter::Known(name) => agent.name = value(lexer, name)?,
        }
    }
    if !seen.fipas.contains(":name") {
        return Err(lexer.error("the `:name` of the agent"));
    }
    lexer.close(")")?;
    Ok(agent)
}

fn addresses(lexer: &mut Lexer<'_>) -> Result<Vec<String>> {
    open_sequence(lexer, "addresses, as in `(sequence http://host:7778/acc)`")?;
    let mut addresses = Vec::new();
    while !lexer.takes(Ahead::Close) {
        addresses.push(match lexer.ahead() {
            Ahead::String => lexer.string("an address")?.into_owned(),
            _ => lexer.word("an address, or `)`")?.to_owned(),
        });
    }
    Ok(addresses)
}

fn resolvers(lexer: &mut Lexer<'_>, depth: usize) -> Result<Vec<AgentIdentifier>> {
    open_sequence(
        lexer,
        "agents, as in `(sequence (agent-identifier :name df@localhost))`",
    )?;
    let mut resolvers = Vec::new();
    while !lexer.takes(Ahead::Close) {
        resolvers.push(agent(lexer, depth + 1)?);
    }
    Ok(resolvers)
}

fn open_sequence(lexer: &mut Lexer<'_>, expected: &str) -> Result<()> {
    lexer.open(expected)?;
    match lexer.peek_word().to_ascii_lowercase().as_str() {
        "sequence" | "set" => lexer.word(expected).map(drop),
        _ => Err(lexer.error(expected)),
    }
}
