//! The content of a `proxy`: for whom a message is, and the message.

use std::fmt;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::agent::{FromMessage, Rejection};
use crate::message::{ContentError, Jid, Message, Performative};
use crate::protocol::achieve;

/// What a `proxy` says: pass this on to those that are such.
///
/// Its JSON, as foreign agents write it; all but `description`, `enclosed` and its `performative` may be left out:
///
/// ```
/// use peak::protocol::brokering::Proxy;
///
/// let json = r#"{
///     "description": "sells books",
///     "enclosed": {
///         "performative": "query-ref",
///         "protocol": "fipa-query",
///         "ontology": "books",
///         "language": "text",
///         "encoding": "utf-8",
///         "content": "price of Dune"
///     },
///     "receiver": "clerk@localhost"
/// }"#;
/// let proxy: Proxy<String> = serde_json::from_str(json)?;
/// assert_eq!(proxy.enclosed.content.as_deref(), Some("price of Dune"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Proxy<D> {
    /// Whom the message is for, as initiator and broker describe it.
    pub description: D,
    /// The message.
    pub enclosed: Enclosed,
    /// To whom those that are recruited answer, if not to the initiator.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<Jid>,
}

/// A message that is passed on, without addresses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Enclosed {
    /// What it does.
    #[serde(with = "act")]
    pub performative: Performative,
    /// Its protocol, if not the one that begins with such an act.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub protocol: Option<String>,
    /// The vocabulary of its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ontology: Option<String>,
    /// The language of its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The encoding of its content.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Its content, as text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
}

impl<D> Proxy<D> {
    pub(super) fn new(description: D, enclosed: Enclosed, receiver: Option<Jid>) -> Self {
        Self {
            description,
            enclosed,
            receiver,
        }
    }
}

impl Enclosed {
    /// What of a message is passed on.
    ///
    /// # Errors
    ///
    /// If it has no performative, or its content cannot be written.
    pub(super) fn of(message: &Message) -> crate::Result<Self> {
        let own = |text: Option<&str>| text.map(str::to_owned);
        let performative = message.performative();
        Ok(Self {
            performative: performative.ok_or(NotPassedOn(None))?,
            protocol: own(message.protocol()),
            ontology: own(message.ontology()),
            language: own(message.language()),
            encoding: own(message.encoding()),
            content: own(message.try_body()?),
        })
    }

    /// As a message for nobody yet.
    pub(super) fn draft(&self) -> Message {
        let mut draft = Message::draft(self.performative);
        if let Some(protocol) = &self.protocol {
            draft = draft.with_protocol(protocol);
        }
        if let Some(ontology) = &self.ontology {
            draft = draft.with_ontology(ontology);
        }
        if let Some(language) = &self.language {
            draft = draft.with_language(language);
        }
        if let Some(encoding) = &self.encoding {
            draft = draft.with_encoding(encoding);
        }
        if let Some(content) = &self.content {
            draft = draft.text(content);
        }
        draft
    }

    /// Whether nobody answers it.
    pub(super) fn is_told(&self) -> bool {
        self.performative == Performative::Inform
    }

    /// By which protocol it is passed on, if by any.
    ///
    /// # Errors
    ///
    /// If it is none of the messages that a broker passes on.
    pub(super) fn passed_by(&self) -> Result<Option<&'static str>, NotPassedOn> {
        if self.is_told() {
            return Ok(None);
        }
        let act = self.performative;
        let protocol = achieve::protocol(Some(act)).map_err(|_| NotPassedOn(Some(act)))?;
        match self.protocol.as_deref().is_none_or(|own| own == protocol) {
            true => Ok(Some(protocol)),
            false => Err(NotPassedOn(Some(act))),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<A, D: DeserializeOwned + Clone + 'static> FromMessage<'_, A> for Proxy<D> {
    fn from_message(_: &crate::Context<A>, message: &Message) -> Result<Self, Rejection> {
        message.content().map_err(|error| match error {
            ContentError::Empty { .. } => Rejection::absent(
                "the message has no body, expected JSON with `description` and `enclosed`",
            ),
            ContentError::Mismatch { reason, .. } => Rejection::malformed(format!(
                "the body is not JSON with `description` and `enclosed`, as it is expected: {reason}"
            )),
            error => Rejection::malformed(error.to_string()),
        })
    }
}

/// A message that brokers do not pass on, and what it does.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct NotPassedOn(pub Option<Performative>);

impl fmt::Display for NotPassedOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            "a broker passes on `request`, `request-when`, `query-if` and `query-ref`, each by its own protocol, \
             and `inform`; not ",
        )?;
        match self.0.map(|act| (act, achieve::protocol(Some(act)))) {
            Some((act, Ok(protocol))) => write!(f, "`{act}` by another protocol than `{protocol}`"),
            Some((act, Err(_))) => write!(f, "`{act}`"),
            None => f.write_str("a message without performative"),
        }
    }
}

/// A performative as FIPA writes it.
mod act {
    use std::borrow::Cow;

    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use crate::message::Performative;

    pub(super) fn serialize<S: Serializer>(
        act: &Performative,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(act.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Performative, D::Error> {
        let text = Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_enclosed_comes_out_again() {
        let message = Message::request("a@x")
            .with_ontology("o")
            .with_language("l")
            .with_encoding("e")
            .with_protocol("fipa-request")
            .json(vec![1, 2]);
        let proxy = Proxy::new(7, Enclosed::of(&message).unwrap(), None);
        let json = serde_json::to_string(&proxy).unwrap();
        assert_eq!(
            json,
            r#"{"description":7,"enclosed":{"performative":"request","protocol":"fipa-request","ontology":"o","language":"l","encoding":"e","content":"[1,2]"}}"#
        );
        let draft = serde_json::from_str::<Proxy<u8>>(&json)
            .unwrap()
            .enclosed
            .draft();
        assert_eq!(draft.performative(), Some(Performative::Request));
        assert_eq!((draft.ontology(), draft.language()), (Some("o"), Some("l")));
        assert_eq!(
            (draft.encoding(), draft.protocol()),
            (Some("e"), Some("fipa-request"))
        );
        assert_eq!(draft.content::<Vec<u8>>().unwrap(), [1, 2]);
        assert_eq!(draft.to(), None);
    }

    #[test]
    fn some_messages_are_not_passed_on() {
        let passed_by = |message: Message| Enclosed::of(&message)?.passed_by().map_err(Into::into);
        let passed_by =
            |message| passed_by(message).map_err(|error: crate::Error| error.to_string());
        assert_eq!(passed_by(Message::query_if("a@x")), Ok(Some("fipa-query")));
        let told = Message::inform("a@x").with_protocol("news");
        assert_eq!(passed_by(told), Ok(None));
        let ends = |message, end: &str| {
            let error = passed_by(message).unwrap_err();
            assert!(error.ends_with(end), "{error}");
        };
        ends(Message::cfp("a@x"), "not `cfp`");
        ends(Message::new("a@x"), "not a message without performative");
        ends(
            Message::request("a@x").with_protocol("mine"),
            "not `request` by another protocol than `fipa-request`",
        );
    }
}
