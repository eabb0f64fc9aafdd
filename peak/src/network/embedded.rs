//! The embedded network: a router in the process. A message is handed over as it is.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hashbrown::HashTable;

use super::inbox::{Inbox, Refused};
use super::{AttachError, Event, Network, Presence, SendError, Sending};
use crate::message::{Jid, Message};
use crate::text;

/// Routes by bare and full address as RFC 6121, section 8.5, has it for chat messages.
pub(crate) struct Embedded {
    domains: Vec<String>,
    /// How long a sender waits for room in a full mailbox.
    patience: Duration,
    shards: Box<[RwLock<HashTable<Session>>]>,
}

/// An agent that is reachable.
struct Session {
    inbox: Arc<Inbox>,
    presence: Presence,
    /// A higher one attached later.
    order: u64,
}

impl Session {
    /// How available it is among the sessions of its account.
    fn rank(&self) -> (i8, u64) {
        (self.presence.priority, self.order)
    }
}

/// Enough that two workers seldom meet at one lock.
const SHARDS: usize = 64;

/// How many addresses are searched for one that looks like the one that nobody has.
const NEAR_SEARCH: usize = 1000;

impl Embedded {
    pub(crate) fn new(domains: Vec<String>, patience: Duration) -> Self {
        Self {
            domains,
            patience,
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
        }
    }

    fn shard(&self, jid: &Jid) -> &RwLock<HashTable<Session>> {
        // The table inside uses the low and the very high bits.
        &self.shards[(jid.account_hash() >> 40) as usize % SHARDS]
    }

    /// Calls `act` with the session that a message to this address reaches.
    fn at<R>(&self, to: &Jid, act: impl FnOnce(&Session) -> R) -> Option<R> {
        let shard = read(self.shard(to));
        route(&shard, to).map(act)
    }

    fn served(&self) -> String {
        text::list(self.domains.iter().map(String::as_str))
    }

    /// The error of a message to an address that nobody has.
    fn unknown(&self, message: Message) -> SendError {
        let to = match message.receiver() {
            Ok(to) => to.clone(),
            Err(error) => return SendError::Invalid { error, message },
        };
        if !self.domains.iter().any(|domain| domain == to.domain()) {
            // A name alone is a domain to XMPP.
            let near = match (to.local(), self.domains.first()) {
                (None, Some(domain)) => Some(format!("{}@{domain}", to.domain())),
                _ => None,
            };
            return SendError::NoRoute {
                to,
                near,
                served: self.served(),
                message,
            };
        }
        let near = self.near(&to);
        SendError::NoSuchAgent { near, to, message }
    }

    /// An agent of the same domain with a similar name.
    fn near(&self, to: &Jid) -> Option<String> {
        let mut jids = Vec::new();
        for shard in &self.shards {
            let shard = read(shard);
            let here = shard.iter().map(|session| session.inbox.jid());
            jids.extend(here.filter(|jid| jid.domain() == to.domain()).cloned());
            if jids.len() > NEAR_SEARCH {
                break;
            }
        }
        let near = text::nearest(to.local()?, jids.iter().filter_map(Jid::local))?;
        Some(format!("{near}@{}", to.domain()))
    }

    /// Tells the sender that a message which it thinks delivered was not.
    fn bounce(&self, message: Message) {
        if let Some(sender) = message.sender().cloned() {
            self.at(&sender, |session| {
                session.inbox.accept(Event::DeliveryFailed(message)).ok()
            });
        }
    }
}

impl Network for Embedded {
    fn attach(&self, inbox: Arc<Inbox>) -> Result<(), AttachError> {
        let jid = inbox.jid().clone();
        if !self.domains.iter().any(|domain| domain == jid.domain()) {
            return Err(AttachError::ForeignDomain {
                jid,
                served: self.served(),
            });
        }
        let hash = jid.account_hash();
        let mut shard = write(self.shard(&jid));
        let mut order = 0;
        for session in shard.iter_hash(hash) {
            if *session.inbox.jid() == jid {
                return Err(AttachError::Taken(jid));
            }
            order = order.max(session.order + 1);
        }
        let session = Session {
            inbox,
            presence: Presence::available(),
            order,
        };
        shard.insert_unique(hash, session, |session| session.inbox.jid().account_hash());
        Ok(())
    }

    fn detach(&self, jid: &Jid) {
        let mut shard = write(self.shard(jid));
        let found = shard.find_entry(jid.account_hash(), |session| session.inbox.jid() == jid);
        let Ok(found) = found else {
            return;
        };
        let (session, _) = found.remove();
        drop(shard);
        for message in session.inbox.close() {
            self.bounce(message);
        }
    }

    fn send(&self, message: Message) -> Sending {
        let to = match message.receiver() {
            Ok(to) => to,
            Err(error) => return Sending::Failed(SendError::Invalid { error, message }),
        };
        let shard = read(self.shard(to));
        let Some(session) = route(&shard, to) else {
            drop(shard);
            return Sending::Failed(self.unknown(message));
        };
        match session.inbox.accept(Event::Message(message)) {
            Ok(()) => Sending::Done,
            Err(Refused::Closed(message)) => {
                drop(shard);
                Sending::Failed(self.unknown(message))
            }
            Err(Refused::Full(message)) => {
                let inbox = Arc::clone(&session.inbox);
                Sending::Waiting(Box::pin(wait_for_room(inbox, message, self.patience)))
            }
        }
    }

    fn set_presence(&self, jid: &Jid, presence: Presence) {
        let mut shard = write(self.shard(jid));
        let found = shard.find_mut(jid.account_hash(), |session| session.inbox.jid() == jid);
        if let Some(session) = found {
            session.presence = presence;
        }
    }

    fn presence(&self, jid: &Jid) -> Option<Presence> {
        let shard = read(self.shard(jid));
        let covered = |session: &&Session| jid.covers(session.inbox.jid());
        let sessions = shard.iter_hash(jid.account_hash()).filter(covered);
        let best = sessions.max_by_key(|session| session.rank())?;
        Some(best.presence.clone())
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded")
            .field("domains", &self.domains)
            .finish_non_exhaustive()
    }
}

/// The session that a chat message to this address goes to (RFC 6121, 8.5.2 and 8.5.3): the very
/// one that is named, else the account's most available one, the latest if several are.
fn route<'a>(sessions: &'a HashTable<Session>, to: &Jid) -> Option<&'a Session> {
    let mut best: Option<&Session> = None;
    for session in sessions.iter_hash(to.account_hash()) {
        let jid = session.inbox.jid();
        if jid == to {
            return Some(session);
        }
        if jid.same_account(to)
            && session.presence.priority >= 0
            && best.is_none_or(|best| session.rank() > best.rank())
        {
            best = Some(session);
        }
    }
    best
}

async fn wait_for_room(
    inbox: Arc<Inbox>,
    message: Message,
    patience: Duration,
) -> Result<(), SendError> {
    let to = inbox.jid().clone();
    let mut offered = Some(message);
    let waited = tokio::time::timeout(patience, inbox.accept_when_room(&mut offered)).await;
    match (waited, offered) {
        (_, None) => Ok(()),
        (Ok(()), Some(message)) => Err(SendError::NoSuchAgent {
            to,
            near: None,
            message,
        }),
        (Err(_), Some(message)) => Err(SendError::Full {
            to,
            waited: patience,
            message,
        }),
    }
}

fn read<T>(lock: &RwLock<T>) -> std::sync::RwLockReadGuard<'_, T> {
    lock.read().unwrap_or_else(PoisonError::into_inner)
}

fn write<T>(lock: &RwLock<T>) -> std::sync::RwLockWriteGuard<'_, T> {
    lock.write().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Embedded {
        Embedded::new(vec!["localhost".into()], Duration::from_secs(5))
    }

    fn attach(network: &Embedded, jid: &str) -> Arc<Inbox> {
        let inbox = Arc::new(Inbox::new(jid.parse().unwrap(), 8));
        network.attach(Arc::clone(&inbox)).unwrap();
        inbox
    }

    fn send(network: &Embedded, to: &str) -> Result<(), String> {
        let mut message = Message::inform(to);
        message.set_sender("me@localhost/main".parse().unwrap());
        match network.send(message) {
            Sending::Done => Ok(()),
            Sending::Failed(error) => Err(error.to_string()),
            Sending::Waiting(_) => Err("waits".into()),
        }
    }

    #[test]
    fn a_full_address_reaches_its_session_and_a_bare_one_the_most_available() {
        let network = network();
        let desk = attach(&network, "bob@localhost/desk");
        let phone = attach(&network, "bob@localhost/phone");

        send(&network, "bob@localhost/desk").unwrap();
        assert_eq!((desk.queued(), phone.queued()), (1, 0));
        // Equal priorities: the latest.
        send(&network, "bob@localhost").unwrap();
        assert_eq!((desk.queued(), phone.queued()), (1, 1));
        network.set_presence(desk.jid(), Presence::available().priority(5));
        send(&network, "bob@localhost").unwrap();
        assert_eq!((desk.queued(), phone.queued()), (2, 1));
        // A resource that is not there: as if to the bare address.
        send(&network, "bob@localhost/gone").unwrap();
        assert_eq!((desk.queued(), phone.queued()), (3, 1));
    }

    #[test]
    fn a_negative_priority_takes_nothing_sent_to_the_bare_address() {
        let network = network();
        let bob = attach(&network, "bob@localhost/main");
        network.set_presence(bob.jid(), Presence::available().priority(-1));
        assert!(send(&network, "bob@localhost").is_err());
        assert!(send(&network, "bob@localhost/main").is_ok());
    }

    #[test]
    fn sending_to_nobody_names_who_might_have_been_meant() {
        let network = network();
        attach(&network, "bob@localhost/main");
        assert_eq!(
            send(&network, "bbo@localhost").unwrap_err(),
            "no agent has the address `bbo@localhost`: did you mean `bob@localhost`?"
        );
        assert_eq!(
            send(&network, "bob@example.org").unwrap_err(),
            "no route to `bob@example.org`: this platform serves `localhost` \
             and has no connection to `example.org`"
        );
        assert_eq!(
            send(&network, "bob").unwrap_err(),
            "no route to `bob`: this platform serves `localhost` and has no connection to `bob`; \
             did you mean `bob@localhost`?"
        );
    }

    #[test]
    fn an_address_belongs_to_one_agent() {
        let network = network();
        let bob = attach(&network, "bob@localhost/main");
        assert_eq!(
            network.attach(Arc::clone(&bob)),
            Err(AttachError::Taken(bob.jid().clone()))
        );
        network.detach(bob.jid());
        assert!(network.presence(bob.jid()).is_none());
        assert!(send(&network, "bob@localhost").is_err());
    }
}
