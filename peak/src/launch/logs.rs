//! Log lines that a person can read: `12:03:04.123 INFO  bob@localhost/main  text key=value`.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::io::{self, Write as _};

use jiff::civil::Time;
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::registry::Registry;

use super::plan::Plan;
use super::terminal::{escape, has_colours};

/// Sends what the program logs to the standard error, each agent's at its own level. `level`, if
/// the command line gives one, is that of all.
///
/// A program that has installed a subscriber of its own before keeps it.
pub(super) fn install(plan: &Plan, level: Option<LevelFilter>) {
    let lines = Lines {
        levels: Levels::of(plan, level),
        colours: has_colours(&io::stderr()),
    };
    let _ = tracing::subscriber::set_global_default(Registry::default().with(lines));
}

/// What is logged of whom.
#[derive(Debug)]
struct Levels {
    general: LevelFilter,
    /// By address, for agents that have a level of their own.
    agents: HashMap<String, LevelFilter>,
}

impl Levels {
    fn of(plan: &Plan, level: Option<LevelFilter>) -> Self {
        let general = level.or(plan.log_level).unwrap_or(LevelFilter::INFO);
        let mut agents = HashMap::new();
        if level.is_none() {
            for agent in &plan.agents {
                if let Some(level) = agent.log_level.filter(|level| *level != general) {
                    agents.insert(agent.address.to_string(), level);
                }
            }
        }
        Self { general, agents }
    }

    /// The most that anybody logs.
    fn max(&self) -> LevelFilter {
        self.agents
            .values()
            .fold(self.general, |max, level| max.max(*level))
    }

    fn of_agent(&self, agent: &str) -> LevelFilter {
        *self.agents.get(agent).unwrap_or(&self.general)
    }
}

struct Lines {
    levels: Levels,
    colours: bool,
}

impl<S: Subscriber> Layer<S> for Lines {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() <= self.levels.max()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.levels.max())
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        let level = *event.metadata().level();
        if level > self.levels.of_agent(&words.agent) {
            return;
        }
        let now = jiff::Zoned::now().time();
        let line = words.line(now, level, self.colours);
        // Nobody to tell if the terminal is gone.
        let _ = io::stderr().lock().write_all(line.as_bytes());
    }
}

/// What an event says.
#[derive(Debug, Default)]
struct Words {
    agent: String,
    message: String,
    fields: String,
}

impl Words {
    fn line(&self, time: Time, level: Level, colours: bool) -> String {
        let (colour, dim, bold, plain) = match (colours, level) {
            (false, _) => ("", "", "", ""),
            (true, Level::ERROR) => ("\x1b[31m", "\x1b[2m", "\x1b[1m", "\x1b[0m"),
            (true, Level::WARN) => ("\x1b[33m", "\x1b[2m", "\x1b[1m", "\x1b[0m"),
            (true, Level::INFO) => ("\x1b[32m", "\x1b[2m", "\x1b[1m", "\x1b[0m"),
            (true, _) => ("\x1b[34m", "\x1b[2m", "\x1b[1m", "\x1b[0m"),
        };
        let mut line = String::with_capacity(128);
        // Writing to a `String` cannot fail.
        let _ = write!(
            line,
            "{dim}{:02}:{:02}:{:02}.{:03}{plain} {colour}{level:<5}{plain} ",
            time.hour(),
            time.minute(),
            time.second(),
            time.millisecond(),
        );
        if !self.agent.is_empty() {
            let _ = write!(line, "{bold}");
            escape(&self.agent, &mut line);
            let _ = write!(line, "{plain}  ");
        }
        escape(&self.message, &mut line);
        if !self.fields.is_empty() {
            let _ = write!(line, "{dim}");
            escape(&self.fields, &mut line);
            let _ = write!(line, "{plain}");
        }
        line.push('\n');
        line
    }

    fn put(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        let _ = match field.name() {
            "agent" => self.agent.write_fmt(value),
            "message" => self.message.write_fmt(value),
            name => write!(self.fields, " {name}={value}"),
        };
    }
}

impl Visit for Words {
    fn record_str(&mut self, field: &Field, value: &str) {
        let is_word = !value.is_empty() && !value.contains([' ', '=', '"', '\n']);
        if is_word || matches!(field.name(), "agent" | "message") {
            self.put(field, format_args!("{value}"));
        } else {
            self.put(field, format_args!("{value:?}"));
        }
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format_args!("{value:?}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOON: Time = jiff::civil::time(12, 3, 4, 123_000_000);

    #[test]
    fn a_line_has_its_subject_before_the_text_and_the_rest_behind() {
        let words = Words {
            agent: "bob@localhost/main".to_owned(),
            message: "hello".to_owned(),
            fields: " n=3".to_owned(),
        };
        assert_eq!(
            words.line(NOON, Level::INFO, false),
            "12:03:04.123 INFO  bob@localhost/main  hello n=3\n"
        );
        assert!(
            words
                .line(NOON, Level::INFO, true)
                .contains("\x1b[32mINFO ")
        );
    }

    #[test]
    fn text_from_elsewhere_cannot_steer_the_terminal() {
        let words = Words {
            message: "red \x1b[31m\nERROR forged".to_owned(),
            ..Words::default()
        };
        assert_eq!(
            words.line(NOON, Level::WARN, false),
            "12:03:04.123 WARN  red \\u{1b}[31m\n    ERROR forged\n"
        );
    }

    #[test]
    fn the_command_line_wins_over_every_level_of_the_file() {
        let plan = Plan {
            log_level: Some(LevelFilter::WARN),
            ..Plan::default()
        };
        assert_eq!(Levels::of(&plan, None).general, LevelFilter::WARN);
        let levels = Levels::of(&plan, Some(LevelFilter::DEBUG));
        assert_eq!(levels.general, LevelFilter::DEBUG);
        assert_eq!(
            Levels::of(&Plan::default(), None).general,
            LevelFilter::INFO
        );
    }
}
