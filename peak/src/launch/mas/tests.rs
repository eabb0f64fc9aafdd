//! Whole files, good and bad.

mod xmpp;

use std::path::Path;

use proptest::prelude::*;
use tracing::level_filters::LevelFilter;

use crate as peak;
use crate::launch::plan::Plan;
use crate::launch::problem::Problems;
use crate::launch::xmpp::Domains;
use peak_shared::logs::{Format, Mode, Rotation, Wishes};

#[peak::agent]
#[derive(Default)]
#[allow(dead_code, reason = "only its parameters matter")]
struct Valve {
    #[param(default = 21.0)]
    target: f64,
    #[param]
    room: String,
}

#[peak::agent]
impl Valve {}

#[peak::agent]
struct Logger;

#[peak::agent]
impl Logger {}

fn read(bytes: &[u8]) -> Result<Plan, String> {
    read_in(Path::new(""), bytes, Domains::default())
}

/// The plan of a file in this folder, with what the command line says; its warnings too.
fn read_in(folder: &Path, bytes: &[u8], domains: Domains) -> Result<Plan, String> {
    let mut problems = Problems::of("mas.yaml".to_owned());
    match super::plan(bytes, folder, domains, &mut problems) {
        Some(mut plan) if problems.is_empty() => {
            plan.warnings.extend(problems.take_warnings());
            Ok(plan)
        }
        _ => Err(problems.to_string()),
    }
}

fn addresses(text: &str) -> Vec<String> {
    let plan = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    let texts = plan.agents.iter().map(|agent| agent.address.to_string());
    texts.collect()
}

#[track_caller]
fn refused(text: &str, expected: &str) {
    let error = read(text.as_bytes()).unwrap_err();
    assert_eq!(error, expected, "of the file\n{text}");
}

#[test]
fn agents_stand_in_the_order_of_the_file() {
    let plan = addresses(
        "
defaults:
  domain: example.org
  xmpp: false
  params: {room: attic, target: 19}
agents:
  zoe:
    agent: Valve
    clones: 3
  bob:
    agent: Logger
    domain: localhost
    resource: phone
  logger:
",
    );
    assert_eq!(
        plan,
        [
            "zoe0@example.org/main",
            "zoe1@example.org/main",
            "zoe2@example.org/main",
            "bob@localhost/phone",
            "logger@example.org/main",
        ]
    );
}

#[test]
fn an_agent_wins_over_the_defaults() {
    let text = "
defaults: {log_level: warning, clones: 2, agent: Valve, params: {room: attic}}
agents:
  a: {log_level: DEBUG, clones: 1}
  b: {agent: logger, log_level: off}
";
    let plan = read(text.as_bytes()).unwrap();
    assert_eq!(plan.logs.level, Some(LevelFilter::WARN));
    let agents: Vec<_> = plan
        .agents
        .iter()
        .map(|agent| {
            (
                agent.address.local(),
                agent.agent_type.name(),
                agent.logs.level,
            )
        })
        .collect();
    assert_eq!(
        agents,
        [
            (Some("a"), "Valve", Some(LevelFilter::DEBUG)),
            (Some("b0"), "Logger", Some(LevelFilter::OFF)),
            (Some("b1"), "Logger", Some(LevelFilter::OFF)),
        ]
    );
}

#[test]
fn peaks_other_keys_are_taken_and_checked() {
    let file = "
defaults: {port: 5222, ssl: false}
agents:
  logger: {verify_security: true}
";
    assert_eq!(addresses(file), ["logger@localhost/main"]);
    let warnings = read(file.as_bytes()).unwrap().warnings;
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert_eq!(
        warnings[0],
        "mas.yaml:2:12: `port` in `defaults` has no effect: the agents are on the network inside \
         the process"
    );
    refused(
        "
defaults: {port: 99999, ssl: maybe}
agents: {logger: }
",
        "error: mas.yaml:2:18: expected a port, from 1 to 65535, found the number `99999`\n\
         error: mas.yaml:2:30: expected `true` or `false`, found the text `maybe`\n",
    );
}

#[test]
fn logs_have_their_keys() {
    let file = "
defaults: {log_folder: here, log_file_mode: w, log_rotate: 10MB, log_keep: 0, log_format: json}
agents:
  logger: {debug_mode: true, log_folder: /there, log_rotate: never}
";
    let plan = read_in(Path::new("above"), file.as_bytes(), Domains::default()).unwrap();
    assert!(plan.warnings.is_empty(), "{:?}", plan.warnings);
    assert_eq!(plan.logs.folder, Some(Path::new("above").join("here")));
    assert_eq!(
        *plan.agents[0].logs,
        Wishes {
            level: None,
            debug: Some(true),
            format: Some(Format::Json),
            folder: Some("/there".into()),
            mode: Some(Mode::Anew),
            rotation: Some(Rotation::Never),
            keep: Some(0),
        }
    );
    refused(
        "
agents:
  logger:
    log_folder: 3
    log_file_mode: x
    log_rotate: 10
    log_keep: -1
    log_format: xml
    debug_mode: maybe
",
        "error: mas.yaml:4:17: expected a folder, found the number `3`\n\
         hint: put it in quotes if it is meant as text\n\
         error: mas.yaml:5:20: expected `a` or `w`, found the text `x`\n\
         error: mas.yaml:6:17: expected a size, found the number `10`\n\
         hint: write a whole number and a unit, `10MB`, or `never`; the units are kB, MB, GB, KiB, \
         MiB and GiB\n\
         error: mas.yaml:7:15: expected a number of files, from 0 to 1000, found the number `-1`\n\
         error: mas.yaml:8:17: expected `text` or `json`, found the text `xml`\n\
         error: mas.yaml:9:17: expected `true` or `false`, found the text `maybe`\n",
    );
}

#[test]
fn what_a_key_is_called_elsewhere() {
    refused(
        "
agent:
  logger:
",
        "error: mas.yaml:2:1: unknown key `agent` in the file\n\
         hint: did you mean `agents`?\n",
    );
    refused(
        "
agents:
  logger:
    type: Logger
    jid: a@b
    colour: red
  kim:
    agent:Valve
  zoe: Valve
",
        "error: mas.yaml:4:5: unknown key `type` in agent `logger`\n\
         hint: the type of an agent is `agent: TYPE`\n\
         error: mas.yaml:5:5: unknown key `jid` in agent `logger`\n\
         hint: the key above it is the name, before the `@`; `domain` and `resource` are the rest \
         of the address\n\
         error: mas.yaml:6:5: unknown key `colour` in agent `logger`\n\
         hint: its keys are `agent`, `file`, `params`, `clones`, `after`, `domain`, `resource`, \
         `log_level`, `log_folder`, `log_file_mode`, `log_rotate`, `log_keep`, `log_format`, \
         `debug_mode` and `xmpp`\n\
         error: mas.yaml:8:5: agent `kim` must be a mapping, and is the text `agent:Valve`\n\
         hint: write a space after the colon: `agent: Valve`\n\
         error: mas.yaml:9:8: agent `zoe` must be a mapping, and is the text `Valve`\n\
         hint: write `agent: Valve` below it, indented\n",
    );
}

#[test]
fn every_mistake_of_a_file_comes_at_once() {
    refused(
        "
default:
  clones: 2
agents:
  logger:
    clone: 2
    domain: a b
  zoe:
    agent: Vavle
  kim:
    agent: Valve
    target: 3
    clones: many
    params:
      rom: attic
      target: warm
",
        "error: mas.yaml:2:1: unknown key `default` in the file\n\
         hint: did you mean `defaults`?\n\
         error: mas.yaml:6:5: unknown key `clone` in agent `logger`\n\
         hint: did you mean `clones`?\n\
         error: mas.yaml:7:13: `a b` is not a domain: the domain is not a valid host name\n\
         hint: write a host name, such as `localhost`\n\
         error: mas.yaml:9:12: this program has no agent `Vavle`\n\
         hint: did you mean `Valve`?\n\
         error: mas.yaml:10:3: agent `kim`: parameter `room` (String) is required\n\
         hint: write `room: VALUE` below `params:`\n\
         error: mas.yaml:12:5: unknown key `target` in agent `kim`\n\
         hint: `target` is a parameter of Valve: write it below `params:`\n\
         error: mas.yaml:13:13: expected a number of agents, found the text `many`\n\
         error: mas.yaml:15:7: parameter of Valve: there is no `rom`: did you mean `room`?\n\
         error: mas.yaml:16:15: parameter of Valve: `target`: invalid type: string \"warm\", \
         expected f64\n",
    );
}

#[test]
fn python_is_told_what_to_write() {
    refused(
        "
agents:
  john: {file: agents/valve.py}
  kim: {file: other.py}
",
        "error: mas.yaml:3:16: `file: agents/valve.py` is Python, which this program does not run\n\
         hint: name the Rust type instead: `agent: Valve`; or its file, `file: NAME.rs`\n\
         error: mas.yaml:4:15: `file: other.py` is Python, which this program does not run\n\
         hint: name a Rust type of this program instead, `agent: NAME`, or its file, \
         `file: NAME.rs`\n",
    );
}

#[test]
fn what_is_not_supported_says_what_is() {
    refused(
        "agents:\n  logger:\n    restart: always\n",
        "error: mas.yaml:3:5: `restart` in agent `logger` is not supported by this build\n\
         hint: an error or a panic ends the one function in which it happens, and the agent goes \
         on; leave the key out\n",
    );
}

#[test]
fn two_agents_have_two_addresses() {
    refused(
        "
agents:
  a: {agent: Logger, clones: 3}
  a1: {agent: Logger}
  B: {agent: Logger}
  b: {agent: Logger}
  B: {agent: Valve}
",
        "error: mas.yaml:4:3: agent `a1` would have the address a1@localhost/main, which the one \
         at 3:3 has\n\
         hint: give it another name, domain or resource\n\
         error: mas.yaml:6:3: agent `b` would have the address b@localhost/main, which the one \
         at 5:3 has\n\
         hint: give it another name, domain or resource\n\
         error: mas.yaml:7:3: the key `B` is in `agents` twice, first at 5:3\n\
         hint: give it another name; `clones` is for several of one kind\n",
    );
}

#[test]
fn parameters_that_look_like_numbers() {
    refused(
        "agents:\n  kim: {agent: Valve, params: {room: 101}}\n",
        "error: mas.yaml:2:38: parameter of Valve: `room`: invalid type: integer `101`, expected \
         a string\n\
         hint: text that looks like something else goes in quotes: `\"101\"`\n",
    );
}

#[test]
fn defaults_are_for_those_who_have_the_parameter() {
    let file = "
defaults: {params: {room: attic}}
agents: {logger: , kim: {agent: Valve}}
";
    assert_eq!(addresses(file).len(), 2);
    refused(
        "
defaults: {params: {rom: attic}}
agents: {kim: {agent: Valve, params: {room: attic}}}
",
        "error: mas.yaml:2:21: no agent of this file has a parameter `rom`\n\
         hint: did you mean `room`?\n",
    );
    refused(
        "
defaults: {params: {target: warm, room: a}}
agents: {kim: {agent: Valve, clones: 2}, zoe: {agent: Valve}}
",
        "error: mas.yaml:2:29: parameter of Valve: `target`: invalid type: string \"warm\", \
         expected f64\n",
    );
}

#[test]
fn names_are_the_local_part() {
    refused(
        "agents:\n  kim@localhost: {agent: Logger}\n  '': {agent: Logger}\n",
        "error: mas.yaml:2:3: `kim@localhost` cannot be the name of an agent: it has a `/` or an \
         `@` in it\n\
         hint: a name is the part of the address before the `@`; `domain` and `resource` are keys \
         of their own\n\
         error: mas.yaml:3:3: `` cannot be the name of an agent: nothing stands before the `@`\n\
         hint: a name is the part of the address before the `@`; `domain` and `resource` are keys \
         of their own\n",
    );
}

#[test]
fn files_that_are_not_what_they_should_be() {
    for (text, start) in [
        ("", "error: mas.yaml:1:1: the file has no `agents`"),
        (
            "agents:",
            "error: mas.yaml:1:1: `agents` is empty: there is nothing to start",
        ),
        ("agents: {}", "error: mas.yaml:1:1: `agents` is empty"),
        (
            "agents: [a, b]",
            "error: mas.yaml:1:9: `agents` must be a mapping, and is a list",
        ),
        (
            "hello",
            "error: mas.yaml:1:1: the file must be a mapping, and is the text `hello`",
        ),
        (
            "clones: 3",
            "error: mas.yaml:1:1: `clones` stands outside of any agent",
        ),
        (
            "agents:\n\tlogger:",
            "error: mas.yaml:2:2: tabs disallowed within this context (block indentation)\n\
             hint: indent with spaces",
        ),
        (
            "agents: {logger: ",
            "error: mas.yaml:1:9: unclosed bracket '{'",
        ),
        (
            "agents:\n  logger: *nobody",
            "error: mas.yaml:2:11: there is no anchor of this name above\nhint: ",
        ),
        (
            "agents: {logger: {domain: @x}}",
            "error: mas.yaml:1:27: unexpected character: `@'\nhint: ",
        ),
        (
            "agents: {logger: {clones: 0}}",
            "error: mas.yaml:1:27: expected a number of agents, from 1",
        ),
        (
            "agents: {logger: }\n---\nagents: {}",
            "error: mas.yaml:3:1: only single YAML document expected but multiple found\nhint: ",
        ),
        (
            "agents: {logger: 3}",
            "error: mas.yaml:1:18: agent `logger` must be a mapping",
        ),
        (
            "agents: {? [a] : 1}",
            "error: mas.yaml:1:12: a key is a word, not a list or a mapping",
        ),
        (
            "agents:\n  a: b\n   c: d",
            "error: mas.yaml:3:5: mapping values are not allowed",
        ),
    ] {
        let error = read(text.as_bytes()).unwrap_err();
        assert!(error.starts_with(start), "of {text:?}: {error}");
    }
    let error = read(b"agents:\n  b\xFFb:\n").unwrap_err();
    assert_eq!(
        error,
        "error: mas.yaml:2:4: this is not UTF-8 text\nhint: save the file as UTF-8\n"
    );
}

#[test]
fn a_bomb_of_aliases_is_refused() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = vec![format!("*a{}", level - 1); 10].join(", ");
        text.push_str(&format!("a{level}: &a{level} [{before}]\n"));
    }
    let error = read(text.as_bytes()).unwrap_err();
    assert!(
        error.ends_with("too large or too complex for a deployment file\n"),
        "{error}"
    );
}

#[test]
fn nesting_has_an_end() {
    for opening in ["[", "{a: ", "- ", "? "] {
        for depth in [20, 64, 255, 10_000] {
            assert!(read(opening.repeat(depth).as_bytes()).is_err());
        }
    }
}

#[test]
fn ten_thousand_agents_are_listed() {
    let mut text = "defaults: {agent: Valve}\nagents:\n".to_owned();
    for number in 0..10_000 {
        text.push_str(&format!(
            "  a{number}:\n    params:\n      room: r{number}\n      target: {number}\n"
        ));
    }
    assert_eq!(addresses(&text).len(), 10_000);
}

/// Pieces of which files are made, right and wrong.
const PIECES: &[&str] = &[
    "agents:",
    "defaults:",
    "\n",
    "\n  ",
    "\n    ",
    "logger:",
    " kim:",
    " agent: Valve",
    "clones: ",
    "3",
    "-1",
    "params:",
    " xmpp: ",
    " xmpp: {",
    "server: ",
    "a:1",
    "port: ",
    " ssl: false",
    "jid_password: true",
    " component: a.b",
    " room: ",
    " after: ",
    " file: tests.rs",
    "${PEAK_TEST_UNSET:-3}",
    "${",
    "target: .nan",
    "{",
    "}",
    "[",
    "]",
    ",",
    ": ",
    "- ",
    "&a ",
    "*a",
    "<<: ",
    "!!binary ",
    "\"",
    "'",
    "|",
    "#",
    "\t",
    "@",
    "/",
    "\u{0}",
    "é",
    "---\n",
    "~",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        if let Err(error) = read(&bytes) {
            prop_assert!(error.starts_with("error: mas.yaml:"), "{}", error);
        }
    }

    #[test]
    fn any_pieces_are_read_or_refused(pieces in proptest::collection::vec(0..PIECES.len(), 0..40)) {
        let text: String = pieces.iter().map(|place| PIECES[*place]).collect();
        if let Err(error) = read(text.as_bytes()) {
            prop_assert!(error.starts_with("error: mas.yaml:"), "{}", error);
        }
    }
}
