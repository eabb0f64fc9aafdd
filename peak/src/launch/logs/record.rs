//! What an event says, taken apart.

use std::fmt::{self, Write as _};

use jiff::Zoned;
use serde_json::{Number, Value};
use tracing::field::{Field, Visit};
use tracing::{Event, Level};

/// One thing that was logged.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub(super) time: Zoned,
    pub(super) level: Level,
    pub(super) target: &'a str,
    /// Who says it; empty if no agent does.
    pub(super) agent: &'a str,
    pub(super) message: String,
    pub(super) fields: Vec<(&'static str, Said)>,
    /// File and line in the source, if they are wanted.
    pub(super) source: Option<(&'a str, u32)>,
}

/// The value of a field.
#[derive(Debug, PartialEq)]
pub(super) enum Said {
    Text(String),
    /// Something else, in the words of its `Debug` or `Display`.
    Shown(String),
    /// A number or a truth value.
    Plain(Value),
}

impl<'a> Record<'a> {
    /// What the event says; the name of who says it is known already.
    pub(super) fn of(event: &Event<'a>, agent: &'a str, with_source: bool) -> Self {
        let metadata = event.metadata();
        let mut record = Self {
            agent,
            ..Self::new(*metadata.level(), metadata.target(), String::new())
        };
        if with_source {
            record.source = metadata.file().zip(metadata.line());
        }
        event.record(&mut record);
        record
    }

    /// A message and nothing else.
    pub(super) fn new(level: Level, target: &'a str, message: String) -> Self {
        Self {
            time: Zoned::now(),
            level,
            target,
            agent: "",
            message,
            fields: Vec::new(),
            source: None,
        }
    }

    fn put(&mut self, field: &Field, value: Said) {
        match (field.name(), value) {
            ("agent", _) => {}
            ("message", Said::Text(text) | Said::Shown(text)) => self.message = text,
            (name, value) => self.fields.push((name, value)),
        }
    }

    fn put_number(&mut self, field: &Field, number: Option<Number>, shown: &dyn fmt::Display) {
        match number {
            Some(number) => self.put(field, Said::Plain(Value::Number(number))),
            // Larger than JSON has it, or not a number.
            None => self.put(field, Said::Shown(shown.to_string())),
        }
    }
}

impl Visit for Record<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, Said::Text(value.to_owned()));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.put(field, Said::Plain(Value::Bool(value)));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.put(field, Said::Plain(value.into()));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.put(field, Said::Plain(value.into()));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        self.put_number(field, Number::from_i128(value), &value);
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        self.put_number(field, Number::from_u128(value), &value);
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.put_number(field, Number::from_f64(value), &value);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, Said::Shown(format!("{value:?}")));
    }
}

/// The name of the agent that an event is of, and nothing else: most events that are not logged are
/// found out by this alone.
#[derive(Debug, Default)]
pub(super) struct Who(String);

impl Who {
    pub(super) fn of(event: &Event<'_>) -> Self {
        let mut who = Self::default();
        event.record(&mut who);
        who
    }

    /// Whoever it is else, if the event does not say so itself.
    pub(super) fn or_else(self, other: impl FnOnce() -> Option<String>) -> Self {
        if self.0.is_empty() {
            Self(other().unwrap_or_default())
        } else {
            self
        }
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    fn put(&mut self, field: &Field, value: fmt::Arguments<'_>) {
        if field.name() == "agent" {
            self.0.clear();
            // Writing to a `String` cannot fail.
            let _ = self.0.write_fmt(value);
        }
    }
}

impl Visit for Who {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.put(field, format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.put(field, format_args!("{value:?}"));
    }
}
