//! When an agent does something: again and again, and when messages come.

use std::time::Duration;

use peak::__private::writing::{nearest, parse_duration};
use peak::Performative;

use crate::failure::Failure;

/// A time between two rounds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Period {
    /// As it was written.
    pub(super) text: String,
    pub(super) duration: Duration,
}

/// The period of an agent for which nothing is said.
const DEFAULT_PERIOD: &str = "5s";

/// Clocks are no finer.
const SHORTEST: Duration = Duration::from_millis(1);
/// More than this is a slip.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

impl Period {
    /// Reads a period.
    pub(super) fn checked(text: &str) -> Result<Self, Failure> {
        let duration = parse_duration(text)
            .map_err(|error| Failure::new(format!("`--periodic`: {error}")))
            .map_err(|failure| match with_unit(text) {
                Some(near) => failure.hint(format!("did you mean `{near}`?")),
                None => failure,
            })?;
        if !(SHORTEST..=LONGEST).contains(&duration) {
            let what = format!("`--periodic {text}`: a period is from 1ms to a year");
            return Err(Failure::new(what));
        }
        let text = text.trim().to_owned();
        Ok(Self { text, duration })
    }

    /// The period of an agent for which nothing is said.
    pub(super) fn usual() -> Result<Self, Failure> {
        Self::checked(DEFAULT_PERIOD)
    }
}

/// What a number without a unit, or with a mistyped one, was probably meant to be.
fn with_unit(text: &str) -> Option<String> {
    let text = text.trim();
    let digits = text
        .find(|char: char| !char.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    if number.is_empty() {
        return None;
    }
    let units = ["ms", "s", "sec", "m", "min", "h", "hours", "days"];
    let near = match unit.trim() {
        "" => "s",
        unit => nearest(&unit.to_lowercase(), units)?,
    };
    let near = format!("{number}{near}");
    parse_duration(&near).is_ok().then_some(near)
}

/// Reads performatives, each of which counts once.
pub(super) fn performatives<'a>(
    words: impl IntoIterator<Item = &'a str>,
) -> Result<Vec<Performative>, Failure> {
    let mut acts = Vec::new();
    for word in words {
        let spelt = word.trim().to_lowercase().replace('_', "-");
        let act: Performative = spelt.parse().map_err(|_| unknown(word, &spelt))?;
        if !acts.contains(&act) {
            acts.push(act);
        }
    }
    Ok(acts)
}

fn unknown(word: &str, spelt: &str) -> Failure {
    let failure = Failure::new(format!("`--on {word}`: there is no performative `{word}`"));
    let names = || Performative::all().map(Performative::as_str);
    match nearest(spelt, names()) {
        Some(near) => failure.hint(format!("did you mean `{near}`?")),
        None => {
            let names: Vec<&str> = names().collect();
            failure.hint(format!("they are {}", names.join(", ")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        let period = Period::checked("1m30s").unwrap();
        assert_eq!(period.duration, Duration::from_secs(90));
        for (text, words) in [
            ("5", "hint: did you mean `5s`?"),
            ("5 x", "`5 x` is not a duration"),
            ("10 secs.", "`10 secs.` is not a duration"),
            ("3 huors", "hint: did you mean `3hours`?"),
            ("0s", "a period is from 1ms to a year"),
            ("10us", "a period is from 1ms to a year"),
            ("20 years", "a period is from 1ms to a year"),
            ("", "is not a duration"),
        ] {
            let failure = Period::checked(text).unwrap_err().text();
            assert!(failure.contains(words), "{text}: {failure}");
        }
    }

    #[test]
    fn performatives_once_each() {
        let acts = performatives(["request", "query_ref", "Request"]).unwrap();
        assert_eq!(acts, [Performative::Request, Performative::QueryRef]);
        let failure = performatives(["requset"]).unwrap_err().text();
        assert!(
            failure.ends_with("hint: did you mean `request`?"),
            "{failure}"
        );
        let failure = performatives(["shout"]).unwrap_err().text();
        assert!(
            failure.contains("hint: they are accept-proposal, agree"),
            "{failure}"
        );
    }
}
