//! Records as lines that a person can read: `12:03:04.123 INFO  bob@localhost/main  text key=value`.
//! In files the day and the offset from UTC stand before them.

use std::fmt::Write as _;

use serde_json::Value;
use tracing::Level;

use super::record::{Record, Said};
use crate::launch::terminal::escape;

/// Where the line goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Onto {
    Terminal { colours: bool },
    File,
}

/// The record as a line, or several of which all but the first are indented.
pub(super) fn line(record: &Record<'_>, onto: Onto) -> String {
    let colours = onto == Onto::Terminal { colours: true };
    let (colour, dim, bold, plain) = match (colours, record.level) {
        (false, _) => ("", "", "", ""),
        (true, Level::ERROR) => ("\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"),
        (true, Level::WARN) => ("\x1b[33m", "\x1b[2m", "\x1b[1m", "\x1b[0m"),
        (true, Level::INFO) => ("\x1b[32m", "\x1b[2m", "\x1b[1m", "\x1b[0m"),
        (true, _) => ("\x1b[34m", "\x1b[2m", "\x1b[1m", "\x1b[0m"),
    };
    let mut line = String::with_capacity(128);
    // Writing to a `String` cannot fail.
    let _ = match onto {
        Onto::File => write!(line, "{} ", instant(record)),
        Onto::Terminal { .. } => {
            let time = record.time.time();
            write!(
                line,
                "{dim}{:02}:{:02}:{:02}.{:03}{plain} ",
                time.hour(),
                time.minute(),
                time.second(),
                time.millisecond(),
            )
        }
    };
    let _ = write!(line, "{colour}{:<5}{plain} ", record.level);
    if !record.agent.is_empty() {
        line.push_str(bold);
        escape(record.agent, &mut line);
        let _ = write!(line, "{plain}  ");
    }
    escape(&record.message, &mut line);
    if !record.fields.is_empty() || record.source.is_some() {
        line.push_str(dim);
        escape(&rest(record), &mut line);
        line.push_str(plain);
    }
    line.push('\n');
    line
}

/// The time in RFC 3339, with the offset of the time zone.
pub(super) fn instant(record: &Record<'_>) -> String {
    record.time.strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
}

/// What stands behind the message.
fn rest(record: &Record<'_>) -> String {
    let mut rest = String::new();
    for (name, value) in &record.fields {
        let _ = match value {
            Said::Text(text) | Said::Plain(Value::String(text)) => {
                let is_word = !text.is_empty() && !text.contains([' ', '=', '"', '\n']);
                if is_word {
                    write!(rest, " {name}={text}")
                } else {
                    write!(rest, " {name}={text:?}")
                }
            }
            Said::Shown(text) => write!(rest, " {name}={text}"),
            Said::Plain(value) => write!(rest, " {name}={value}"),
        };
    }
    if let Some((file, number)) = record.source {
        let _ = write!(rest, " at {file}:{number}");
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Onto = Onto::Terminal { colours: false };

    fn record(level: Level, message: &str) -> Record<'static> {
        let time = "2026-02-03T12:03:04.123+01:00[+01:00]".parse().unwrap();
        Record {
            time,
            ..Record::new(level, "test", message.to_owned())
        }
    }

    #[test]
    fn a_line_has_its_subject_before_the_text_and_the_rest_behind() {
        let record = Record {
            agent: "bob@localhost/main",
            fields: vec![
                ("n", Said::Plain(3.into())),
                ("room", Said::Text("the attic".to_owned())),
            ],
            source: Some(("src/main.rs", 7)),
            ..record(Level::INFO, "hello")
        };
        let rest = "INFO  bob@localhost/main  hello n=3 room=\"the attic\" at src/main.rs:7\n";
        assert_eq!(line(&record, PLAIN), format!("12:03:04.123 {rest}"));
        assert_eq!(
            line(&record, Onto::File),
            format!("2026-02-03T12:03:04.123+01:00 {rest}")
        );
        assert!(line(&record, Onto::Terminal { colours: true }).contains("\x1b[32mINFO "));
    }

    #[test]
    fn text_from_elsewhere_steers_no_terminal_and_forges_no_line() {
        let record = Record {
            agent: "bob\nERROR",
            fields: vec![(
                "what",
                Said::Shown("\x07\n12:03:04.123 ERROR forged".to_owned()),
            )],
            ..record(Level::WARN, "red \x1b[31m\nERROR forged")
        };
        for onto in [PLAIN, Onto::File] {
            let line = line(&record, onto);
            assert!(
                line.contains("red \\u{1b}[31m\n    ERROR forged what=\\u{7}\n    12:03"),
                "{line}"
            );
            let begins: Vec<_> = line.lines().skip(1).map(|line| &line[..4]).collect();
            assert_eq!(begins, ["    "; 3], "{line}");
            assert!(
                line.chars().all(|char| char == '\n' || !char.is_control()),
                "{line}"
            );
        }
    }
}
