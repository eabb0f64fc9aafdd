//! The agents of one domain, and the way in which they reach others.

use std::fmt;
use std::sync::Arc;

use crate::launch::problem::{Place, Problem};
use crate::message::Jid;
#[cfg(feature = "xmpp")]
use crate::network::xmpp::Xmpp;
use peak_shared::xmpp::{Password, Wishes};

/// How agents of a domain reach others.
#[derive(Debug, Clone)]
pub(in crate::launch) enum Way {
    /// Over the network inside the process.
    Inside,
    /// Over an XMPP server.
    #[cfg(feature = "xmpp")]
    Xmpp(Box<Xmpp>),
}

/// An agent, with its clones, as messages call it.
#[derive(Debug, Clone)]
pub(in crate::launch) struct Who {
    name: String,
    /// Where it stands in a file.
    place: Option<Place>,
}

impl Who {
    /// The agent that the command line asks for.
    pub(in crate::launch) fn on_command_line(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            place: None,
        }
    }

    /// An agent of a file.
    pub(in crate::launch) fn at(place: Place, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            place: Some(place),
        }
    }

    pub(super) fn place(&self) -> Option<Place> {
        self.place
    }

    pub(super) fn problem(&self, what: String) -> Problem {
        match self.place {
            Some(place) => Problem::at(place, what),
            None => Problem::new(what),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "agent `{}`", self.name)
    }
}

/// The agents of one domain.
#[derive(Debug)]
pub(super) struct Domain {
    /// The first one, with whom the others must agree.
    pub(super) first: Arc<Who>,
    /// `None` for the network inside the process.
    pub(super) wishes: Option<Wishes>,
    pub(super) agents: Vec<Account>,
}

/// What an agent has on a server.
#[derive(Debug)]
#[cfg_attr(not(feature = "xmpp"), allow(dead_code, reason = "nobody asks for it"))]
pub(super) struct Account {
    pub(super) who: Arc<Who>,
    pub(super) address: Jid,
    pub(super) password: Option<Password>,
}

#[cfg(feature = "xmpp")]
impl Domain {
    /// The agent that has this address.
    pub(super) fn who_is(&self, address: &Jid) -> &Who {
        let mut agents = self.agents.iter();
        let agent = agents.find(|agent| agent.address == *address);
        agent.map_or(&self.first, |agent| &agent.who)
    }
}
