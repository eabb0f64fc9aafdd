//! Who is reachable in this process: a table of sessions, and who among them a message goes to.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use hashbrown::HashTable;

use super::inbox::{Inbox, Refused};
use super::{Event, SendError, Undelivered};
use crate::message::{Jid, Message, News, Presence};
use crate::text;

/// The sessions of this process.
///
/// Routes by bare and full address as RFC 6121, section 8.5, has it for chat messages.
pub(super) struct Router {
    shards: Box<[RwLock<HashTable<Session>>]>,
}

impl std::fmt::Debug for Router {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Router").finish_non_exhaustive()
    }
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

/// What became of a message that was offered.
pub(super) enum Offered {
    /// Its receiver has it.
    Taken,
    /// Its receiver is here and has no room.
    Full(Arc<Inbox>, Message),
    /// Nobody here has that address.
    Nobody(Message),
}

impl Default for Router {
    fn default() -> Self {
        Self {
            shards: (0..SHARDS).map(|_| RwLock::default()).collect(),
        }
    }
}

impl Router {
    fn shard(&self, jid: &Jid) -> &RwLock<HashTable<Session>> {
        // The table inside uses the low and the very high bits.
        &self.shards[(jid.account_hash() >> 40) as usize % SHARDS]
    }

    /// Calls `act` with the session that a message to this address reaches.
    fn at<R>(&self, to: &Jid, act: impl FnOnce(&Session) -> R) -> Option<R> {
        let shard = read(self.shard(to));
        route(&shard, to).map(act)
    }

    /// An agent of the same domain with a similar name.
    pub(super) fn near(&self, to: &Jid) -> Option<String> {
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

    /// Tells the sender, if it is here, that a message which it thinks delivered was not; gives the
    /// message back if it is not.
    pub(super) fn bounce(&self, message: Message, why: Undelivered) -> Result<(), Message> {
        let Some(sender) = message.sender().cloned() else {
            return Ok(());
        };
        let mut message = Some(message);
        self.at(&sender, |session| {
            let event = message.take().map(|it| Event::DeliveryFailed(it, why));
            event.map(|event| session.inbox.accept(event))
        });
        message.map_or(Ok(()), Err)
    }

    /// Enters a session; false if another one has its address.
    pub(super) fn enter(&self, inbox: Arc<Inbox>) -> bool {
        let jid = inbox.jid();
        let hash = jid.account_hash();
        let mut shard = write(self.shard(jid));
        let mut order = 0;
        for session in shard.iter_hash(hash) {
            if session.inbox.jid() == jid {
                return false;
            }
            order = order.max(session.order + 1);
        }
        let session = Session {
            inbox,
            presence: Presence::available(),
            order,
        };
        shard.insert_unique(hash, session, |session| session.inbox.jid().account_hash());
        true
    }

    /// Strikes out a session and gives its inbox.
    pub(super) fn leave(&self, jid: &Jid) -> Option<Arc<Inbox>> {
        let mut shard = write(self.shard(jid));
        let found = shard.find_entry(jid.account_hash(), |session| session.inbox.jid() == jid);
        let (session, _) = found.ok()?.remove();
        Some(session.inbox)
    }

    /// Whether somebody here has this very address.
    #[cfg(feature = "xmpp")]
    pub(super) fn has(&self, jid: &Jid) -> bool {
        let shard = read(self.shard(jid));
        let mut account = shard.iter_hash(jid.account_hash());
        account.any(|session| session.inbox.jid() == jid)
    }

    /// Whoever is here and has the address.
    #[cfg(feature = "xmpp")]
    pub(super) fn find(&self, to: &Jid) -> Option<Arc<Inbox>> {
        self.at(to, |session| Arc::clone(&session.inbox))
    }

    /// Offers a message to whoever is here and has the address.
    pub(super) fn offer(&self, message: Message) -> Offered {
        let Some(to) = message.to() else {
            return Offered::Nobody(message);
        };
        let shard = read(self.shard(to));
        let Some(session) = route(&shard, to) else {
            drop(shard);
            return Offered::Nobody(message);
        };
        match session.inbox.accept(Event::Message(message)) {
            Ok(()) => Offered::Taken,
            Err(Refused::Closed(message)) => Offered::Nobody(message),
            Err(Refused::Full(message)) => Offered::Full(Arc::clone(&session.inbox), message),
        }
    }

    /// Alters how a session is; false if there is none.
    pub(super) fn set_presence(&self, jid: &Jid, presence: Presence) -> bool {
        let mut shard = write(self.shard(jid));
        let found = shard.find_mut(jid.account_hash(), |session| session.inbox.jid() == jid);
        match found {
            Some(session) => session.presence = presence,
            None => return false,
        }
        true
    }

    /// How the session at a full address is, or the most available one of a bare address.
    pub(super) fn presence(&self, jid: &Jid) -> Option<Presence> {
        let shard = read(self.shard(jid));
        let covered = |session: &&Session| jid.covers(session.inbox.jid());
        let sessions = shard.iter_hash(jid.account_hash()).filter(covered);
        let best = sessions.max_by_key(|session| session.rank())?;
        Some(best.presence.clone())
    }

    /// The sessions that an address covers and how they are, in the order in which they came.
    pub(super) fn sessions(&self, jid: &Jid) -> Vec<(Jid, Presence)> {
        let shard = read(self.shard(jid));
        let sessions = shard.iter_hash(jid.account_hash());
        let mut covered: Vec<&Session> = sessions
            .filter(|session| jid.covers(session.inbox.jid()))
            .collect();
        covered.sort_unstable_by_key(|session| session.order);
        covered
            .into_iter()
            .map(|session| (session.inbox.jid().clone(), session.presence.clone()))
            .collect()
    }

    /// Tells every session of a domain some news.
    #[cfg(feature = "xmpp")]
    pub(super) fn tell_domain(&self, domain: &str, news: &News) {
        for shard in &self.shards {
            let shard = read(shard);
            let there = shard.iter().filter(|it| it.inbox.jid().domain() == domain);
            for session in there {
                // One that ends just now needs no news.
                let _ = session.inbox.accept(Event::News(None, news.clone()));
            }
        }
    }

    /// Tells every session that an address covers some news.
    pub(super) fn tell(&self, to: &Jid, about: &Jid, news: &News) {
        let shard = read(self.shard(to));
        for session in shard.iter_hash(to.account_hash()) {
            if to.covers(session.inbox.jid()) {
                let event = Event::News(Some(about.clone()), news.clone());
                // One that ends just now needs no news.
                let _ = session.inbox.accept(event);
            }
        }
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

/// Hands the message over as soon as there is room, and gives it back if there is none for long.
pub(super) async fn wait_for_room(
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
