//! The keys of a deployment file.

use std::fmt::Write as _;

use crate::text;

use super::node::Key;
use crate::problem::Problem;

/// The keys of the file itself.
pub const TOP: [&str; 2] = ["defaults", "agents"];

/// The keys of an agent, and of `defaults`, with what they are for.
pub const AGENT: [(&str, &str); 15] = [
    (
        "agent",
        "the type; may be left out if the name is the type's, in lower case",
    ),
    (
        "file",
        "or the source file that the type stands in, such as sender.rs",
    ),
    (
        "params",
        "the parameters: a `name: value` line each, indented below it",
    ),
    (
        "clones",
        "how many; several are numbered name0, name1, … (default: 1)",
    ),
    (
        "after",
        "the agents it waits for, by name (default: all above it)",
    ),
    (
        "domain",
        "what stands behind the `@` of the address (default: localhost)",
    ),
    (
        "resource",
        "what stands behind the `/` of the address (default: main)",
    ),
    (
        "log_level",
        "off, error, warn, info, debug or trace (default: info)",
    ),
    (
        "log_folder",
        "a folder for a file of each agent (default: logs, if one of the next three is there)",
    ),
    (
        "log_file_mode",
        "a: append to the file of an earlier run; w: write it anew (default: a)",
    ),
    (
        "log_rotate",
        "begin another file before one is longer than this: 10MB (default: never)",
    ),
    (
        "log_keep",
        "how many old files of each agent are kept (default: 3)",
    ),
    (
        "log_format",
        "text, or json: an object in each line (default: text)",
    ),
    (
        "debug_mode",
        "true: log everything, of libraries too, with file and line",
    ),
    (
        "xmpp",
        "its XMPP server: HOST[:PORT], or the keys below; false: inside the process",
    ),
];

/// The keys of `xmpp`, with what they are for.
pub const XMPP: [(&str, &str); 15] = [
    (
        "server",
        "HOST[:PORT] (default: what the DNS says for the domain)",
    ),
    ("port", "its port (default: 5222)"),
    (
        "direct_tls",
        "true: encrypted from the first byte on (default port: 5223)",
    ),
    (
        "ca",
        "a file, in PEM, of those who may vouch for the server",
    ),
    ("insecure", "true: take any certificate"),
    (
        "register",
        "whether to register accounts (default: on this machine only)",
    ),
    (
        "password_file",
        "the password is the first line of this file, mode 600",
    ),
    (
        "password_env",
        "the password is in this environment variable",
    ),
    (
        "jid_password",
        "true: the password is the address, as in PEAK",
    ),
    (
        "credentials",
        "a file of lines `JID PASSWORD` (default: ~/.config/peak/credentials)",
    ),
    (
        "component",
        "the domain of a component (XEP-0114) that all agents are behind",
    ),
    (
        "secret_file",
        "its secret is the first line of this file, mode 600",
    ),
    ("secret_env", "its secret is in this environment variable"),
    (
        "route",
        "server: messages within the process go through the server too",
    ),
    (
        "offline_queue",
        "how many messages wait while there is no connection (default: 1024)",
    ),
];

/// PEAK's keys that say something of agents on an XMPP server.
pub const CONNECTION: [&str; 3] = ["port", "ssl", "verify_security"];

/// The names of the keys of an agent that do something.
pub fn of_agent() -> impl Iterator<Item = &'static str> {
    AGENT.iter().map(|(name, _)| *name)
}

/// What to say of a key that is taken, and that is all.
pub fn without_effect(key: &Key, section: &str) -> Problem {
    Problem::at(
        key.place,
        format!(
            "`{}` in {section} has no effect: the agents are on the network inside the process",
            key.name
        ),
    )
}

/// The keys with a line each: what goes below the help of `start`.
pub fn help() -> String {
    let mut text = "The file:\n  \
        agents:                         the agents, in the order in which they start\n    \
        NAME:                         the name is the part of the address before the `@`\n"
        .to_owned();
    for (name, doc) in AGENT {
        let _ = writeln!(text, "      {:<28}{doc}", format!("{name}:"));
    }
    text.push_str(
        "  defaults:                       the same keys but after, for every agent without its own\n",
    );
    text.push_str(
        "  Values may refer to variables of the environment: ${NAME}, or ${NAME:-default}.",
    );
    text.push_str("\n\nThe keys of xmpp, all of which may be left out:\n");
    for (name, doc) in XMPP {
        let _ = writeln!(text, "  {:<32}{doc}", format!("{name}:"));
    }
    text.truncate(text.trim_end().len());
    text
}

/// A key that there is not, and what may have been meant.
pub fn unknown(key: &Key, section: &str, useful: &[&'static str]) -> Problem {
    let problem = Problem::at(
        key.place,
        format!("unknown key `{}` in {section}", key.name),
    );
    match text::nearest(&key.name, useful.iter().copied()) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(format!(
            "its keys are {}",
            text::list(useful.iter().copied())
        )),
    }
}

/// A key for a password, which must not stand in a file that people show each other.
pub fn password(key: &Key, section: &str) -> Problem {
    let what = format!(
        "`{}` in {section}: passwords do not stand in this file",
        key.name
    );
    let hint = match key.name.as_str() {
        "secret" => "name a file or a variable that has it: `secret_file` or `secret_env`",
        _ => {
            "below `xmpp:`, name a file or a variable that has it, `password_file` or \
             `password_env`; or write it into the credentials file"
        }
    };
    Problem::at(key.place, what).hint(hint)
}

/// The same below an agent, where people also write what the key is called elsewhere.
pub fn unknown_of_agent(key: &Key, section: &str) -> Problem {
    let useful: Vec<_> = of_agent().collect();
    let problem = unknown(key, section, &useful);
    match key.name.to_lowercase().as_str() {
        "type" | "class" => problem.hint("the type of an agent is `agent: TYPE`"),
        "jid" | "name" | "address" => problem.hint(
            "the key above it is the name, before the `@`; `domain` and `resource` are the rest \
             of the address",
        ),
        name if XMPP.iter().any(|(key, _)| *key == name) => {
            problem.hint(format!("write it below `xmpp:`, indented: `{name}`"))
        }
        _ => problem,
    }
}
