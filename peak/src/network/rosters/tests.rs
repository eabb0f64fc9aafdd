//! Contacts through the network, whatever agents do in whatever order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::task::{Context, Waker};
use std::time::Duration;

use proptest::prelude::*;

use super::super::contacts::{Contact, ContactAct, ContactError, ContactState};
use super::super::{Embedded, Inbox, Network};
use super::Rosters;
use crate::message::{Jid, Message, News, Presence, PresenceChange, Show};

const ACCOUNTS: [&str; 3] = ["ann@localhost", "bob@localhost", "cid@localhost"];
const RESOURCES: [&str; 2] = ["desk", "phone"];

/// Room for everything that the longest test can tell one session.
const CAPACITY: usize = 10_000;

/// Something that an agent does.
#[derive(Debug, Clone)]
enum Step {
    Come,
    Go,
    Show(i8),
    Act(usize, ContactAct),
    ApproveAll(bool),
}

fn step() -> impl Strategy<Value = (usize, usize, Step)> {
    let act = prop_oneof![
        3 => Just(ContactAct::Subscribe),
        1 => Just(ContactAct::Unsubscribe),
        3 => Just(ContactAct::Approve),
        1 => Just(ContactAct::Deny),
        1 => Just(ContactAct::Remove),
    ];
    let step = prop_oneof![
        3 => Just(Step::Come),
        2 => Just(Step::Go),
        2 => (-2..5i8).prop_map(Step::Show),
        8 => (0..ACCOUNTS.len(), act).prop_map(|(other, act)| Step::Act(other, act)),
        1 => any::<bool>().prop_map(Step::ApproveAll),
    ];
    (0..ACCOUNTS.len(), 0..RESOURCES.len(), step)
}

fn jid(account: usize, resource: usize) -> Jid {
    let text = format!("{}/{}", ACCOUNTS[account], RESOURCES[resource]);
    text.parse().unwrap()
}

fn account(number: usize) -> Jid {
    ACCOUNTS[number].parse().unwrap()
}

/// What has arrived in an inbox.
fn arrived(inbox: &Inbox) -> VecDeque<Message> {
    let mut batch = VecDeque::new();
    let mut cx = Context::from_waker(Waker::noop());
    let _ = inbox.poll_batch(&mut cx, &mut batch);
    batch
}

/// A session, and who is there as far as it has been told.
struct Session {
    inbox: Arc<Inbox>,
    seen: BTreeMap<Jid, Presence>,
}

impl Session {
    fn listen(&mut self) {
        for message in arrived(&self.inbox) {
            let about = message.sender().cloned().unwrap();
            match message.news() {
                Some(News::Presence(PresenceChange::Available(presence))) => {
                    self.seen.insert(about, presence.clone());
                }
                Some(News::Presence(PresenceChange::Unavailable { .. })) => {
                    let seen = self.seen.remove(&about);
                    assert!(seen.is_some(), "{about} goes that had not come");
                }
                Some(News::Presence(_)) => assert!(about.is_bare(), "{about}"),
                other => panic!("{other:?}"),
            }
        }
    }
}

fn network() -> Embedded {
    Embedded::new(vec!["localhost".into()], Duration::from_secs(5))
}

fn come(network: &Embedded, jid: Jid) -> Option<Arc<Inbox>> {
    let inbox = Arc::new(Inbox::new(jid, CAPACITY));
    let attached = network.attach(Arc::clone(&inbox));
    let mut attached = attached;
    let mut cx = Context::from_waker(Waker::noop());
    match attached.as_mut().poll(&mut cx) {
        std::task::Poll::Ready(result) => result.ok().map(|()| inbox),
        std::task::Poll::Pending => panic!("the embedded network does not wait"),
    }
}

/// A contact before anything was done about it.
fn nobody(jid: &Jid) -> Contact {
    Contact {
        jid: jid.clone(),
        name: None,
        groups: Vec::new(),
        subscription: ContactState::None,
        ask: false,
        sessions: Vec::new(),
    }
}

/// Both ends of every pair agree.
fn agree(network: &Embedded) {
    for one in 0..ACCOUNTS.len() {
        assert!(network.contact_at(&account(one), &account(one)).is_none());
        for other in 0..ACCOUNTS.len() {
            let state = |own: usize, of: usize| {
                let contact = network.contact_at(&account(own), &account(of));
                contact
                    .map(|contact| contact.subscription)
                    .unwrap_or_default()
            };
            let (mine, theirs) = (state(one, other), state(other, one));
            assert_eq!(mine.is_to(), theirs.is_from(), "{mine:?} {theirs:?}");
            assert_eq!(mine.is_from(), theirs.is_to(), "{mine:?} {theirs:?}");
        }
    }
}

proptest! {
    #[test]
    fn both_ends_agree_and_news_adds_up_to_what_the_list_shows(
        steps in proptest::collection::vec(step(), 0..60),
    ) {
        let network = network();
        let mut sessions: BTreeMap<Jid, Session> = BTreeMap::new();
        let mut approving: BTreeSet<Jid> = BTreeSet::new();
        for (who, resource, step) in steps {
            let own = jid(who, resource);
            match step {
                Step::Come => {
                    let came = come(&network, own.clone());
                    prop_assert_eq!(came.is_some(), !sessions.contains_key(&own));
                    if let Some(inbox) = came {
                        sessions.insert(own, Session { inbox, seen: BTreeMap::new() });
                    }
                }
                Step::Go => {
                    network.detach(&own);
                    sessions.remove(&own);
                    approving.remove(&own);
                }
                Step::Show(priority) => {
                    let presence = Presence::available().show(Show::Chat).priority(priority);
                    network.set_presence(&own, presence);
                }
                Step::Act(other, act) => {
                    let other = account(other);
                    let before = network.contact_at(&own, &other).unwrap_or_else(|| nobody(&other));
                    let result = network.contact(&own, &other, act);
                    match result {
                        Ok(()) if act == ContactAct::Subscribe && !before.subscription.is_to() => {
                            let approved = approving.iter().any(|session| other.covers(session));
                            let asked = network.contact_at(&own, &other).unwrap();
                            prop_assert_eq!(asked.ask, !approved);
                            prop_assert_eq!(asked.subscription.is_to(), approved);
                        }
                        Ok(()) => {}
                        Err(ContactError::Own(_)) => prop_assert!(other.covers(&own)),
                        Err(ContactError::NotAsked(_)) => prop_assert_eq!(act, ContactAct::Approve),
                        Err(error) => prop_assert!(false, "{}", error),
                    }
                }
                Step::ApproveAll(yes) => {
                    network.approve_all(&own, yes);
                    if !yes {
                        approving.remove(&own);
                    } else if sessions.contains_key(&own) {
                        approving.insert(own);
                    }
                }
            }
            agree(&network);
            for session in &approving {
                for other in (0..ACCOUNTS.len()).map(account) {
                    let contact = network.contact_at(&other, session);
                    prop_assert!(contact.is_none_or(|contact| !contact.ask), "{} waits", other);
                }
            }
            for (jid, session) in &mut sessions {
                session.listen();
                let listed: BTreeMap<Jid, Presence> = network
                    .contacts(jid)
                    .into_iter()
                    .flat_map(|contact| {
                        let account = contact.jid;
                        let full = move |(resource, presence): (String, Presence)| {
                            (account.with_resource(&resource).unwrap(), presence)
                        };
                        contact.sessions.into_iter().map(full)
                    })
                    .collect();
                prop_assert_eq!(&session.seen, &listed);
            }
        }
    }
}

#[test]
fn addresses_that_no_contact_can_have() {
    let network = network();
    let act = |to: &str| {
        let to: Jid = to.parse().unwrap();
        let result = network.contact(&jid(0, 0), &to, ContactAct::Subscribe);
        result.unwrap_err().to_string()
    };
    assert_eq!(
        act("ann@localhost"),
        "`ann@localhost` is this agent's own address; give the address of another agent"
    );
    assert_eq!(
        act("bob@example.org"),
        "no route to `bob@example.org`: this platform serves `localhost` and has no connection \
         to `example.org`"
    );
    assert_eq!(
        act("bob"),
        "no route to `bob`: this platform serves `localhost` and has no connection to `bob`; did \
         you mean `bob@localhost`?"
    );
}

#[test]
fn agents_that_use_no_contacts_leave_no_trace() {
    let network = network();
    let ann = come(&network, jid(0, 0)).unwrap();
    let bob = come(&network, jid(1, 0)).unwrap();
    network.set_presence(bob.jid(), Presence::available().priority(3));
    assert!(network.contacts(ann.jid()).is_empty());
    network.detach(bob.jid());
    assert!(arrived(&ann).is_empty());
}

#[test]
fn whoever_comes_while_the_first_request_is_made_is_not_overlooked() {
    let rosters = Rosters::default();
    let mut told = 0;
    rosters.around(|| (), |_, ()| told += 1);
    assert_eq!(told, 0, "nobody uses it");
    // Somebody begins to, after this session looked and before it can be seen.
    rosters.around(|| drop(rosters.lock_for_use()), |_, ()| told += 1);
    assert_eq!(told, 1);
    // From now on nothing comes between a change and what is told of it.
    let change = || assert!(rosters.ties.try_lock().is_err());
    rosters.around(change, |_, ()| told += 1);
    assert_eq!(told, 2);
}
