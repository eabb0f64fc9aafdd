//! Extractors: what a handler takes as its arguments.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;

use super::Context;
use crate::message::{
    ConnectionChange, Jid, Json, Message, News, Performative, Presence, PresenceChange,
};

/// A type that a handler can take as an argument: a part of the message, or the context.
///
/// | argument | what it takes |
/// | --- | --- |
/// | [`Json<T>`] | the body, as a value |
/// | [`Text`] | the body, as text |
/// | [`Sender`] | who sent it |
/// | [`Message`], `&Message` | all of it |
/// | [`Thread`] | the thread |
/// | [`Metadata`] | the metadata |
/// | [`Performative`] | the performative |
/// | [`PresenceChange`], [`Presence`] | with `#[on_presence(…)]`: what has become of an agent |
/// | [`ConnectionChange`] | with `#[on_connection(…)]`: what has become of the connection |
/// | `&Context<Self>`, `Context<Self>` | the context |
/// | `Option<T>` of these | `None` if the message has no such part |
/// | `Result<T, Rejection>` | the reason if it cannot be taken |
///
/// A message from which an argument cannot be taken is answered `not-understood`, with the reason.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be taken from an incoming message",
    label = "expected `Json<T>`, `Text`, `Sender`, `Message`, `Thread`, `Metadata` or `&Context<Self>`",
    note = "the body is taken as text with `Text(name): Text`, and as a value with \
            `Json(name): Json<T>`, where `T` has `#[derive(Clone, serde::Deserialize)]`"
)]
pub trait FromMessage<'a, A>: Sized {
    /// Takes this part.
    ///
    /// # Errors
    ///
    /// If the message has no such part, or a malformed one.
    fn from_message(ctx: &'a Context<A>, message: &'a Message) -> Result<Self, Rejection>;
}

/// A type that a behaviour or a hook can take as an argument: there is no message, only the
/// context.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a behaviour or a hook",
    label = "expected `&Context<Self>` or `Context<Self>`: there is no message to take this from",
    note = "a function that handles messages is marked `#[on_message(…)]`"
)]
pub trait FromContext<'a, A>: Sized {
    /// Takes it.
    fn from_context(ctx: &'a Context<A>) -> Self;
}

/// Why an argument could not be taken from a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    reason: String,
    absent: bool,
}

impl Rejection {
    /// The message has no such part.
    pub fn absent(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            absent: true,
        }
    }

    /// The message has such a part, but not a proper one.
    pub fn malformed(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            absent: false,
        }
    }

    /// The reason.
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Rejection {}

/// The body as text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text(pub String);

/// Who sent the message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Sender(pub Jid);

/// The thread of the message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Thread(pub String);

/// The metadata of the message, without FIPA's own parameters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Metadata(pub BTreeMap<String, String>);

impl<'a, A> FromContext<'a, A> for &'a Context<A> {
    fn from_context(ctx: &'a Context<A>) -> Self {
        ctx
    }
}

impl<A> FromContext<'_, A> for Context<A> {
    fn from_context(ctx: &Context<A>) -> Self {
        ctx.clone()
    }
}

impl<'a, A> FromMessage<'a, A> for &'a Context<A> {
    fn from_message(ctx: &'a Context<A>, _: &'a Message) -> Result<Self, Rejection> {
        Ok(ctx)
    }
}

impl<A> FromMessage<'_, A> for Context<A> {
    fn from_message(ctx: &Context<A>, _: &Message) -> Result<Self, Rejection> {
        Ok(ctx.clone())
    }
}

impl<'a, A> FromMessage<'a, A> for &'a Message {
    fn from_message(_: &'a Context<A>, message: &'a Message) -> Result<Self, Rejection> {
        Ok(message)
    }
}

impl<A> FromMessage<'_, A> for Message {
    fn from_message(_: &Context<A>, message: &Message) -> Result<Self, Rejection> {
        Ok(message.clone())
    }
}

impl<A, T: DeserializeOwned + Clone + 'static> FromMessage<'_, A> for Json<T> {
    fn from_message(_: &Context<A>, message: &Message) -> Result<Self, Rejection> {
        match message.content() {
            Ok(value) => Ok(Json(value)),
            Err(error @ crate::ContentError::Empty { .. }) => {
                Err(Rejection::absent(error.to_string()))
            }
            Err(error) => Err(Rejection::malformed(error.to_string())),
        }
    }
}

impl<A> FromMessage<'_, A> for Text {
    fn from_message(_: &Context<A>, message: &Message) -> Result<Self, Rejection> {
        match message.try_body() {
            Ok(Some(body)) => Ok(Text(body.to_owned())),
            Ok(None) => Err(Rejection::absent("the message has no body, expected text")),
            Err(error) => Err(Rejection::malformed(error.to_string())),
        }
    }
}

impl<A> FromMessage<'_, A> for Sender {
    fn from_message(_: &Context<A>, message: &Message) -> Result<Self, Rejection> {
        let sender = message.sender().cloned();
        sender
            .map(Sender)
            .ok_or_else(|| Rejection::absent("the message names no sender"))
    }
}

impl<A> FromMessage<'_, A> for Thread {
    fn from_message(_: &Context<A>, message: &Message) -> Result<Self, Rejection> {
        let thread = message.thread();
        thread
            .map(|thread| Thread(thread.to_owned()))
            .ok_or_else(|| Rejection::absent("the message has no thread"))
    }
}

impl<A> FromMessage<'_, A> for Metadata {
    fn from_message(_: &Context<A>, message: &Message) -> Result<Self, Rejection> {
        let entries = message.metadata_entries();
        Ok(Metadata(
            entries.map(|(k, v)| (k.to_owned(), v.to_owned())).collect(),
        ))
    }
}

impl<A> FromMessage<'_, A> for Performative {
    fn from_message(_: &Context<A>, message: &Message) -> Result<Self, Rejection> {
        message
            .performative()
            .ok_or_else(|| Rejection::absent("the message has no performative"))
    }
}

impl<A> FromMessage<'_, A> for PresenceChange {
    fn from_message(_: &Context<A>, message: &Message) -> Result<Self, Rejection> {
        match message.news() {
            Some(News::Presence(change)) => Ok(change.clone()),
            _ => Err(Rejection::absent("this is no news of an agent's presence")),
        }
    }
}

impl<A> FromMessage<'_, A> for Presence {
    fn from_message(_: &Context<A>, message: &Message) -> Result<Self, Rejection> {
        match message.news() {
            Some(News::Presence(PresenceChange::Available(presence))) => Ok(presence.clone()),
            _ => Err(Rejection::absent(
                "this is no news of an agent that is there",
            )),
        }
    }
}

impl<A> FromMessage<'_, A> for ConnectionChange {
    fn from_message(_: &Context<A>, message: &Message) -> Result<Self, Rejection> {
        match message.news() {
            Some(News::Connection(change)) => Ok(change.clone()),
            _ => Err(Rejection::absent("this is no news of the connection")),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<'a, A, T: FromMessage<'a, A>> FromMessage<'a, A> for Option<T> {
    fn from_message(ctx: &'a Context<A>, message: &'a Message) -> Result<Self, Rejection> {
        match T::from_message(ctx, message) {
            Ok(value) => Ok(Some(value)),
            Err(rejection) if rejection.absent => Ok(None),
            Err(rejection) => Err(rejection),
        }
    }
}

#[diagnostic::do_not_recommend]
impl<'a, A, T: FromMessage<'a, A>> FromMessage<'a, A> for Result<T, Rejection> {
    fn from_message(ctx: &'a Context<A>, message: &'a Message) -> Result<Self, Rejection> {
        Ok(T::from_message(ctx, message))
    }
}
