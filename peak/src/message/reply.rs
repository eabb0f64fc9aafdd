//! What a handler returns: one type for each performative.
//!
//! A handler's return value is its reply; the platform fills in conversation and `in-reply-to`.
//!
//! - with content, `()` unless given: [`Inform`], [`Propose`], [`AcceptProposal`], [`Confirm`], …
//! - with a reason: [`Refuse`], [`Failure`], [`NotUnderstood`], [`RejectProposal`]
//! - bare: [`Agree`]
//!
//! ```
//! use peak::prelude::*;
//!
//! #[agent]
//! struct Seller { stock: u32 }
//!
//! #[agent]
//! impl Seller {
//!     #[on_message(performative = "request")]
//!     async fn sell(&mut self, Json(wanted): Json<u32>) -> Result<Inform<Json<u32>>, Refuse> {
//!         if wanted > self.stock {
//!             return Err(Refuse::new("sold out"));
//!         }
//!         self.stock -= wanted;
//!         Ok(Inform(Json(self.stock)))
//!     }
//! }
//! ```

use super::{IntoBody, Message, Performative};

/// A value that answers a message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an answer",
    label = "expected an answer such as `Inform(…)`, `Agree` or `Refuse::new(…)`",
    note = "`peak::reply` has a type for each performative"
)]
pub trait Reply {
    /// What the answer does.
    #[doc(hidden)]
    const ACT: Performative;

    /// Writes the answer's content into it.
    #[doc(hidden)]
    fn write_to(self, message: Message) -> Message;
}

/// The answer, still without a receiver.
pub(crate) fn draft<R: Reply>(reply: R) -> Message {
    reply.write_to(Message::draft(R::ACT))
}

/// An answer that may have been an error.
pub(crate) trait Negative: Reply {
    /// The error that it was.
    fn error(&self) -> Option<anyhow::Error>;
}

macro_rules! with_content {
    ($($name:ident $word:literal)*) => {$(
        #[doc = concat!("Answers `", $word, "` with this content: `()`, text, or [`Json`](crate::Json).")]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
        pub struct $name<C = ()>(pub C);

        impl<C: IntoBody> Reply for $name<C> {
            const ACT: Performative = Performative::$name;

            fn write_to(self, message: Message) -> Message {
                self.0.write_to(message)
            }
        }
    )*};
}

with_content! {
    AcceptProposal "accept-proposal"
    Cancel "cancel"
    Cfp "cfp"
    Confirm "confirm"
    Disconfirm "disconfirm"
    Inform "inform"
    InformIf "inform-if"
    InformRef "inform-ref"
    Propagate "propagate"
    Propose "propose"
    Proxy "proxy"
    QueryIf "query-if"
    QueryRef "query-ref"
    Request "request"
    RequestWhen "request-when"
    RequestWhenever "request-whenever"
    Subscribe "subscribe"
}

macro_rules! with_reason {
    ($($name:ident $word:literal)*) => {$(
        #[doc = concat!("Answers `", $word, "` with the reason as text.")]
        ///
        /// An error becomes one by `?`, with its text as the reason; it is also logged, and counted as a
        /// failure of the agent that answers.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        pub struct $name {
            reason: String,
            /// Whether it was an error before.
            is_error: bool,
        }

        impl $name {
            /// With this reason.
            pub fn new(reason: impl Into<String>) -> Self {
                Self { reason: reason.into(), is_error: false }
            }

            /// The reason.
            pub fn reason(&self) -> &str {
                &self.reason
            }
        }

        impl Reply for $name {
            const ACT: Performative = Performative::$name;

            fn write_to(self, message: Message) -> Message {
                message.text(self.reason)
            }
        }

        impl Negative for $name {
            fn error(&self) -> Option<anyhow::Error> {
                self.is_error.then(|| anyhow::Error::msg(self.reason.clone()))
            }
        }

        impl<E: Into<anyhow::Error>> From<E> for $name {
            fn from(error: E) -> Self {
                Self { reason: format!("{:#}", error.into()), is_error: true }
            }
        }
    )*};
}

with_reason! {
    Failure "failure"
    NotUnderstood "not-understood"
    Refuse "refuse"
    RejectProposal "reject-proposal"
}

/// Answers `agree`: the result comes later.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Agree;

impl Reply for Agree {
    const ACT: Performative = Performative::Agree;

    fn write_to(self, message: Message) -> Message {
        message
    }
}
