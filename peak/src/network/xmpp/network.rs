//! The seam over XMPP: agents of this process in one table, and a line for those with a server.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use tokio::sync::Notify;

use super::account::Account;
use super::component::ComponentAccess;
use super::connect::Endpoint;
use super::error::ConnectError;
use super::hosted::Hosted;
use super::ids::Ids;
use super::incoming::refusal;
use super::line::{Line, LineEnd};
use super::roster::Roster;
use super::serve::Session;
use super::settings::{Settings, Xmpp};
use super::stanza::unwritable;
use super::task::{self, Access};
use crate::message::{Jid, Message, Presence};
use crate::network::contacts::{Contact, ContactAct, ContactError};
use crate::network::router::{Offered, wait_for_room};
use crate::network::{AttachError, BoxFuture, Embedded, Inbox, Network, SendError, Sending};

/// Agents on XMPP servers, beside those of the embedded network.
pub(crate) struct XmppNetwork {
    /// Everybody in this process, on a server or not, and the domains of those that are not.
    embedded: Embedded,
    /// How the server of any other domain is reached.
    default: Link,
    domains: BTreeMap<String, Link>,
    ids: Arc<Ids>,
    /// Whether any line takes messages between agents of this process.
    some_by_server: bool,
    lines: Arc<Lines>,
}

/// The lines of agents, by full address.
#[derive(Debug, Default)]
struct Lines {
    open: RwLock<HashMap<Jid, OpenLine>>,
    changed: Notify,
}

#[derive(Debug)]
struct OpenLine {
    line: Arc<Line>,
    by_server: bool,
    /// The agent has ended, and what it has sent is still going out.
    is_closing: bool,
}

/// The way to a server.
#[derive(Debug)]
struct Link {
    xmpp: Xmpp,
    ready: OnceLock<Result<Arc<Ready>, ConnectError>>,
    /// The line of the component, once it is up. The lock is held while it comes up, so that agents
    /// that start at the same time share one.
    component: tokio::sync::Mutex<Option<Arc<Line>>>,
}

/// What was said about a server, checked.
#[derive(Debug)]
struct Ready {
    settings: Arc<Settings>,
    endpoint: Endpoint,
}

impl Link {
    fn new(xmpp: Xmpp) -> Self {
        Self {
            xmpp,
            ready: OnceLock::new(),
            component: tokio::sync::Mutex::default(),
        }
    }

    fn ready(&self) -> Result<Arc<Ready>, ConnectError> {
        self.ready.get_or_init(|| self.prepare()).clone()
    }

    fn prepare(&self) -> Result<Arc<Ready>, ConnectError> {
        let settings = self
            .xmpp
            .settings()
            .map_err(|error| ConnectError::Settings(error.to_string()))?;
        let endpoint = Endpoint::new(&settings, &settings.trust)?;
        Ok(Arc::new(Ready {
            settings: Arc::new(settings),
            endpoint,
        }))
    }
}

/// How long a server may take to learn that an agent is there.
const GREETING: Duration = Duration::from_secs(5);

impl XmppNetwork {
    /// `default` for every domain that is neither embedded nor in the list.
    pub(crate) fn new(embedded: Embedded, default: Xmpp, domains: BTreeMap<String, Xmpp>) -> Self {
        let some_by_server = domains
            .values()
            .chain([&default])
            .any(Xmpp::routes_by_server);
        Self {
            embedded,
            default: Link::new(default),
            domains: domains
                .into_iter()
                .map(|(domain, xmpp)| (domain, Link::new(xmpp)))
                .collect(),
            ids: Arc::default(),
            some_by_server,
            lines: Arc::default(),
        }
    }

    /// The way to the server of this domain; none if its agents are inside the process.
    fn link(&self, domain: &str) -> Option<&Link> {
        match self.domains.get(domain) {
            Some(link) => Some(link),
            None if self.embedded.serves(domain) => None,
            None => Some(&self.default),
        }
    }

    async fn connect(&self, link: &Link, inbox: Arc<Inbox>) -> Result<(), AttachError> {
        let jid = inbox.jid().clone();
        let failed = |error| AttachError::Xmpp {
            jid: jid.clone(),
            error,
        };
        let ready = link.ready().map_err(failed)?;
        if let Some(component) = &ready.settings.component {
            if component.domain != jid.domain() {
                let domain = &component.domain;
                return Err(failed(ConnectError::Settings(format!(
                    "the component is `{domain}`, and this address is not in it; \
                     write it as `{}@{domain}`",
                    jid.local().unwrap_or_default()
                ))));
            }
            let line = self.component(link, &ready).await.map_err(failed)?;
            if !self.embedded.admit(Arc::clone(&inbox)) {
                return Err(AttachError::Taken(jid));
            }
            line.host(Hosted::new(inbox));
            let by_server = ready.settings.route_by_server;
            self.lines.enter(jid, line, by_server);
            return Ok(());
        }
        let end = LineEnd::Agent {
            inbox: Arc::clone(&inbox),
            roster: Roster::new(jid.clone(), ready.settings.presence.clone()),
        };
        let line = self.line(jid.clone(), &ready.settings, end);
        let by_server = ready.settings.route_by_server;
        let entered = self.lines.reserve(&line, by_server).await?;
        let access = Access::Account(Box::new(Account {
            jid: jid.clone(),
            settings: Arc::clone(&ready.settings),
            endpoint: ready.endpoint.clone(),
        }));
        let mut session = Session::new(line);
        let wire = task::establish(&access, &mut session)
            .await
            .map_err(failed)?;
        if !self.embedded.admit(inbox) {
            return Err(AttachError::Taken(jid));
        }
        let line = Arc::clone(&session.line);
        line.outbox().set_online(true);
        tokio::spawn(async move {
            let line = Arc::clone(&session.line);
            task::run(access, session, wire).await;
            // One that was given up is offline for as long as its agent lives.
            std::future::poll_fn(|cx| line.outbox().poll_closing(cx)).await;
            // Its address is free again.
            drop(entered);
        });
        let attached = Attached {
            network: self,
            jid: Some(jid),
        };
        // Only then does the server hand over what is sent to the bare address.
        if tokio::time::timeout(GREETING, line.outbox().known())
            .await
            .is_err()
        {
            tracing::warn!(agent = %line.jid(), "the server does not say whether it knows of this agent");
        }
        attached.stays();
        Ok(())
    }

    /// The line of a component, which the first of its agents brings up.
    async fn component(&self, link: &Link, ready: &Ready) -> Result<Arc<Line>, ConnectError> {
        let mut component = link.component.lock().await;
        if let Some(line) = &*component {
            return Ok(Arc::clone(line));
        }
        let Some(settings) = &ready.settings.component else {
            return Err(ConnectError::Settings("it is no component".to_owned()));
        };
        let address: Jid = settings
            .domain
            .parse()
            .map_err(|error: crate::JidError| ConnectError::Settings(error.to_string()))?;
        let end = LineEnd::Component {
            hosted: RwLock::default(),
        };
        let (host, port) = ready.settings.component_server();
        let line = self.line(address, &ready.settings, end);
        let access = Access::Component(Box::new(ComponentAccess {
            domain: settings.domain.clone(),
            secret: settings.secret.clone(),
            endpoint: Endpoint {
                host: Some(host.to_owned()),
                port: Some(port),
                ..ready.endpoint.clone()
            },
        }));
        let mut session = Session::new(Arc::clone(&line));
        let wire = task::establish(&access, &mut session).await?;
        line.outbox().set_online(true);
        tokio::spawn(task::run(access, session, wire));
        *component = Some(Arc::clone(&line));
        Ok(line)
    }

    fn line(&self, address: Jid, settings: &Settings, end: LineEnd) -> Arc<Line> {
        Arc::new(Line::new(
            address,
            Arc::clone(&self.ids),
            settings.offline_queue,
            self.embedded.patience,
            settings.keepalive,
            Arc::clone(&self.embedded.router),
            end,
        ))
    }

    /// Sends over the line of the sender.
    fn send_over(&self, line: &Arc<Line>, message: Message) -> Sending {
        if let Err(error) = unwritable(&message) {
            return Sending::Failed(SendError::Invalid { error, message });
        }
        match message.receiver() {
            Ok(to) => line.send(to.clone(), message),
            Err(error) => Sending::Failed(SendError::Invalid { error, message }),
        }
    }

    /// Who keeps the contacts of an agent, outside of this process.
    fn keeper(&self, own: &Jid) -> Option<Keeper> {
        let (line, _) = self.lines.of(own)?;
        Some(match &line.end {
            LineEnd::Agent { .. } => Keeper::Server(line),
            LineEnd::Component { .. } => {
                let hosted = line.hosted(own).pop()?;
                Keeper::Itself(line, hosted)
            }
        })
    }
}

/// An agent that was attached for somebody who may not wait for it.
struct Attached<'a> {
    network: &'a XmppNetwork,
    jid: Option<Jid>,
}

impl Attached<'_> {
    fn stays(mut self) {
        self.jid = None;
    }
}

impl Drop for Attached<'_> {
    fn drop(&mut self) {
        if let Some(jid) = self.jid.take() {
            self.network.detach(&jid);
        }
    }
}

/// Who keeps an agent's contacts.
enum Keeper {
    /// The server of its account.
    Server(Arc<Line>),
    /// Nobody but this process: the agent is behind a component. Contacts of the same domain are
    /// the business of the embedded network.
    Itself(Arc<Line>, Arc<Hosted>),
}

impl Network for XmppNetwork {
    fn attach(&self, inbox: Arc<Inbox>) -> BoxFuture<'_, Result<(), AttachError>> {
        match self.link(inbox.jid().domain()) {
            None => self.embedded.attach(inbox),
            Some(link) => Box::pin(self.connect(link, inbox)),
        }
    }

    fn detach(&self, jid: &Jid) {
        let unhandled = self.embedded.dismiss(jid);
        let Some(line) = self.lines.leave(jid) else {
            return;
        };
        for message in &unhandled {
            let refusal = refusal(message, line.namespace(), "recipient-unavailable");
            if let Some(refusal) = refusal {
                line.outbox().push_element(refusal);
            }
        }
        match line.end {
            LineEnd::Agent { .. } => line.outbox().close(),
            LineEnd::Component { .. } => line.unhost(jid),
        }
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.lines.settled().await;
            for link in self.domains.values().chain([&self.default]) {
                let mut component = link.component.lock().await;
                let Some(line) = component.take() else {
                    continue;
                };
                if self.lines.is_used(&line) {
                    *component = Some(line);
                    continue;
                }
                line.outbox().close();
                line.outbox().ended().await;
            }
        })
    }

    fn is_online(&self, jid: &Jid) -> bool {
        let line = self.lines.of(jid);
        line.is_none_or(|(line, _)| line.outbox().is_online())
    }

    fn send(&self, message: Message) -> Sending {
        if let Err(error) = message.receiver() {
            return Sending::Failed(SendError::Invalid { error, message });
        }
        let line_of = |message: &Message| self.lines.of(message.sender()?);
        if self.some_by_server
            && let Some((line, true)) = line_of(&message)
        {
            return self.send_over(&line, message);
        }
        if let Some(to) = message.to()
            && !to.is_bare()
            && !self.embedded.serves(to.domain())
            && !self.embedded.router.has(to)
            && let Some((line, _)) = line_of(&message)
        {
            // A session of an account that may have others here: it is for that one alone.
            return self.send_over(&line, message);
        }
        match self.embedded.router.offer(message) {
            Offered::Taken => Sending::Done,
            Offered::Full(inbox, message) => {
                let patience = self.embedded.patience;
                Sending::Waiting(Box::pin(wait_for_room(inbox, message, patience)))
            }
            Offered::Nobody(message) => match line_of(&message) {
                Some((line, _)) => self.send_over(&line, message),
                None => Sending::Failed(self.embedded.unknown(message)),
            },
        }
    }

    fn set_presence(&self, own: &Jid, presence: Presence) {
        match self.keeper(own) {
            Some(Keeper::Server(line)) => {
                let stanza = line.roster().map(|it| it.set_presence(presence.clone()));
                // A connection that comes up begins with it.
                if line.outbox().is_online() {
                    line.outbox().push_elements(stanza);
                }
                // What is sent within the process goes by priorities as well.
                self.embedded.router.set_presence(own, presence);
            }
            Some(Keeper::Itself(line, hosted)) => {
                let stanzas = hosted.set_presence(presence.clone());
                line.outbox().push_elements(stanzas);
                self.embedded.set_presence(own, presence);
            }
            None => self.embedded.set_presence(own, presence),
        }
    }

    /// Agents of one process see each other, contacts or not.
    fn presence(&self, own: &Jid, of: &Jid) -> Option<Presence> {
        let told = match self.keeper(own) {
            Some(Keeper::Server(line)) => line.roster().and_then(|it| it.presence_of(of)),
            Some(Keeper::Itself(_, hosted)) => hosted.presence_of(of),
            None => None,
        };
        told.or_else(|| self.embedded.presence(own, of))
    }

    fn contact(&self, own: &Jid, to: &Jid, act: ContactAct) -> Result<(), ContactError> {
        match self.keeper(own) {
            Some(Keeper::Server(line)) => {
                if let Some(roster) = line.roster() {
                    line.outbox().push_elements(roster.act(to, act)?);
                }
                Ok(())
            }
            Some(Keeper::Itself(line, hosted)) if to.domain() != own.domain() => {
                line.outbox().push_elements(hosted.act(to, act)?);
                Ok(())
            }
            Some(Keeper::Itself(..)) => self.embedded.contact_inside(own, to, act),
            None => self.embedded.contact(own, to, act),
        }
    }

    fn contacts(&self, own: &Jid) -> Vec<Contact> {
        match self.keeper(own) {
            Some(Keeper::Server(line)) => line.roster().map_or_else(Vec::new, Roster::contacts),
            Some(Keeper::Itself(_, hosted)) => {
                let mut contacts = self.embedded.contacts(own);
                contacts.extend(hosted.contacts());
                contacts.sort_by(|a, b| a.jid.cmp(&b.jid));
                contacts
            }
            None => self.embedded.contacts(own),
        }
    }

    fn approve_all(&self, own: &Jid, yes: bool) {
        match self.keeper(own) {
            Some(Keeper::Server(line)) => {
                let stanzas = line.roster().map(|it| it.approve_all(yes));
                line.outbox().push_elements(stanzas.into_iter().flatten());
            }
            Some(Keeper::Itself(line, hosted)) => {
                line.outbox().push_elements(hosted.approve_all(yes));
                self.embedded.approve_all(own, yes);
            }
            None => self.embedded.approve_all(own, yes),
        }
    }
}

impl Lines {
    fn read(&self) -> RwLockReadGuard<'_, HashMap<Jid, OpenLine>> {
        self.open.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<Jid, OpenLine>> {
        self.open.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The line of an agent, and whether everything goes over it.
    fn of(&self, jid: &Jid) -> Option<(Arc<Line>, bool)> {
        let open = self.read();
        let open = open.get(jid).filter(|open| !open.is_closing)?;
        Some((Arc::clone(&open.line), open.by_server))
    }

    /// Enters an agent of a component.
    fn enter(&self, jid: Jid, line: Arc<Line>, by_server: bool) {
        let open = OpenLine {
            line,
            by_server,
            is_closing: false,
        };
        self.write().insert(jid, open);
    }

    /// Takes an address for an agent that is about to connect. The session of one that had it and
    /// has ended is waited for: the server would have the two fight over it.
    async fn reserve(
        self: &Arc<Self>,
        line: &Arc<Line>,
        by_server: bool,
    ) -> Result<Entered, AttachError> {
        loop {
            let changed = self.changed.notified();
            match self.write().entry(line.jid().clone()) {
                Entry::Vacant(place) => {
                    place.insert(OpenLine {
                        line: Arc::clone(line),
                        by_server,
                        is_closing: false,
                    });
                    return Ok(Entered {
                        lines: Arc::clone(self),
                        jid: line.jid().clone(),
                    });
                }
                Entry::Occupied(open) if !open.get().is_closing => {
                    return Err(AttachError::Taken(line.jid().clone()));
                }
                Entry::Occupied(_) => {}
            }
            changed.await;
        }
    }

    /// An agent has ended; gives its line. Its address is kept until the line is closed.
    fn leave(&self, jid: &Jid) -> Option<Arc<Line>> {
        let mut open = self.write();
        let found = open.get_mut(jid)?;
        let line = Arc::clone(&found.line);
        match line.end {
            LineEnd::Agent { .. } => found.is_closing = true,
            LineEnd::Component { .. } => drop(open.remove(jid)),
        }
        Some(line)
    }

    /// Waits until every line of an agent that has ended is closed.
    async fn settled(&self) {
        loop {
            let changed = self.changed.notified();
            if !self.read().values().any(|open| open.is_closing) {
                return;
            }
            changed.await;
        }
    }

    /// Whether an agent has this line.
    fn is_used(&self, line: &Arc<Line>) -> bool {
        let open = self.read();
        open.values().any(|open| Arc::ptr_eq(&open.line, line))
    }
}

/// An address that is taken for as long as this lives.
struct Entered {
    lines: Arc<Lines>,
    jid: Jid,
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.lines.write().remove(&self.jid);
        self.lines.changed.notify_waiters();
    }
}

impl fmt::Debug for XmppNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("XmppNetwork")
            .field("domains", &self.domains.keys())
            .finish_non_exhaustive()
    }
}
