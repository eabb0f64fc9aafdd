//! What a message carries: text, or a value that becomes text only when it must.

use std::any::{Any, type_name};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Performative;

/// A value carried as JSON.
///
/// As an argument of a handler it takes the content out of the message; in a reply it puts it in.
/// Between two agents of one process the value itself is handed over, neither encoded nor decoded;
/// towards the network, or when the receiver asks for another type, it is JSON text.
///
/// ```
/// use peak::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Reading { celsius: f64 }
///
/// let message = Message::inform("logger@localhost").json(Reading { celsius: 20.5 });
/// let reading: Reading = message.content()?;
/// assert_eq!(reading.celsius, 20.5);
/// assert_eq!(message.body(), Some(r#"{"celsius":20.5}"#));
/// # Ok::<(), peak::ContentError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Json<T>(pub T);

/// Why the content of a message could not be read as what was asked for.
#[derive(Debug, Clone, thiserror::Error)]
#[non_exhaustive]
pub enum ContentError {
    /// The message has no body.
    #[error("the message has no body, expected {expected} as JSON")]
    Empty {
        /// The type that was asked for.
        expected: &'static str,
    },
    /// The body is not JSON, or not of that shape.
    #[error("the body is not {expected} as JSON: {reason}")]
    Mismatch {
        /// The type that was asked for.
        expected: &'static str,
        /// What the parser found, with line and column.
        reason: String,
    },
    /// The message is a negative answer, and its body the reason.
    #[error("expected {expected} as JSON, but the answer is `{act}`: {reason}")]
    Negative {
        /// The type that was asked for.
        expected: &'static str,
        /// What the answer does.
        act: Performative,
        /// Its body.
        reason: String,
    },
    /// The sender's value could not be written as JSON.
    #[error("the content cannot be written as JSON: {reason}")]
    Encode {
        /// What serde says.
        reason: String,
    },
}

/// The body of a message.
#[derive(Clone, Default)]
pub(crate) enum Body {
    #[default]
    Empty,
    Text(String),
    Typed(Arc<dyn Typed>),
}

/// A value with its JSON text, which is made at most once and only when somebody asks.
pub(crate) trait Typed: Send + Sync {
    fn value(&self) -> &dyn Any;
    fn text(&self) -> Result<&str, ContentError>;
}

struct Lazy<T> {
    value: T,
    text: OnceLock<Result<Box<str>, ContentError>>,
}

impl<T: Serialize + Send + Sync + 'static> Typed for Lazy<T> {
    fn value(&self) -> &dyn Any {
        &self.value
    }

    fn text(&self) -> Result<&str, ContentError> {
        self.text
            .get_or_init(|| {
                // The sender's code, run wherever the text is first asked for: its panic is an
                // error of the content, not of whoever asks.
                let encoding = AssertUnwindSafe(|| serde_json::to_string(&self.value));
                let reason = match catch_unwind(encoding) {
                    Ok(Ok(text)) => return Ok(text.into()),
                    Ok(Err(error)) => error.to_string(),
                    Err(_) => "its `Serialize` panicked".to_owned(),
                };
                Err(ContentError::Encode { reason })
            })
            .as_deref()
            .map_err(Clone::clone)
    }
}

impl Body {
    pub(crate) fn typed<T: Serialize + Send + Sync + 'static>(value: T) -> Self {
        Self::Typed(Arc::new(Lazy {
            value,
            text: OnceLock::new(),
        }))
    }

    /// The body as text; a value is encoded now if it was not yet.
    pub(crate) fn text(&self) -> Result<Option<&str>, ContentError> {
        match self {
            Self::Empty => Ok(None),
            Self::Text(text) => Ok(Some(text)),
            Self::Typed(typed) => typed.text().map(Some),
        }
    }

    /// The body as a value: the sender's own, if it is of this type, else parsed from the text.
    pub(crate) fn read<T: DeserializeOwned + Clone + 'static>(&self) -> Result<T, ContentError> {
        if let Self::Typed(typed) = self
            && let Some(value) = typed.value().downcast_ref::<T>()
        {
            return Ok(value.clone());
        }
        let expected = short_type_name::<T>();
        let text = self.text()?.ok_or(ContentError::Empty { expected })?;
        serde_json::from_str(text).map_err(|error| ContentError::Mismatch {
            expected,
            reason: error.to_string(),
        })
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.text() {
            Ok(text) => text.fmt(f),
            Err(error) => write!(f, "<{error}>"),
        }
    }
}

impl ContentError {
    /// The same error, of a message with this performative.
    pub(super) fn of(self, act: Option<Performative>, body: Option<&str>) -> Self {
        match (self, act) {
            (
                Self::Empty { expected } | Self::Mismatch { expected, .. },
                Some(
                    act @ (Performative::Failure
                    | Performative::NotUnderstood
                    | Performative::Refuse
                    | Performative::RejectProposal),
                ),
            ) => Self::Negative {
                expected,
                act,
                reason: body.unwrap_or("no reason given").to_owned(),
            },
            (error, _) => error,
        }
    }
}

/// The name of a type as its author writes it, without the path.
fn short_type_name<T>() -> &'static str {
    let name = type_name::<T>();
    // Only a plain path is cut: `Vec<a::B>` keeps its inner paths, which is still readable.
    match name.find('<') {
        None => name.rsplit("::").next().unwrap_or(name),
        Some(_) => name,
    }
}

/// What can stand inside a reply: nothing, text, or a [`Json`] value.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the content of a reply",
    label = "expected `()`, text, or `Json(value)`",
    note = "the value in `Json(value)` is of a type that has \
            `#[derive(Clone, serde::Serialize, serde::Deserialize)]`"
)]
pub trait IntoBody {
    #[doc(hidden)]
    fn write_to(self, message: super::Message) -> super::Message;
}

impl IntoBody for () {
    fn write_to(self, message: super::Message) -> super::Message {
        message
    }
}

impl IntoBody for String {
    fn write_to(self, message: super::Message) -> super::Message {
        message.text(self)
    }
}

impl IntoBody for &str {
    fn write_to(self, message: super::Message) -> super::Message {
        message.text(self)
    }
}

impl<T: Serialize + Send + Sync + 'static> IntoBody for Json<T> {
    fn write_to(self, message: super::Message) -> super::Message {
        message.json(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use std::collections::HashMap;

    /// Counts nothing but fails when encoded, so a test that hands it over shows that nobody did.
    #[derive(Debug, Clone, PartialEq, Deserialize)]
    struct Unencodable(u32);

    impl Serialize for Unencodable {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("it was encoded"))
        }
    }

    #[test]
    fn a_value_of_the_same_type_is_handed_over_without_encoding() {
        let body = Body::typed(Unencodable(7));
        assert_eq!(body.read::<Unencodable>().unwrap(), Unencodable(7));
    }

    #[test]
    fn another_type_goes_through_json() {
        let body = Body::typed(HashMap::from([("a", 1)]));
        assert_eq!(
            body.read::<serde_json::Value>().unwrap(),
            serde_json::json!({"a": 1})
        );
        assert_eq!(body.text().unwrap(), Some(r#"{"a":1}"#));
    }

    #[test]
    fn errors_name_the_type_and_the_place() {
        let error = Body::Text("nonsense".to_owned()).read::<u32>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the body is not u32 as JSON: expected ident at line 1 column 2"
        );
        let error = Body::Empty.read::<Unencodable>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the message has no body, expected Unencodable as JSON"
        );
        let error = Body::typed(Unencodable(7)).text().unwrap_err();
        assert_eq!(
            error.to_string(),
            "the content cannot be written as JSON: it was encoded"
        );
    }
}
