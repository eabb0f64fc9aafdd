//! News: what an agent learns besides messages. It comes in the queue of the messages, in order.

use super::Presence;

/// What an agent learns besides messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum News {
    /// Of another agent.
    Presence(PresenceChange),
    /// Of its own connection.
    #[cfg_attr(
        not(feature = "xmpp"),
        allow(dead_code, reason = "without XMPP there is none that breaks")
    )]
    Connection(ConnectionChange),
    /// Of a message of its own in a conversation, which has come back. It goes to whoever holds the conversation, or
    /// to the role in which it was said, never to a handler.
    Undelivered(Undelivered),
}

/// What an agent learns of another one's presence (RFC 6121, sections 3 and 4).
///
/// A function with `#[on_presence(…)]` takes it as an argument, beside
/// [`Sender`](crate::Sender), who it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PresenceChange {
    /// It is there, and so.
    Available(Presence),
    /// It is not there any more.
    Unavailable {
        /// Its parting words.
        status: Option<String>,
    },
    /// It asks to be told of this agent's presence.
    Subscribe,
    /// It lets this agent know its presence from now on.
    Subscribed,
    /// It does not want to be told of this agent's presence any more.
    Unsubscribe,
    /// It does not let this agent know its presence, or not any more.
    Unsubscribed,
}

/// What becomes of the connection of an agent that lives on an XMPP server.
///
/// A function with `#[on_connection(…)]` takes it as an argument. What is sent while there is no
/// connection waits until there is one again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConnectionChange {
    /// It broke. The network tries to restore it for as long as the agent lives.
    Lost {
        /// Why, as far as it is known.
        reason: String,
    },
    /// It is there again.
    Restored,
}

/// Why a message that had been accepted was not delivered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Undelivered {
    /// The receiver ended before it had handled the message.
    #[error("the receiver ended before it had handled it")]
    Ended,
    /// What the receiver's network says.
    #[error("{0}")]
    Refused(String),
}

/// Kinds of news, as a set: what a handler wants to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[doc(hidden)]
pub struct Topics(u8);

impl Topics {
    pub const AVAILABLE: Self = Self(1);
    pub const UNAVAILABLE: Self = Self(1 << 1);
    pub const SUBSCRIBE: Self = Self(1 << 2);
    pub const SUBSCRIBED: Self = Self(1 << 3);
    pub const UNSUBSCRIBE: Self = Self(1 << 4);
    pub const UNSUBSCRIBED: Self = Self(1 << 5);
    pub const LOST: Self = Self(1 << 6);
    pub const RESTORED: Self = Self(1 << 7);
    /// None: what handles messages.
    pub const NONE: Self = Self(0);

    /// The topics of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(crate) fn contains(self, news: &News) -> bool {
        self.0 & Self::of(news).0 != 0
    }

    fn of(news: &News) -> Self {
        match news {
            News::Presence(change) => match change {
                PresenceChange::Available(_) => Self::AVAILABLE,
                PresenceChange::Unavailable { .. } => Self::UNAVAILABLE,
                PresenceChange::Subscribe => Self::SUBSCRIBE,
                PresenceChange::Subscribed => Self::SUBSCRIBED,
                PresenceChange::Unsubscribe => Self::UNSUBSCRIBE,
                PresenceChange::Unsubscribed => Self::UNSUBSCRIBED,
            },
            News::Connection(ConnectionChange::Lost { .. }) => Self::LOST,
            News::Connection(ConnectionChange::Restored) => Self::RESTORED,
            News::Undelivered(_) => Self::NONE,
        }
    }
}
