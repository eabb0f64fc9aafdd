//! The flags of `send`.

use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{ArgAction, Args};

use crate::launch::xmpp::XmppArgs;
use crate::message::Performative;
use crate::time::parse_duration;

#[derive(Debug, Args)]
#[cfg_attr(not(feature = "xmpp"), allow(dead_code, reason = "nobody asks for it"))]
pub(in crate::launch) struct SendArgs {
    /// The agent's address, such as bob@example.org
    #[arg(long, value_name = "JID")]
    pub(super) to: String,

    /// What the message says; - reads it from the standard input
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(super) body: Option<String>,

    /// What the message does, as FIPA calls it: request, query-ref, cfp, … [default: inform]
    #[arg(
        long,
        value_name = "NAME",
        ignore_case = true,
        hide_possible_values = true,
        value_parser = performative()
    )]
    pub(super) performative: Option<Performative>,

    /// An entry of its metadata; repeat it for more
    #[arg(long, value_name = "NAME=VALUE")]
    pub(super) metadata: Vec<String>,

    /// XMPP's thread, which SPADE and PEAK carry beside the metadata
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    pub(super) thread: Option<String>,

    /// The vocabulary of the body
    #[arg(long, value_name = "TEXT")]
    pub(super) ontology: Option<String>,

    /// The interaction protocol, such as fipa-request
    #[arg(long, value_name = "TEXT")]
    pub(super) protocol: Option<String>,

    /// The language of the body, such as fipa-sl
    #[arg(long, value_name = "TEXT")]
    pub(super) language: Option<String>,

    /// The conversation that the message belongs to
    #[arg(long, value_name = "TEXT")]
    pub(super) conversation_id: Option<String>,

    /// Who sends it; without this, dummyagent at the domain of --to
    #[arg(short = 'j', long, value_name = "JID", alias = "jid")]
    pub(super) sender: Option<String>,

    /// Wait for the reply and print it, 10s or as long as this says
    #[arg(
        long,
        value_name = "DURATION",
        num_args = 0..=1,
        default_missing_value = "10s",
        value_parser = patience
    )]
    pub(super) wait: Option<Duration>,

    /// Print the reply as JSON
    #[arg(long, requires = "wait")]
    pub(super) json: bool,

    /// Log more: -v for debug, -vv for trace
    #[arg(short, long, action = ArgAction::Count)]
    pub(super) verbose: u8,

    #[command(flatten)]
    pub(super) xmpp: XmppArgs,
}

/// Those of the flags that no other command has. `run` may have parameters of these names.
pub(in crate::launch) const FLAGS: [&str; 11] = [
    "to",
    "body",
    "performative",
    "metadata",
    "thread",
    "ontology",
    "protocol",
    "language",
    "conversation-id",
    "sender",
    "wait",
];

/// Those that any text may follow, one that looks like a flag too.
pub(in crate::launch) const TEXT_FLAGS: [&str; 2] = ["--body", "--thread"];

fn performative() -> impl clap::builder::TypedValueParser<Value = Performative> {
    let names = Performative::all().map(Performative::as_str);
    PossibleValuesParser::new(names).try_map(|name| name.to_ascii_lowercase().parse())
}

fn patience(text: &str) -> Result<Duration, String> {
    match parse_duration(text) {
        Ok(Duration::ZERO) => Err("no reply comes in no time; write it as \"10s\"".to_owned()),
        Ok(duration) => Ok(duration),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::launch::xmpp;
    use clap::{CommandFactory as _, Parser as _};

    #[derive(Debug, clap::Parser)]
    struct Program {
        #[command(flatten)]
        args: SendArgs,
    }

    fn read(line: &str) -> Result<SendArgs, String> {
        let words = std::iter::once("send").chain(line.split(' '));
        match Program::try_parse_from(words) {
            Ok(program) => Ok(program.args),
            Err(error) => Err(error.to_string()),
        }
    }

    #[test]
    fn every_flag_is_listed() {
        let command = Program::command();
        let known = command.get_arguments().filter_map(clap::Arg::get_long);
        let own = known
            .filter(|flag| !xmpp::FLAGS.contains(flag) && !matches!(*flag, "json" | "verbose"));
        assert_eq!(own.collect::<Vec<_>>(), FLAGS);
        let takes_hyphens = |arg: &&clap::Arg| arg.is_allow_hyphen_values_set();
        let texts = command.get_arguments().filter(takes_hyphens);
        let texts = texts.filter_map(|arg| Some(format!("--{}", arg.get_long()?)));
        assert_eq!(texts.collect::<Vec<_>>(), TEXT_FLAGS);
    }

    #[test]
    fn waiting_takes_a_duration_or_none() {
        let wait = |line: &str| read(line).unwrap().wait;
        assert_eq!(wait("--to a@b"), None);
        assert_eq!(wait("--wait --to a@b"), Some(Duration::from_secs(10)));
        assert_eq!(wait("--to a@b --wait"), Some(Duration::from_secs(10)));
        assert_eq!(wait("--to a@b --wait 1m"), Some(Duration::from_secs(60)));
        assert_eq!(wait("--wait=500ms --to a@b").unwrap().as_millis(), 500);
        for wrong in ["soon", "0s", "-1s"] {
            assert!(
                read(&format!("--to a@b --wait {wrong}")).is_err(),
                "{wrong}"
            );
        }
    }

    #[test]
    fn a_performative_is_one_of_fipas_in_any_case() {
        let act = |line: &str| read(line).map(|args| args.performative);
        assert_eq!(act("--to a@b"), Ok(None));
        assert_eq!(
            act("--to a@b --performative query-ref"),
            Ok(Some(Performative::QueryRef))
        );
        assert_eq!(
            act("--to a@b --performative CFP"),
            Ok(Some(Performative::Cfp))
        );
        let error = act("--to a@b --performative informs").unwrap_err();
        assert!(error.contains("'inform'"), "{error}");
    }

    #[test]
    fn any_text_is_a_body() {
        let body = |line: &str| read(line).unwrap().body.unwrap();
        assert_eq!(body("--to a@b --body -"), "-");
        assert_eq!(body("--to a@b --body -5"), "-5");
        assert_eq!(body("--to a@b --body --to"), "--to");
        assert_eq!(body("--to a@b --body="), "");
    }

    #[test]
    fn what_is_missing_or_alone_is_told() {
        assert!(read("--body x").unwrap_err().contains("--to <JID>"));
        let error = read("--to a@b --json").unwrap_err();
        assert!(error.contains("--wait"), "{error}");
        assert!(read("--to a@b -j c@d").unwrap().sender.is_some());
    }
}
