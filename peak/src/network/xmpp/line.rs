//! A line to a server, as agents see it: what waits to go out, and where it leads.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use super::hosted::Hosted;
use super::ids::Ids;
use super::outbox::{Outbox, Refused};
use super::roster::Roster;
use super::stanza::ns;
use crate::message::{Jid, Message, News};
use crate::network::router::Router;
use crate::network::{Event, Inbox, SendError, Sending, Undelivered};
use tokio_xmpp::minidom::Element;

/// A connection to a server, whether it stands or not.
#[derive(Debug)]
pub(super) struct Line {
    /// The agent's full address, or the component's domain.
    address: Jid,
    ids: Arc<Ids>,
    outbox: Outbox,
    /// All agents of the process.
    pub(super) router: Arc<Router>,
    pub(super) end: LineEnd,
    /// How long a message waits for room, in either direction.
    pub(super) patience: Duration,
    /// After how long a silence the server is asked for a sign of life.
    pub(super) keepalive: Duration,
}

/// Who is at our end of the line.
pub(super) enum LineEnd {
    /// An agent with an account of its own.
    Agent { inbox: Arc<Inbox>, roster: Roster },
    /// All agents of a domain.
    Component { hosted: HostedAgents },
}

/// Agents behind a component, by bare address.
pub(super) type HostedAgents = RwLock<HashMap<Jid, Vec<Arc<Hosted>>>>;

impl std::fmt::Debug for LineEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Agent { .. } => "Agent",
            Self::Component { .. } => "Component",
        })
    }
}

impl Line {
    pub(super) fn new(
        address: Jid,
        ids: Arc<Ids>,
        capacity: usize,
        patience: Duration,
        keepalive: Duration,
        router: Arc<Router>,
        end: LineEnd,
    ) -> Self {
        Self {
            address,
            ids,
            outbox: Outbox::new(capacity),
            router,
            end,
            patience,
            keepalive,
        }
    }

    pub(super) fn jid(&self) -> &Jid {
        &self.address
    }

    pub(super) fn ids(&self) -> &Ids {
        &self.ids
    }

    pub(super) fn outbox(&self) -> &Outbox {
        &self.outbox
    }

    /// The address of the server itself. A component has no other to ask.
    pub(super) fn server(&self) -> &str {
        self.address.domain()
    }

    /// The namespace of stanzas.
    pub(super) fn namespace(&self) -> &'static str {
        match self.end {
            LineEnd::Agent { .. } => ns::CLIENT,
            LineEnd::Component { .. } => ns::COMPONENT,
        }
    }

    /// Queues a message that has a receiver and can be written.
    pub(super) fn send(self: &Arc<Self>, to: Jid, message: Message) -> Sending {
        let number = self.ids.next();
        match self.outbox.push(number, message) {
            Ok(()) => Sending::Done,
            Err(Refused::Ended(reason, message)) => Sending::Failed(SendError::Offline {
                to,
                reason,
                message,
            }),
            Err(Refused::Full(message)) => {
                let line = Arc::clone(self);
                Sending::Waiting(Box::pin(async move {
                    let patience = line.patience;
                    let outbox = &line.outbox;
                    outbox.push_when_room(number, to, message, patience).await
                }))
            }
        }
    }

    /// The contacts of the account at this end, if there is one.
    pub(super) fn roster(&self) -> Option<&Roster> {
        match &self.end {
            LineEnd::Agent { roster, .. } => Some(roster),
            LineEnd::Component { .. } => None,
        }
    }

    /// The agents behind this component that an address covers.
    pub(super) fn hosted(&self, to: &Jid) -> Vec<Arc<Hosted>> {
        let LineEnd::Component { hosted, .. } = &self.end else {
            return Vec::new();
        };
        let hosted = hosted.read().unwrap_or_else(PoisonError::into_inner);
        let there = hosted.get(&to.bare()).into_iter().flatten();
        there.filter(|it| to.covers(it.own())).cloned().collect()
    }

    /// An agent comes behind this component.
    pub(super) fn host(&self, agent: Hosted) {
        if let LineEnd::Component { hosted, .. } = &self.end {
            let mut hosted = hosted.write().unwrap_or_else(PoisonError::into_inner);
            let account = hosted.entry(agent.own().bare()).or_default();
            account.push(Arc::new(agent));
        }
    }

    /// It goes, and says so to those who want to know.
    pub(super) fn unhost(&self, jid: &Jid) {
        for agent in self.hosted(jid) {
            self.outbox.push_elements(agent.goodbye());
        }
        if let LineEnd::Component { hosted, .. } = &self.end {
            let mut hosted = hosted.write().unwrap_or_else(PoisonError::into_inner);
            let bare = jid.bare();
            if let Some(account) = hosted.get_mut(&bare) {
                account.retain(|agent| agent.own() != jid);
                if account.is_empty() {
                    hosted.remove(&bare);
                }
            }
        }
    }

    /// What is said outside when the connection of a component is there again.
    pub(super) fn greetings(&self) -> Vec<Element> {
        let LineEnd::Component { hosted, .. } = &self.end else {
            return Vec::new();
        };
        let hosted = hosted.read().unwrap_or_else(PoisonError::into_inner);
        let agents = hosted.values().flatten();
        agents.flat_map(|agent| agent.greeting()).collect()
    }

    /// Tells the agents at this end.
    pub(super) fn tell(&self, news: &News) {
        match &self.end {
            LineEnd::Agent { inbox, .. } => {
                // One that has ended needs no news.
                let _ = inbox.accept(Event::News(None, news.clone()));
            }
            LineEnd::Component { .. } => self.router.tell_domain(self.address.domain(), news),
        }
    }

    /// Tells the sender of a message that it was not delivered.
    pub(super) fn undelivered(&self, message: Message, why: Undelivered) {
        match &self.end {
            LineEnd::Agent { inbox, .. } => {
                // One that has ended needs no news.
                let _ = inbox.accept(Event::DeliveryFailed(message, why));
            }
            LineEnd::Component { .. } => {
                let _ = self.router.bounce(message, why);
            }
        }
    }
}
