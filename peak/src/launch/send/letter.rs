//! From the command line to a message and the account that sends it, with everything checked that
//! can be without a connection.

use std::io::Read as _;

use super::SendArgs;
use crate::launch::plan::named;
use crate::launch::problem::{Problem, Problems};
use crate::launch::xmpp::{Domains, Way, Who, Wishes, check};
use crate::message::{Jid, Message, Performative};
use crate::network::xmpp::{Xmpp, unwritable};

/// A message, and how it is sent.
#[derive(Debug)]
pub(super) struct Letter {
    pub(super) message: Message,
    pub(super) to: Jid,
    /// A full address.
    pub(super) sender: Jid,
    pub(super) xmpp: Xmpp,
}

/// The account that sends where nobody names one, as in PEAK.
const SENDER: &str = "dummyagent";

/// More than this no server takes, nor is it read.
const MAX_BODY: u64 = 1024 * 1024;

impl Letter {
    /// What the command line asks for, and what has no effect of it; `session` is a name that no other
    /// session has.
    pub(super) fn of(args: &SendArgs, session: &str) -> Result<(Self, Vec<String>), Problems> {
        let mut problems = Problems::default();
        check(&args.xmpp.wishes(), &mut problems);
        let to = problems.note(named(&args.to));
        let sender = match (&args.sender, &to) {
            (None, None) => None,
            (Some(text), _) => problems.note(named(text)),
            (None, Some(to)) => problems.note(named(&format!("{SENDER}@{}", to.domain()))),
        };
        let sender = sender.and_then(|jid| match jid.is_bare() {
            true => problems.note(
                jid.with_resource(session)
                    .map_err(|error| Problem::new(error.to_string())),
            ),
            false => Some(jid),
        });
        let fields = fields(args, &mut problems);
        let (Some(to), Some(sender), true) = (to, sender, problems.is_empty()) else {
            return Err(problems);
        };
        let mut warnings = Vec::new();
        let way = way(args, &sender, &mut problems, &mut warnings);
        let (Some(xmpp), true) = (way, problems.is_empty()) else {
            return Err(problems);
        };
        let mut message = Message::new(to.clone());
        for (name, value) in &fields {
            message.set_wire_field(name, value);
        }
        // Last, so that nobody has typed it in vain.
        if let Some(body) = body(args)? {
            message = message.text(body);
        }
        unwritable(&message).map_err(|error| Problem::new(error.to_string()))?;
        let letter = Self {
            message,
            to,
            sender,
            xmpp,
        };
        Ok((letter, warnings))
    }
}

/// How the server of the sender is reached.
fn way(
    args: &SendArgs,
    sender: &Jid,
    problems: &mut Problems,
    warnings: &mut Vec<String>,
) -> Option<Xmpp> {
    let mut domains = Domains::new(&args.xmpp);
    let Some(wishes) = domains.wishes(sender.domain(), &Wishes::default()) else {
        let domain = sender.domain();
        problems.add(
            Problem::new(format!(
                "agents at `{domain}` live inside the process that runs them, and no other \
                 process reaches them"
            ))
            .hint(
                "for agents on the XMPP server of this machine write `--xmpp localhost`; without \
                 a server, have both agents in one mas.yaml",
            ),
        );
        return None;
    };
    let who = Who::on_command_line(sender.bare_str());
    domains.add(who, std::slice::from_ref(sender), Some(wishes), problems);
    match domains.ways(problems, warnings).remove(sender.domain())? {
        Way::Xmpp(xmpp) => Some(*xmpp),
        Way::Inside => None,
    }
}

/// The named texts of the message. A parameter of FIPA's may be given as metadata too, as PEAK's
/// users do.
fn fields(args: &SendArgs, problems: &mut Problems) -> Vec<(String, String)> {
    let flags = [
        ("performative", args.performative.map(|act| act.as_str())),
        (THREAD, args.thread.as_deref()),
        ("ontology", args.ontology.as_deref()),
        ("protocol", args.protocol.as_deref()),
        ("language", args.language.as_deref()),
        ("conversation-id", args.conversation_id.as_deref()),
    ];
    let flags = flags
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let mut fields: Vec<(String, String)> = flags.collect();
    for text in &args.metadata {
        let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            problems.add(
                Problem::new(format!("`--metadata {text}` has no name and value"))
                    .hint("write it as `--metadata name=value`"),
            );
            continue;
        };
        let known = FIPA.iter().find(|known| **known == name.replace('_', "-"));
        let name = known.map_or(name, |known| known);
        if fields.iter().any(|(other, _)| other == name) {
            let name = if name == THREAD { "thread" } else { name };
            problems.add(
                Problem::new(format!("`{name}` is given twice"))
                    .hint("a message has one of each: leave one of them out"),
            );
            continue;
        }
        fields.push((name.to_owned(), value.to_owned()));
    }
    if !fields.iter().any(|(name, _)| name == "performative") {
        let inform = Performative::Inform.as_str();
        fields.insert(0, ("performative".to_owned(), inform.to_owned()));
    }
    fields
}

/// SPADE's name for the thread among the metadata.
const THREAD: &str = "_thread_node";

/// What FIPA calls its parameters. SPADE's users often write them with `_`.
const FIPA: [&str; 10] = [
    "performative",
    "ontology",
    "protocol",
    "language",
    "encoding",
    "conversation-id",
    "reply-with",
    "in-reply-to",
    "reply-to",
    "reply-by",
];

/// What the message says, from the standard input if that is asked for.
fn body(args: &SendArgs) -> Result<Option<String>, Problem> {
    match args.body.as_deref() {
        Some("-") => {
            let mut bytes = Vec::new();
            let mut input = std::io::stdin().lock().take(MAX_BODY + 1);
            input.read_to_end(&mut bytes).map_err(|error| {
                Problem::new(format!("the standard input cannot be read: {error}"))
            })?;
            text(bytes).map(Some)
        }
        body => Ok(body.map(str::to_owned)),
    }
}

/// The text in these bytes, without the end of its last line: shells and editors add one.
fn text(bytes: Vec<u8>) -> Result<String, Problem> {
    if bytes.len() as u64 > MAX_BODY {
        return Err(Problem::new(format!(
            "the standard input has more than {MAX_BODY} bytes, and no server takes such a message"
        ))
        .hint("send it in parts, or a reference to it"));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        let place = error.utf8_error().valid_up_to();
        Problem::new(format!(
            "the standard input is not text: byte {place} is not UTF-8"
        ))
        .hint("encode it, as base64 for example")
    })?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser as _;

    #[derive(Debug, clap::Parser)]
    struct Program {
        #[command(flatten)]
        args: SendArgs,
    }

    fn letter(line: &str) -> Result<Letter, String> {
        let words = std::iter::once("send").chain(line.split_whitespace());
        let args = Program::try_parse_from(words).unwrap().args;
        match Letter::of(&args, "x") {
            Ok((letter, _)) => Ok(letter),
            Err(problems) => Err(problems.to_string()),
        }
    }

    /// The named texts that go out.
    fn wire(line: &str) -> Vec<String> {
        let letter = letter(&format!("--to b@localhost --xmpp localhost {line}")).unwrap();
        let mut fields = Vec::new();
        let message = letter.message;
        message.wire_fields(|name, value| fields.push(format!("{name}={value}")));
        fields
    }

    #[test]
    fn it_informs_unless_something_else_is_said() {
        assert_eq!(wire(""), ["performative=inform"]);
        assert_eq!(wire("--performative cfp"), ["performative=cfp"]);
        assert_eq!(
            wire("--metadata performative=request"),
            ["performative=request"]
        );
        assert_eq!(wire("--metadata performative=BDI"), ["performative=BDI"]);
    }

    #[test]
    fn parameters_are_flags_or_metadata() {
        assert_eq!(
            wire(
                "--thread t --ontology o --conversation-id c --metadata colour=red=blue --metadata x="
            ),
            [
                "performative=inform",
                "ontology=o",
                "conversation-id=c",
                "colour=red=blue",
                "x=",
                "_thread_node=t"
            ]
        );
        assert_eq!(
            wire("--metadata conversation_id=c --metadata reply-to=a@b"),
            ["performative=inform", "conversation-id=c", "reply-to=a@b"]
        );
    }

    #[test]
    fn what_is_wrong_is_said_all_at_once() {
        let error = letter(
            "--to bob --metadata x --metadata =y --metadata a=1 --metadata a=2 --ontology o \
             --metadata ontology=p",
        );
        assert_eq!(
            error.unwrap_err(),
            "error: `bob` is not the address of an agent: it has no name\n\
             hint: write it as `bob@localhost`\n\
             error: `--metadata x` has no name and value\n\
             hint: write it as `--metadata name=value`\n\
             error: `--metadata =y` has no name and value\n\
             hint: write it as `--metadata name=value`\n\
             error: `a` is given twice\n\
             hint: a message has one of each: leave one of them out\n\
             error: `ontology` is given twice\n\
             hint: a message has one of each: leave one of them out\n"
        );
    }

    #[test]
    fn the_sender_is_at_the_domain_of_the_receiver() {
        let sender = |line: &str| letter(line).unwrap().sender.to_string();
        let to = "--to b@localhost/desk --xmpp localhost";
        assert_eq!(sender(to), "dummyagent@localhost/x");
        assert_eq!(sender(&format!("{to} -j Ann@LocalHost")), "ann@localhost/x");
        assert_eq!(
            sender(&format!("{to} -j ann@localhost/y")),
            "ann@localhost/y"
        );
    }

    #[test]
    fn there_must_be_a_server() {
        let error = letter("--to bob@localhost --body hello").unwrap_err();
        assert!(error.contains("live inside the process"), "{error}");
        assert!(error.contains("--xmpp localhost"), "{error}");
        assert!(
            letter("--to bob@localhost --xmpp localhost --no-register --credentials /none")
                .is_err()
        );
    }

    #[test]
    fn what_xml_cannot_carry_is_refused() {
        let error = letter("--to b@localhost --xmpp localhost --body a\u{1}b").unwrap_err();
        assert!(error.contains("\\u{1}"), "{error}");
        assert!(letter("--to b@localhost --xmpp localhost --metadata k=\u{ffff}").is_err());
    }

    #[test]
    fn the_end_of_the_last_line_is_not_of_the_text() {
        let read = |bytes: &[u8]| text(bytes.to_vec()).unwrap();
        assert_eq!(read(b"one\ntwo\n"), "one\ntwo");
        assert_eq!(read(b"one\r\n"), "one");
        assert_eq!(read(b"one\n\n"), "one\n");
        assert_eq!(read(b""), "");
        let error = Problems::from(text(b"ab\xff".to_vec()).unwrap_err()).to_string();
        assert!(error.contains("byte 2 is not UTF-8"), "{error}");
        assert!(text(vec![b'a'; MAX_BODY as usize + 1]).is_err());
    }
}
