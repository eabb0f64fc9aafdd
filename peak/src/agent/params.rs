//! Parameters: named values from a deployment file or the command line, checked at start-up.

use std::any::{Any, TypeId};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_json::Value;

use super::kind::ParamKind;
use crate::text;
use crate::time::parse_duration;

/// A parameter that an agent declares with `#[param]`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ParamSpec {
    /// Its name.
    pub name: &'static str,
    /// The documentation of the field.
    pub doc: &'static str,
    /// The type, as written.
    pub ty: &'static str,
    /// The default, as written; `None` if the parameter is required.
    pub default: Option<&'static str>,
    #[doc(hidden)]
    pub kind: ParamKind,
}

/// Values for the parameters of one agent.
///
/// ```
/// use peak::ParamValues;
///
/// let mut values = ParamValues::new();
/// values.set("target", 22.5).set_text("room", "attic");
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ParamValues {
    values: BTreeMap<String, Given>,
    folder: PathBuf,
}

#[derive(Debug, Clone, PartialEq)]
enum Given {
    /// With the type it has in the file.
    Typed(Value),
    /// As text from a command line: a number or a list if the parameter wants one.
    Text(String),
}

impl ParamValues {
    /// No values: every parameter takes its default.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a value that has a type.
    pub fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) -> &mut Self {
        self.values.insert(name.into(), Given::Typed(value.into()));
        self
    }

    /// Sets a value as text, as on a command line: `22.5` is a number where one is wanted.
    pub fn set_text(&mut self, name: impl Into<String>, text: impl Into<String>) -> &mut Self {
        self.values.insert(name.into(), Given::Text(text.into()));
        self
    }

    /// Says which folder the names of files in these values, and in the defaults beside them, are
    /// relative to, such as the one of the file that the values are from. Unless it is said, that is
    /// the current folder.
    ///
    /// ```
    /// use peak::ParamValues;
    ///
    /// let mut values = ParamValues::new();
    /// values.set("load", "load.csv").relative_to("examples/data_provider");
    /// ```
    pub fn relative_to(&mut self, folder: impl Into<PathBuf>) -> &mut Self {
        self.folder = folder.into();
        self
    }

    /// Takes over the values of `other`, which win over those here. The folder stays as it is here.
    pub fn extend(&mut self, other: ParamValues) -> &mut Self {
        self.values.extend(other.values);
        self
    }
}

/// A type that can be a parameter: whatever serde can read, `Duration` as text ("1m30s"), and with
/// the feature `dataset` a file to read row by row, `Dataset<T>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be a parameter",
    label = "a `#[param]` is read from text or YAML, so its type must implement `serde::Deserialize`",
    note = "derive it: `#[derive(serde::Deserialize)]`; or leave out `#[param]`, and the field \
            starts as `Default::default()`"
)]
#[cfg_attr(
    feature = "dataset",
    diagnostic::on_unimplemented(
        note = "a `Dataset<T>` is a parameter by itself, where `T` implements it; with \
                `#[param(default)]` it need not be given"
    )
)]
pub trait Param: Sized {
    #[doc(hidden)]
    fn read(value: &Value, about: About<'_>) -> Result<Self, String>;
}

/// What there is to know of a parameter besides its value.
#[doc(hidden)]
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// What names of files are relative to.
    pub folder: &'a Path,
    /// Whether a dataset loops that does not say.
    pub looping: bool,
}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned + 'static> Param for T {
    fn read(value: &Value, _: About<'_>) -> Result<Self, String> {
        if let Value::String(text) = value
            && let Some(duration) = duration_as::<T>(text)
        {
            return duration;
        }
        T::deserialize(value).map_err(|error| reason::<T>(value, &error.to_string()))
    }
}

/// What serde said, with what to write where it only names a type.
fn reason<T: 'static>(value: &Value, error: &str) -> String {
    if is_duration::<T>() {
        return match value {
            Value::Number(seconds) if seconds.as_f64().is_some_and(|seconds| seconds >= 0.0) => {
                format!("`{seconds}` is a number, not a duration: write it as \"{seconds}s\"")
            }
            _ => format!("`{value}` is not a duration: write one as \"5s\""),
        };
    }
    let negative = value.as_i64().is_some_and(|number| number < 0);
    match error.rsplit_once(", expected ") {
        Some((_, wanted)) if negative && wanted.starts_with('u') => {
            format!("{error}: a whole number from 0")
        }
        Some((_, wanted)) if negative && wanted.starts_with("a nonzero u") => {
            format!("{error}: a whole number from 1")
        }
        _ => error.to_owned(),
    }
}

fn is_duration<T: 'static>() -> bool {
    let this = TypeId::of::<T>();
    this == TypeId::of::<Duration>() || this == TypeId::of::<Option<Duration>>()
}

/// Reads a duration if `T` is one: serde itself would want a map of seconds and nanoseconds.
fn duration_as<T: 'static>(text: &str) -> Option<Result<T, String>> {
    let wrap: fn(Duration) -> Box<dyn Any> = if TypeId::of::<T>() == TypeId::of::<Duration>() {
        |duration| Box::new(duration)
    } else if TypeId::of::<T>() == TypeId::of::<Option<Duration>>() {
        |duration| Box::new(Some(duration))
    } else {
        return None;
    };
    match parse_duration(text) {
        Ok(duration) => wrap(duration).downcast().ok().map(|value| Ok(*value)),
        Err(error) => Some(Err(error.to_string())),
    }
}

fn read<T: Param>(given: &Given, about: About<'_>) -> Result<T, String> {
    match given {
        Given::Typed(value) => T::read(value, about),
        // `22` is a number if a number is wanted, and the text "22" if text is wanted.
        Given::Text(text) => {
            let as_text = || T::read(&Value::String(text.clone()), about);
            match serde_json::from_str::<Value>(text) {
                Ok(value) => T::read(&value, about).or_else(|error| {
                    // If it is neither, a number or a mapping was meant to be one.
                    let is_meant = value.is_number() || value.is_object();
                    as_text().map_err(|as_text| if is_meant { error } else { as_text })
                }),
                Err(_) => as_text(),
            }
        }
    }
}

/// The parameters of an agent while they are being read; collects every mistake.
#[derive(Debug)]
pub struct Params<'a> {
    agent: &'static str,
    specs: &'static [ParamSpec],
    values: &'a ParamValues,
    /// Those that loop unless their value says otherwise.
    looping: Vec<&'static str>,
    errors: Vec<(String, String)>,
}

#[doc(hidden)]
impl<'a> Params<'a> {
    pub fn new(agent: &'static str, specs: &'static [ParamSpec], values: &'a ParamValues) -> Self {
        let errors = values
            .values
            .keys()
            .filter(|name| !specs.iter().any(|spec| spec.name == name.as_str()))
            .map(|name| (name.clone(), unknown(name, specs)))
            .collect();
        Self {
            agent,
            specs,
            values,
            looping: Vec::new(),
            errors,
        }
    }

    /// Says that this one loops unless its value says otherwise.
    pub fn looping(&mut self, name: &'static str) {
        self.looping.push(name);
    }

    fn about(&self, name: &str) -> About<'a> {
        About {
            folder: &self.values.folder,
            looping: self.looping.contains(&name),
        }
    }

    pub fn required<T: Param>(&mut self, name: &'static str) -> Option<T> {
        let value = self.given(name)?;
        if value.is_none() {
            let spec = self.specs.iter().find(|spec| spec.name == name);
            let ty = spec.map_or("", |spec| spec.ty);
            let doc = spec.map_or("", |spec| spec.doc).trim();
            let about = if doc.is_empty() {
                String::new()
            } else {
                format!(": {doc}")
            };
            let error = format!("`{name}` ({ty}) is required{about}");
            self.errors.push((name.to_owned(), error));
        }
        value
    }

    pub fn or_else<T: Param>(
        &mut self,
        name: &'static str,
        default: impl FnOnce() -> T,
    ) -> Option<T> {
        let value = self.given(name)?;
        Some(value.unwrap_or_else(default))
    }

    pub fn or_text<T: Param>(&mut self, name: &'static str, default: &'static str) -> Option<T> {
        if let Some(value) = self.given(name)? {
            return Some(value);
        }
        let read = read(&Given::Text(default.to_owned()), self.about(name));
        self.note(
            name,
            read.map_err(|error| format!("the default in the program: {error}")),
        )
    }

    /// The value that was given, if one was; the outer `None` if it was a wrong one.
    #[expect(clippy::option_option, reason = "not given and given wrongly differ")]
    fn given<T: Param>(&mut self, name: &'static str) -> Option<Option<T>> {
        let values = self.values;
        match values.values.get(name) {
            None => Some(None),
            Some(given) => self.note(name, read(given, self.about(name))).map(Some),
        }
    }

    fn note<T>(&mut self, name: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|error| {
            let error = format!("`{name}`: {error}");
            self.errors.push((name.to_owned(), error));
        })
        .ok()
    }

    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, ParamErrors> {
        let built = if self.errors.is_empty() {
            build()
        } else {
            None
        };
        built.ok_or(ParamErrors {
            agent: self.agent,
            errors: self.errors,
        })
    }
}

fn unknown(name: &str, specs: &'static [ParamSpec]) -> String {
    let names = || specs.iter().map(|spec| spec.name);
    match text::nearest(name, names()) {
        Some(near) => format!("there is no `{name}`: did you mean `{near}`?"),
        None => format!("there is no `{name}`; it has {}", text::list(names())),
    }
}

/// Everything that is wrong with the parameters given to an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParamErrors {
    agent: &'static str,
    errors: Vec<(String, String)>,
}

impl ParamErrors {
    /// Each parameter that is wrong, and what is wrong with it.
    pub fn each(&self) -> impl Iterator<Item = (&str, &str)> {
        self.errors
            .iter()
            .map(|(name, error)| (name.as_str(), error.as_str()))
    }
}

impl fmt::Display for ParamErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "parameters of {}: ", self.agent)?;
        for (place, (_, error)) in self.each().enumerate() {
            let separator = if place == 0 { "" } else { "; " };
            write!(f, "{separator}{error}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ParamErrors {}

/// A field that is no parameter: it starts as its type's default.
#[diagnostic::on_unimplemented(
    message = "a field of type `{Self}` has no value to start with",
    label = "an agent's field starts as `Default::default()`, which `{Self}` does not have",
    note = "implement `Default` for it, make it an `Option`, or make the field a `#[param]`"
)]
#[doc(hidden)]
pub trait Initial: Sized {
    fn initial() -> Self;
}

impl<T: Default> Initial for T {
    fn initial() -> Self {
        T::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about() -> About<'static> {
        About {
            folder: Path::new(""),
            looping: false,
        }
    }

    const SPECS: &[ParamSpec] = &[
        ParamSpec {
            name: "target",
            doc: "",
            ty: "f64",
            default: Some("21.0"),
            kind: ParamKind::Number,
        },
        ParamSpec {
            name: "room",
            doc: " Where it hangs.",
            ty: "String",
            default: None,
            kind: ParamKind::Text,
        },
        ParamSpec {
            name: "every",
            doc: "",
            ty: "Duration",
            default: Some("\"5s\""),
            kind: ParamKind::Duration,
        },
    ];

    fn read_all(values: &ParamValues) -> Result<(f64, String, Duration), ParamErrors> {
        let mut params = Params::new("Thermostat", SPECS, values);
        let target = params.or_else("target", || 21.0);
        let room = params.required("room");
        let every = params.or_text("every", "5s");
        params.finish(|| Some((target?, room?, every?)))
    }

    #[test]
    fn text_becomes_what_the_parameter_wants() {
        let mut values = ParamValues::new();
        values
            .set_text("target", "22")
            .set_text("room", "101")
            .set_text("every", "1m");
        assert_eq!(
            read_all(&values),
            Ok((22.0, "101".to_owned(), Duration::from_secs(60)))
        );
    }

    #[test]
    fn defaults_stand_in() {
        let mut values = ParamValues::new();
        values.set("room", "attic");
        assert_eq!(
            read_all(&values),
            Ok((21.0, "attic".to_owned(), Duration::from_secs(5)))
        );
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let mut values = ParamValues::new();
        values
            .set("target", "warm")
            .set("rom", "attic")
            .set("every", "5x");
        let error = read_all(&values).unwrap_err().to_string();
        assert!(error.starts_with("parameters of Thermostat: "), "{error}");
        for part in [
            "there is no `rom`: did you mean `room`?",
            "`target`: invalid type: string \"warm\", expected f64",
            "`room` (String) is required: Where it hangs.",
            "`every`: `5x` is not a duration",
        ] {
            assert!(error.contains(part), "{part} in {error}");
        }
    }

    #[test]
    fn a_mistake_says_what_to_write() {
        fn reason<T: Param>(value: impl Into<Value>) -> String {
            let value = value.into();
            let typed = T::read(&value, about()).err().unwrap_or_default();
            // From a command line it is the same mistake.
            let text = read::<T>(&Given::Text(value.to_string()), about());
            assert_eq!(text.err().unwrap_or_default(), typed);
            typed
        }
        for (found, expected) in [
            (
                reason::<Duration>(5),
                "`5` is a number, not a duration: write it as \"5s\"",
            ),
            (
                reason::<Option<Duration>>(1.5),
                "`1.5` is a number, not a duration: write it as \"1.5s\"",
            ),
            (
                reason::<Duration>(-5),
                "`-5` is not a duration: write one as \"5s\"",
            ),
            (
                reason::<u8>(-5),
                "invalid value: integer `-5`, expected u8: a whole number from 0",
            ),
            (
                reason::<Option<u64>>(-5),
                "invalid value: integer `-5`, expected u64: a whole number from 0",
            ),
            (
                reason::<std::num::NonZeroU32>(-5),
                "invalid value: integer `-5`, expected a nonzero u32: a whole number from 1",
            ),
            (
                reason::<i8>(-500),
                "invalid value: integer `-500`, expected i8",
            ),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_default_that_cannot_be_read_is_the_programs_mistake() {
        let values = ParamValues::new();
        let mut params = Params::new("Thermostat", SPECS, &values);
        let target = params.or_text::<f64>("target", "warm");
        let error = params.finish(|| target).unwrap_err().to_string();
        assert_eq!(
            error,
            "parameters of Thermostat: `target`: the default in the program: invalid type: string \
             \"warm\", expected f64"
        );
    }

    #[test]
    fn an_optional_duration_reads_text_too() {
        assert_eq!(
            <Option<Duration>>::read(&Value::from("2s"), about()),
            Ok(Some(Duration::from_secs(2)))
        );
        let null = <Option<Duration>>::read(&Value::Null, about());
        assert_eq!(null, Ok(None));
    }
}
