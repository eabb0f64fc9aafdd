//! Contacts: whom an agent knows, and who is told of whose presence (RFC 6121, sections 2 to 4).

use crate::message::{Jid, JidError, Presence};

/// An address in an agent's list of contacts, see [`Context::contacts`](crate::Context::contacts).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Contact {
    /// Its bare address.
    pub jid: Jid,
    /// What the list calls it, if it calls it anything.
    pub name: Option<String>,
    /// The groups of the list that it is in.
    pub groups: Vec<String>,
    /// Which of the two is told of the other's presence.
    pub subscription: ContactState,
    /// Whether this agent has asked to be told, and has no answer yet.
    pub ask: bool,
    /// Its sessions that are there, by resource, in the order in which they came. There is none to
    /// be seen unless this agent is told of its presence.
    pub sessions: Vec<(String, Presence)>,
}

impl Contact {
    /// How the most available of its sessions is: the one with the highest priority, the latest if
    /// several have it. `None` if it is not there, or this agent is not told.
    pub fn presence(&self) -> Option<&Presence> {
        let presences = self.sessions.iter().map(|(_, presence)| presence);
        presences.max_by_key(|presence| presence.priority)
    }
}

/// Which of an agent and its contact is told of the other's presence (RFC 6121, section 2.1.2.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ContactState {
    /// Neither.
    #[default]
    None,
    /// The agent is told of its contact's.
    To,
    /// The contact is told of the agent's.
    From,
    /// Either.
    Both,
}

impl ContactState {
    /// `to`: the agent is told of its contact's presence. `from`: the other way round.
    pub(crate) fn new(to: bool, from: bool) -> Self {
        match (to, from) {
            (false, false) => Self::None,
            (true, false) => Self::To,
            (false, true) => Self::From,
            (true, true) => Self::Both,
        }
    }

    /// Whether the agent is told of its contact's presence.
    pub fn is_to(self) -> bool {
        matches!(self, Self::To | Self::Both)
    }

    /// Whether the contact is told of the agent's presence.
    pub fn is_from(self) -> bool {
        matches!(self, Self::From | Self::Both)
    }
}

/// What an agent can do about a contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ContactAct {
    /// Asks to be told of its presence.
    Subscribe,
    /// Does not want to be told any more, or takes the request back.
    Unsubscribe,
    /// Grants what it has asked.
    Approve,
    /// Refuses what it has asked, or takes back what was granted.
    Deny,
    /// Strikes it out of the list, and ends what there is either way.
    Remove,
}

/// Why nothing was done about a contact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContactError {
    /// The address is malformed.
    #[error(transparent)]
    Malformed(#[from] JidError),
    /// The address is the agent's own.
    #[error("`{0}` is this agent's own address; give the address of another agent")]
    Own(Jid),
    /// It has not asked to be told of this agent's presence, or has taken that back.
    #[error(
        "`{0}` has no request to approve; approve it where its request arrives, in a function \
         with `#[on_presence(subscribe)]`, or approve everyone with `approve_all(true)`"
    )]
    NotAsked(Jid),
    /// The address belongs to a domain that this platform is not connected to.
    #[error("no route to `{jid}`: this platform serves {served} and has no connection to `{}`{}", jid.domain(), near.as_ref().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default())]
    NoRoute {
        /// The address.
        jid: Jid,
        /// An address here that may have been meant.
        near: Option<String>,
        /// The domains that can be reached.
        served: String,
    },
}
