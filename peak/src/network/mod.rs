//! The seam between agents and the world.
//!
//! [`Network`] is what agents ask of the world, [`Event`] what the world tells them, both in the
//! domain's own types: no stanzas, no XML. [`embedded`] speaks it inside the process; a connection
//! to an XMPP server speaks the same.

mod contacts;
mod embedded;
mod inbox;
mod reply;
mod rosters;
mod router;
mod subscription;
#[cfg(feature = "xmpp")]
pub(crate) mod xmpp;

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

pub use crate::message::Undelivered;
use crate::message::{Jid, Message, MessageError, News, Presence};

pub(crate) use contacts::ContactAct;
pub use contacts::{Contact, ContactError, ContactState};
pub(crate) use embedded::Embedded;
pub(crate) use inbox::{Inbox, ReplyError};
pub use subscription::{ReceiveError, Subscription};

/// A boxed future, for what must be stored or crosses the seam.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What agents ask of the world.
pub(crate) trait Network: fmt::Debug + Send + Sync {
    /// Makes an agent reachable under its address; from now on its inbox receives events.
    fn attach(&self, inbox: Arc<Inbox>) -> BoxFuture<'_, Result<(), AttachError>>;

    /// Makes an agent unreachable. What it has sent is still handed over.
    fn detach(&self, jid: &Jid);

    /// Waits until everything that agents have sent is handed over, and every connection of an
    /// agent that is detached is closed.
    fn settled(&self) -> BoxFuture<'_, ()>;

    /// Whether an agent can reach others now.
    fn is_online(&self, jid: &Jid) -> bool;

    /// Hands over a message whose sender is filled in.
    fn send(&self, message: Message) -> Sending;

    /// Tells how an agent is, see [`Presence`]: those of its contacts who want to know.
    fn set_presence(&self, own: &Jid, presence: Presence);

    /// How the session at a full address is, or the most available one of a bare address, as far as
    /// the agent `own` can see; `None` if there is none.
    fn presence(&self, own: &Jid, of: &Jid) -> Option<Presence>;

    /// Does what the agent `own` wants done about a contact. What follows from it comes as news.
    fn contact(&self, own: &Jid, to: &Jid, act: ContactAct) -> Result<(), ContactError>;

    /// The contacts of an agent's account, by their addresses, as far as they are known.
    fn contacts(&self, own: &Jid) -> Vec<Contact>;

    /// One of them; a full address means its account.
    fn contact_at(&self, own: &Jid, jid: &Jid) -> Option<Contact> {
        let mut contacts = self.contacts(own).into_iter();
        contacts.find(|contact| contact.jid.same_account(jid))
    }

    /// Has the session `own` approve every request to be told of its presence, those that wait
    /// included, and ask the same in turn; or not any more.
    fn approve_all(&self, own: &Jid, yes: bool);
}

/// What the world tells an agent.
#[derive(Debug)]
pub(crate) enum Event {
    /// A message for it.
    Message(Message),
    /// A message of its own, accepted earlier, that could not be delivered after all.
    DeliveryFailed(Message, Undelivered),
    /// Something besides messages, and whom it is about.
    News(Option<Jid>, News),
}

/// What became of a message so far.
pub(crate) enum Sending {
    /// It has been accepted.
    Done,
    /// It has been refused.
    Failed(SendError),
    /// There is no room yet; this waits until there is, or until the limit is over.
    Waiting(BoxFuture<'static, Result<(), SendError>>),
}

/// Why a message was not sent. Every case gives the message back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The message was written wrongly.
    #[error("{error}")]
    Invalid {
        /// What is wrong with it.
        error: MessageError,
        /// The message.
        message: Message,
    },
    /// Nobody has that address.
    #[error("no agent has the address `{to}`{}", near.as_ref().map(|near| format!(": did you mean `{near}`?")).unwrap_or_default())]
    NoSuchAgent {
        /// The address.
        to: Jid,
        /// An agent with a similar address.
        near: Option<String>,
        /// The message.
        message: Message,
    },
    /// The address belongs to a domain that this platform is not connected to.
    #[error("no route to `{to}`: this platform serves {served} and has no connection to `{}`{}", to.domain(), near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    NoRoute {
        /// The address.
        to: Jid,
        /// An address here that may have been meant.
        near: Option<String>,
        /// The domains that can be reached.
        served: String,
        /// The message.
        message: Message,
    },
    /// The agent's connection to its server is gone, and the message cannot wait for it.
    #[error("the message to `{to}` cannot be sent: {reason}")]
    Offline {
        /// The receiver.
        to: Jid,
        /// Why.
        reason: String,
        /// The message.
        message: Message,
    },
    /// The receiver's mailbox stayed full.
    #[error("the mailbox of `{to}` stayed full for {}", humantime::format_duration(*waited))]
    Full {
        /// The receiver.
        to: Jid,
        /// How long the sender waited.
        waited: Duration,
        /// The message.
        message: Message,
    },
}

impl SendError {
    /// The message that was not sent.
    pub fn message(&self) -> &Message {
        match self {
            Self::Invalid { message, .. }
            | Self::NoSuchAgent { message, .. }
            | Self::NoRoute { message, .. }
            | Self::Offline { message, .. }
            | Self::Full { message, .. } => message,
        }
    }

    /// The same, to send it again.
    pub fn into_message(self) -> Message {
        match self {
            Self::Invalid { message, .. }
            | Self::NoSuchAgent { message, .. }
            | Self::NoRoute { message, .. }
            | Self::Offline { message, .. }
            | Self::Full { message, .. } => message,
        }
    }
}

/// Which of many receivers did not get a message, and why.
#[derive(Debug)]
pub struct SendAllError {
    pub(crate) total: usize,
    pub(crate) errors: Vec<SendError>,
}

impl SendAllError {
    /// One error for each receiver that did not get the message.
    pub fn errors(&self) -> &[SendError] {
        &self.errors
    }

    /// The same, with the messages to take out of them.
    pub fn into_errors(self) -> Vec<SendError> {
        self.errors
    }
}

impl fmt::Display for SendAllError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (failed, total) = (self.errors.len(), self.total);
        write!(f, "{failed} of {total} messages were not sent")?;
        match self.errors.as_slice() {
            [] => Ok(()),
            [one] => write!(f, ": {one}"),
            [first, ..] => write!(f, "; the first: {first}"),
        }
    }
}

impl std::error::Error for SendAllError {}

/// Why an agent could not become reachable.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AttachError {
    /// It could not connect to its XMPP server.
    #[cfg(feature = "xmpp")]
    #[error("`{jid}`: {error}")]
    Xmpp {
        /// The address.
        jid: Jid,
        /// Why not.
        error: xmpp::ConnectError,
    },
    /// Another agent has that address.
    #[error("another agent has the address `{0}`; give each agent a name of its own")]
    Taken(Jid),
    /// The domain is not served here.
    #[error("the domain of `{jid}` is not served here; this platform serves {served}")]
    ForeignDomain {
        /// The address.
        jid: Jid,
        /// The domains that are served.
        served: String,
    },
}
