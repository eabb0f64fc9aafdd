//! Durations and points in time in attributes: a checked string, or an expression.

use super::entries::{Entry, literal, peel, string};
use crate::diag::{Diag, did_you_mean};
use crate::model::{DurationValue, InstantValue};
use humantime::DurationError;
use std::time::{Duration, UNIX_EPOCH};
use syn::{Expr, Lit, UnOp};

/// The units in the words that people write; `humantime` knows a few plurals more.
const UNITS: [&str; 19] = [
    "nsec", "usec", "msec", "millis", "sec", "secs", "second", "seconds", "min", "minute",
    "minutes", "hour", "hours", "day", "days", "week", "weeks", "months", "years",
];

/// Whether a duration of zero makes sense.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Zero {
    Allowed,
    /// It does not; this says why and what to write.
    Rejected(&'static str),
}

/// Reads `key = "1m30s"` or `key = expression`.
pub(crate) fn duration(entry: &Entry, zero: Zero, diag: &mut Diag) -> Option<DurationValue> {
    let key = entry.key.text.as_str();
    let value = entry.expr(&format!("{key} = \"5s\""), diag)?;
    if let Some(text) = string(value) {
        return match check_duration(&text.value(), zero) {
            Ok(duration) => Some(DurationValue::Literal(duration, text.span())),
            Err(message) => {
                diag.on(text, message);
                None
            }
        };
    }
    match peel(value) {
        Expr::Lit(_) => {}
        Expr::Unary(unary)
            if matches!(unary.op, UnOp::Neg(_)) && literal(&unary.expr).is_some() =>
        {
            diag.on(
                value,
                format_args!("a duration cannot be negative: write `{key} = \"5s\"`"),
            );
            return None;
        }
        _ => return Some(DurationValue::Expr(Box::new(value.clone()))),
    }
    match literal(value) {
        Some(Lit::Int(number)) => {
            let unit = if number.suffix().is_empty() {
                "s"
            } else {
                number.suffix()
            };
            diag.on(value, as_string(number.base10_digits(), unit));
        }
        Some(Lit::Float(number)) => {
            let unit = if number.suffix().is_empty() {
                "s"
            } else {
                number.suffix()
            };
            diag.on(value, as_string(number.base10_digits(), unit));
        }
        _ => diag.on(
            value,
            format_args!("expected a duration: write `{key} = \"5s\"`"),
        ),
    }
    None
}

/// `5`, `5s` and `1m30s` are numbers to Rust; if quotes are all that is missing, say just that.
fn as_string(number: &str, unit: &str) -> String {
    let meant = format!("{number}{unit}");
    match humantime::parse_duration(&meant) {
        Ok(_) => format!("a duration is written as a string: \"{meant}\""),
        Err(_) => "a duration is written as a string, such as \"5s\" or \"1m30s\"".to_owned(),
    }
}

/// Checks the text of a duration; the error quotes what is wrong in it.
pub(crate) fn check_duration(text: &str, zero: Zero) -> Result<Duration, String> {
    let written = text.trim();
    if written.is_empty() {
        return Err("the duration is empty: write one such as \"5s\" or \"1m30s\"".to_owned());
    }
    if let Some(positive) = written.strip_prefix('-') {
        return Err(format!(
            "a duration cannot be negative: `{written}`; write \"{}\"",
            positive.trim_start()
        ));
    }
    match humantime::parse_duration(written) {
        Ok(duration) if duration.is_zero() => match zero {
            Zero::Allowed => Ok(duration),
            Zero::Rejected(remedy) => Err(remedy.to_owned()),
        },
        Ok(duration) => Ok(duration),
        Err(error) => Err(format!(
            "malformed duration `{written}`: {}",
            reason(written, &error)
        )),
    }
}

fn reason(written: &str, error: &DurationError) -> String {
    match error {
        DurationError::UnknownUnit { unit, value, .. } if unit.is_empty() => {
            format!(
                "`{value}` has no unit; write \"{value}s\" for seconds or \"{value}ms\" for milliseconds"
            )
        }
        DurationError::UnknownUnit { unit, .. } => {
            // Every one-letter word is one slip away from every other: no guess there.
            let suggestion = if unit.chars().count() > 2 {
                did_you_mean(unit, UNITS)
            } else {
                String::new()
            };
            format!(
                "unknown unit `{unit}`{suggestion}\nthe units are: ns, us, ms, s, m, h, d, w, months, years"
            )
        }
        DurationError::InvalidCharacter(at) | DurationError::NumberExpected(at) => {
            let rest = written.get(*at..).unwrap_or(written);
            format!("expected a number at `{rest}`, as in \"5s\" or \"1m30s\"")
        }
        DurationError::NumberOverflow => "it is too long, or finer than a nanosecond".to_owned(),
        DurationError::Empty => "write a number and a unit, as in \"5s\" or \"1m30s\"".to_owned(),
    }
}

/// Reads `start_at = "2026-12-01T08:00:00Z"` or `start_at = expression`.
pub(crate) fn instant(entry: &Entry, diag: &mut Diag) -> Option<InstantValue> {
    const EXAMPLE: &str = "start_at = \"2026-12-01T08:00:00Z\"";
    let value = entry.expr(EXAMPLE, diag)?;
    let Some(text) = string(value) else {
        if literal(value).is_some() {
            diag.on(
                value,
                format_args!("a point in time is written as a string in UTC: `{EXAMPLE}`"),
            );
            return None;
        }
        return Some(InstantValue::Expr(Box::new(value.clone())));
    };
    let written = text.value();
    let since_epoch = humantime::parse_rfc3339_weak(written.trim())
        .map_err(|error| instant_reason(&written, &error.to_string()))
        .and_then(|time| {
            time.duration_since(UNIX_EPOCH)
                .map_err(|_| format!("`{written}` is before 1970: write a time to come"))
        });
    match since_epoch {
        Ok(since_epoch) => Some(InstantValue::Literal(since_epoch, text.span())),
        Err(message) => {
            diag.on(text, message);
            None
        }
    }
}

fn instant_reason(written: &str, error: &str) -> String {
    let after_date = written.get(10..).unwrap_or_default();
    let offset = after_date
        .find(['+', '-'])
        .and_then(|at| after_date.get(at..));
    match offset {
        Some(offset) => format!(
            "`{written}` is not in UTC (`{offset}`): convert it, and end it with `Z` as in \"2026-12-01T08:00:00Z\""
        ),
        None => format!(
            "malformed time `{written}`: {error}; write it in UTC as in \"2026-12-01T08:00:00Z\""
        ),
    }
}

/// Says that a behaviour has one beginning.
pub(super) fn delay_or_start(entry: &Entry, diag: &mut Diag) {
    diag.on(
        entry,
        "`delay` and `start_at` both say when to begin: choose one",
    );
}
