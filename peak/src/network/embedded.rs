//! The embedded network: a router in the process. A message is handed over as it is.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::contacts::{Contact, ContactAct, ContactError};
use super::inbox::Inbox;
use super::rosters::Rosters;
use super::router::{Offered, Router, wait_for_room};
use super::{AttachError, BoxFuture, Network, SendError, Sending, Undelivered};
use crate::message::{Jid, Message, Presence};
use crate::text;

/// The network inside a process.
pub(crate) struct Embedded {
    domains: Vec<String>,
    /// How long a sender waits for room in a full mailbox.
    pub(super) patience: Duration,
    pub(super) router: Arc<Router>,
    rosters: Rosters,
}

impl Embedded {
    pub(crate) fn new(domains: Vec<String>, patience: Duration) -> Self {
        Self {
            domains,
            patience,
            router: Arc::default(),
            rosters: Rosters::default(),
        }
    }

    pub(super) fn serves(&self, domain: &str) -> bool {
        self.domains.iter().any(|served| served == domain)
    }

    fn served(&self) -> String {
        text::list(self.domains.iter().map(String::as_str))
    }

    /// The error of a message to an address that nobody has.
    pub(super) fn unknown(&self, message: Message) -> SendError {
        let to = match message.receiver() {
            Ok(to) => to.clone(),
            Err(error) => return SendError::Invalid { error, message },
        };
        if !self.serves(to.domain()) {
            return SendError::NoRoute {
                near: self.near_domain(&to),
                to,
                served: self.served(),
                message,
            };
        }
        let near = self.router.near(&to);
        SendError::NoSuchAgent { near, to, message }
    }

    /// What may have been meant by an address of a domain that is not served: a name alone is a
    /// domain to XMPP.
    fn near_domain(&self, jid: &Jid) -> Option<String> {
        let domain = self.domains.first().filter(|_| jid.local().is_none())?;
        Some(format!("{}@{domain}", jid.domain()))
    }

    fn enter(&self, inbox: Arc<Inbox>) -> Result<(), AttachError> {
        let jid = inbox.jid().clone();
        if !self.serves(jid.domain()) {
            return Err(AttachError::ForeignDomain {
                jid,
                served: self.served(),
            });
        }
        match self.admit(inbox) {
            true => Ok(()),
            false => Err(AttachError::Taken(jid)),
        }
    }

    /// Enters an agent of whatever domain; false if another one has its address.
    pub(super) fn admit(&self, inbox: Arc<Inbox>) -> bool {
        self.rosters.enter(&self.router, inbox)
    }

    /// Does what is to be done about a contact in this process, whatever its domain.
    pub(super) fn contact_inside(
        &self,
        own: &Jid,
        to: &Jid,
        act: ContactAct,
    ) -> Result<(), ContactError> {
        self.rosters.act(&self.router, own, to, act)
    }

    /// Strikes an agent out and tells the senders of what it has not handled; gives the messages
    /// whose senders are not here.
    pub(super) fn dismiss(&self, jid: &Jid) -> Vec<Message> {
        let Some(inbox) = self.rosters.leave(&self.router, jid) else {
            return Vec::new();
        };
        let unhandled = inbox.close().into_iter();
        unhandled
            .filter_map(|message| self.router.bounce(message, Undelivered::Ended).err())
            .collect()
    }
}

impl Network for Embedded {
    fn attach(&self, inbox: Arc<Inbox>) -> BoxFuture<'_, Result<(), AttachError>> {
        Box::pin(std::future::ready(self.enter(inbox)))
    }

    fn detach(&self, jid: &Jid) {
        // A sender that has ended itself needs no news.
        drop(self.dismiss(jid));
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        // Whatever is accepted is with its receiver.
        Box::pin(std::future::ready(()))
    }

    fn is_online(&self, _: &Jid) -> bool {
        true
    }

    fn send(&self, message: Message) -> Sending {
        if let Err(error) = message.receiver() {
            return Sending::Failed(SendError::Invalid { error, message });
        }
        match self.router.offer(message) {
            Offered::Taken => Sending::Done,
            Offered::Nobody(message) => Sending::Failed(self.unknown(message)),
            Offered::Full(inbox, message) => {
                Sending::Waiting(Box::pin(wait_for_room(inbox, message, self.patience)))
            }
        }
    }

    fn set_presence(&self, own: &Jid, presence: Presence) {
        self.rosters.set_presence(&self.router, own, &presence);
    }

    /// Agents of one process see each other, contacts or not.
    fn presence(&self, _: &Jid, of: &Jid) -> Option<Presence> {
        self.router.presence(of)
    }

    fn contact(&self, own: &Jid, to: &Jid, act: ContactAct) -> Result<(), ContactError> {
        if !self.serves(to.domain()) {
            return Err(ContactError::NoRoute {
                near: self.near_domain(to),
                jid: to.clone(),
                served: self.served(),
            });
        }
        self.contact_inside(own, to, act)
    }

    fn contacts(&self, own: &Jid) -> Vec<Contact> {
        self.rosters.contacts(&self.router, own)
    }

    fn contact_at(&self, own: &Jid, jid: &Jid) -> Option<Contact> {
        self.rosters.contact(&self.router, own, jid)
    }

    fn approve_all(&self, own: &Jid, yes: bool) {
        self.rosters.approve_all(&self.router, own, yes);
    }
}

impl fmt::Debug for Embedded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Embedded")
            .field("domains", &self.domains)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Embedded {
        Embedded::new(vec!["localhost".into()], Duration::from_secs(5))
    }

    fn attach(network: &Embedded, jid: &str) -> Arc<Inbox> {
        let inbox = Arc::new(Inbox::new(jid.parse().unwrap(), 8));
        network.enter(Arc::clone(&inbox)).unwrap();
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
            network.enter(Arc::clone(&bob)),
            Err(AttachError::Taken(bob.jid().clone()))
        );
        network.detach(bob.jid());
        assert!(network.presence(bob.jid(), bob.jid()).is_none());
        assert!(send(&network, "bob@localhost").is_err());
    }
}
