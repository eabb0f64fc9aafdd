//! Contacts, and functions that are told of presence.

use std::time::Duration;

use peak::prelude::*;
use peak::{AgentHandle, Contact, ContactState, Schedule, Show};

use crate::{Driver, Journal};

/// Notes everything that it hears.
#[agent]
struct Peer {
    journal: Journal,
}

#[agent]
impl Peer {
    #[on_presence]
    async fn hear(&mut self, Sender(who): Sender, change: PresenceChange) {
        self.journal.note(format!("{who} {}", words(&change)));
    }

    #[on_message]
    async fn read(&mut self, Sender(who): Sender, Text(text): Text) {
        self.journal.note(format!("{who} says {text}"));
    }
}

fn words(change: &PresenceChange) -> String {
    match change {
        PresenceChange::Available(presence) => {
            let status = presence.status.as_deref().unwrap_or_default();
            format!(
                "is there: {:?} {} {status}",
                presence.show, presence.priority
            )
            .trim_end()
            .to_owned()
        }
        PresenceChange::Unavailable { status: None } => "has gone".to_owned(),
        other => format!("{other:?}"),
    }
}

/// Starts a peer.
async fn peer(platform: &Platform, jid: &str) -> (AgentHandle<Peer>, Context<Peer>, Journal) {
    let journal = Journal::default();
    let peer = Peer {
        journal: journal.clone(),
    };
    let handle = platform.spawn(jid, peer).await.expect("it starts");
    let ctx = context_of(&handle).await;
    (handle, ctx, journal)
}

/// An agent's hands, for the test to use.
async fn context_of<A: Agent>(agent: &AgentHandle<A>) -> Context<A> {
    let (sender, mut contexts) = tokio::sync::mpsc::unbounded_channel();
    let lend = Behaviour::new("lend", Schedule::OneShot, move |ctx: Context<A>| {
        let sent = sender.send(ctx);
        async move { assert!(sent.is_ok(), "the test waits for it") }
    });
    agent.add(lend);
    contexts.recv().await.expect("the behaviour runs")
}

/// Waits until nothing is left to be done: the clock is paused, and goes on only then.
async fn settled() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// What was noted since the last time.
async fn news(journal: &Journal) -> Vec<String> {
    settled().await;
    journal.take()
}

fn contact<A>(ctx: &Context<A>, jid: &str) -> Contact {
    let contact = ctx.contacts().get(jid).expect("an address");
    contact.expect("a contact")
}

#[tokio::test(start_paused = true)]
async fn a_request_approved_shows_presence_until_it_is_taken_back() {
    let platform = Platform::new();
    let (_, ann, heard_by_ann) = peer(&platform, "ann@localhost").await;
    let (bob_handle, bob, heard_by_bob) = peer(&platform, "bob@localhost").await;
    assert!(ann.is_online() && bob.is_online());
    assert!(ann.contacts().list().is_empty());

    ann.contacts().subscribe("bob@localhost/main").unwrap();
    assert_eq!(news(&heard_by_bob).await, ["ann@localhost Subscribe"]);
    let asked = contact(&ann, "bob@localhost");
    assert_eq!((asked.subscription, asked.ask), (ContactState::None, true));
    assert!(bob.contacts().list().is_empty(), "it has only been asked");
    // Once is enough.
    ann.contacts().subscribe("bob@localhost").unwrap();
    assert!(news(&heard_by_bob).await.is_empty());

    bob.set_presence(Presence::available().show(Show::Away).status("out"));
    assert!(news(&heard_by_ann).await.is_empty(), "not yet");
    bob.contacts().approve("ann@localhost").unwrap();
    assert_eq!(
        news(&heard_by_ann).await,
        [
            "bob@localhost Subscribed",
            "bob@localhost/main is there: Away 0 out"
        ]
    );
    let approved = contact(&ann, "bob@localhost/any");
    assert_eq!(approved.jid.as_str(), "bob@localhost");
    assert_eq!(approved.subscription, ContactState::To);
    assert!(!approved.ask);
    assert_eq!(approved.sessions.len(), 1);
    assert_eq!(approved.sessions[0].0, "main");
    assert_eq!(
        approved.presence().and_then(|it| it.status.as_deref()),
        Some("out")
    );
    let watcher = contact(&bob, "ann@localhost");
    assert_eq!(watcher.subscription, ContactState::From);
    assert_eq!(watcher.presence(), None, "it was not asked in turn");

    bob.set_presence(Presence::available().show(Show::Chat).priority(7));
    assert_eq!(
        news(&heard_by_ann).await,
        ["bob@localhost/main is there: Chat 7"]
    );
    bob_handle.stop();
    bob_handle.join().await;
    assert_eq!(news(&heard_by_ann).await, ["bob@localhost/main has gone"]);
    assert_eq!(contact(&ann, "bob@localhost").presence(), None);

    // What was agreed outlives the agent.
    let (_, bob, heard_by_bob) = peer(&platform, "bob@localhost").await;
    assert_eq!(
        news(&heard_by_ann).await,
        ["bob@localhost/main is there: Available 0"]
    );
    ann.contacts().unsubscribe("bob@localhost").unwrap();
    assert_eq!(news(&heard_by_ann).await, ["bob@localhost/main has gone"]);
    assert_eq!(news(&heard_by_bob).await, ["ann@localhost Unsubscribe"]);
    bob.set_presence(Presence::available());
    assert!(news(&heard_by_ann).await.is_empty());
    assert_eq!(
        contact(&ann, "bob@localhost").subscription,
        ContactState::None
    );
    // Agents of one process see each other all the same.
    assert!(ann.presence("bob@localhost").unwrap().is_some());
}

#[tokio::test(start_paused = true)]
async fn deny_refuses_and_takes_back() {
    let platform = Platform::new();
    let (_, ann, heard_by_ann) = peer(&platform, "ann@localhost").await;
    let (_, bob, heard_by_bob) = peer(&platform, "bob@localhost").await;
    // Nothing to deny is no mistake.
    bob.contacts().deny("ann@localhost").unwrap();

    ann.contacts().subscribe("bob@localhost").unwrap();
    bob.contacts().deny("ann@localhost").unwrap();
    assert_eq!(news(&heard_by_ann).await, ["bob@localhost Unsubscribed"]);
    assert!(!contact(&ann, "bob@localhost").ask);

    ann.contacts().subscribe("bob@localhost").unwrap();
    bob.contacts().approve("ann@localhost").unwrap();
    bob.contacts().deny("ann@localhost").unwrap();
    assert_eq!(
        news(&heard_by_ann).await,
        [
            "bob@localhost Subscribed",
            "bob@localhost/main is there: Available 0",
            "bob@localhost/main has gone",
            "bob@localhost Unsubscribed",
        ]
    );

    // A request that is taken back cannot be approved any more.
    ann.contacts().subscribe("bob@localhost").unwrap();
    ann.contacts().unsubscribe("bob@localhost").unwrap();
    assert_eq!(
        news(&heard_by_bob).await,
        [
            "ann@localhost Subscribe",
            "ann@localhost Subscribe",
            "ann@localhost Subscribe",
            "ann@localhost Unsubscribe"
        ]
    );
    assert_eq!(
        bob.contacts()
            .approve("ann@localhost")
            .unwrap_err()
            .to_string(),
        "`ann@localhost` has no request to approve; approve it where its request arrives, in a \
         function with `#[on_presence(subscribe)]`, or approve everyone with `approve_all(true)`"
    );
}

#[tokio::test(start_paused = true)]
async fn whoever_approves_everyone_asks_in_turn() {
    let platform = Platform::new();
    let (_, ann, heard_by_ann) = peer(&platform, "ann@localhost").await;
    let (bob_handle, bob, heard_by_bob) = peer(&platform, "bob@localhost").await;
    // One that waits already is approved as well.
    ann.contacts().subscribe("bob@localhost").unwrap();
    assert_eq!(news(&heard_by_bob).await, ["ann@localhost Subscribe"]);
    bob.contacts().approve_all(true);
    assert_eq!(
        news(&heard_by_ann).await,
        [
            "bob@localhost Subscribed",
            "bob@localhost/main is there: Available 0",
            "bob@localhost Subscribe"
        ]
    );
    ann.contacts().approve("bob@localhost").unwrap();
    assert_eq!(
        contact(&ann, "bob@localhost").subscription,
        ContactState::Both
    );
    assert_eq!(
        contact(&bob, "ann@localhost").subscription,
        ContactState::Both
    );
    assert_eq!(
        news(&heard_by_bob).await,
        [
            "ann@localhost Subscribed",
            "ann@localhost/main is there: Available 0"
        ]
    );

    // Two of this kind.
    let (_, cid, heard_by_cid) = peer(&platform, "cid@localhost").await;
    cid.contacts().approve_all(true);
    cid.contacts().subscribe("bob@localhost").unwrap();
    assert_eq!(
        news(&heard_by_bob).await,
        [
            "cid@localhost Subscribe",
            "cid@localhost Subscribed",
            "cid@localhost/main is there: Available 0"
        ]
    );
    assert_eq!(
        news(&heard_by_cid).await,
        [
            "bob@localhost Subscribed",
            "bob@localhost/main is there: Available 0",
            "bob@localhost Subscribe"
        ]
    );
    let names: Vec<String> = bob
        .contacts()
        .list()
        .iter()
        .map(|it| it.jid.to_string())
        .collect();
    assert_eq!(names, ["ann@localhost", "cid@localhost"]);

    // It ends when it is said, and with the agent.
    cid.contacts().approve_all(false);
    let (_, dan, _) = peer(&platform, "dan@localhost").await;
    dan.contacts().subscribe("cid@localhost").unwrap();
    assert!(contact(&dan, "cid@localhost").ask);
    bob_handle.stop();
    bob_handle.join().await;
    dan.contacts().subscribe("bob@localhost").unwrap();
    assert!(contact(&dan, "bob@localhost").ask);
    let (_, bob, heard_by_bob) = peer(&platform, "bob@localhost").await;
    assert!(
        news(&heard_by_bob)
            .await
            .contains(&"dan@localhost Subscribe".to_owned())
    );
    bob.contacts().approve_all(true);
    assert_eq!(
        contact(&dan, "bob@localhost").subscription,
        ContactState::To
    );
}

#[tokio::test(start_paused = true)]
async fn several_sessions_of_one_account() {
    let platform = Platform::new();
    let (_, ann, heard_by_ann) = peer(&platform, "ann@localhost").await;
    let (_, desk, heard_by_desk) = peer(&platform, "bob@localhost/desk").await;
    let (phone_handle, phone, heard_by_phone) = peer(&platform, "bob@localhost/phone").await;
    phone.set_presence(Presence::available().status("walking").priority(3));

    ann.contacts().subscribe("bob@localhost").unwrap();
    assert_eq!(news(&heard_by_desk).await, ["ann@localhost Subscribe"]);
    assert_eq!(news(&heard_by_phone).await, ["ann@localhost Subscribe"]);
    desk.contacts().approve("ann@localhost").unwrap();
    // The other session shares the list, and finds that it is done.
    phone.contacts().approve("ann@localhost").unwrap();
    assert_eq!(
        news(&heard_by_ann).await,
        [
            "bob@localhost Subscribed",
            "bob@localhost/desk is there: Available 0",
            "bob@localhost/phone is there: Available 3 walking"
        ]
    );
    let bob = contact(&ann, "bob@localhost");
    let resources: Vec<&str> = bob.sessions.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(resources, ["desk", "phone"]);
    assert_eq!(bob.presence().map(|it| it.priority), Some(3));
    desk.set_presence(Presence::available().priority(3).status("latest?"));
    let bob = contact(&ann, "bob@localhost");
    let status = bob.presence().and_then(|it| it.status.as_deref());
    assert_eq!(
        status,
        Some("walking"),
        "of equal ones the latest that came"
    );

    // A second session of the watcher learns what the first knows.
    assert_eq!(
        news(&heard_by_ann).await,
        ["bob@localhost/desk is there: Available 3 latest?"]
    );
    let (_, _, heard_elsewhere) = peer(&platform, "ann@localhost/elsewhere").await;
    assert_eq!(
        news(&heard_elsewhere).await,
        [
            "bob@localhost/desk is there: Available 3 latest?",
            "bob@localhost/phone is there: Available 3 walking"
        ]
    );
    phone_handle.stop();
    phone_handle.join().await;
    for journal in [&heard_by_ann, &heard_elsewhere] {
        assert_eq!(news(journal).await, ["bob@localhost/phone has gone"]);
    }
    assert_eq!(contact(&ann, "bob@localhost").sessions.len(), 1);
    assert!(
        news(&heard_by_desk).await.is_empty(),
        "nobody hears of oneself"
    );
}

#[tokio::test(start_paused = true)]
async fn requests_wait_for_whoever_comes_later() {
    let platform = Platform::new();
    let (ann_handle, ann, _) = peer(&platform, "ann@localhost").await;
    let (_, cid, _) = peer(&platform, "cid@localhost").await;
    ann.contacts().subscribe("late@localhost").unwrap();
    cid.contacts().subscribe("late@localhost").unwrap();
    cid.contacts().unsubscribe("late@localhost").unwrap();
    settled().await;
    let (_, late, heard) = peer(&platform, "late@localhost").await;
    assert_eq!(news(&heard).await, ["ann@localhost Subscribe"]);

    // The answer stands even if the one who asked is away.
    ann_handle.stop();
    ann_handle.join().await;
    late.contacts().approve("ann@localhost").unwrap();
    let (_, ann, heard_by_ann) = peer(&platform, "ann@localhost").await;
    assert_eq!(
        news(&heard_by_ann).await,
        ["late@localhost/main is there: Available 0"]
    );
    assert_eq!(
        contact(&ann, "late@localhost").subscription,
        ContactState::To
    );
}

#[tokio::test(start_paused = true)]
async fn news_and_messages_keep_their_order() {
    let platform = Platform::new();
    let (_, ann, heard) = peer(&platform, "ann@localhost").await;
    let (handle, bob, _) = peer(&platform, "bob@localhost").await;
    ann.contacts().subscribe("bob@localhost").unwrap();
    bob.contacts().approve("ann@localhost").unwrap();
    let say = async |text: &str| {
        let message = Message::inform("ann@localhost").text(text);
        bob.send(message).await.expect("ann is there");
    };
    say("one").await;
    bob.set_presence(Presence::available().show(Show::DoNotDisturb));
    say("two").await;
    say("three").await;
    bob.set_presence(Presence::available());
    say("four").await;
    handle.stop();
    handle.join().await;
    assert_eq!(
        news(&heard).await,
        [
            "bob@localhost Subscribed",
            "bob@localhost/main is there: Available 0",
            "bob@localhost/main says one",
            "bob@localhost/main is there: DoNotDisturb 0",
            "bob@localhost/main says two",
            "bob@localhost/main says three",
            "bob@localhost/main is there: Available 0",
            "bob@localhost/main says four",
            "bob@localhost/main has gone",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn removing_ends_both_ways() {
    let platform = Platform::new();
    let (_, ann, heard_by_ann) = peer(&platform, "ann@localhost").await;
    let (_, bob, heard_by_bob) = peer(&platform, "bob@localhost").await;
    ann.contacts().approve_all(true);
    bob.contacts().approve_all(true);
    ann.contacts().subscribe("bob@localhost").unwrap();
    assert_eq!(
        contact(&ann, "bob@localhost").subscription,
        ContactState::Both
    );
    let _ = (news(&heard_by_ann).await, news(&heard_by_bob).await);

    ann.contacts().remove("bob@localhost").unwrap();
    assert_eq!(ann.contacts().get("bob@localhost").unwrap(), None);
    assert_eq!(
        contact(&bob, "ann@localhost").subscription,
        ContactState::None
    );
    assert_eq!(news(&heard_by_ann).await, ["bob@localhost/main has gone"]);
    assert_eq!(
        news(&heard_by_bob).await,
        [
            "ann@localhost Unsubscribe",
            "ann@localhost/main has gone",
            "ann@localhost Unsubscribed"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn wrong_addresses_are_named() {
    let platform = Platform::new();
    let (_, ann, _) = peer(&platform, "ann@localhost").await;
    let contacts = ann.contacts();
    let errors = [
        contacts
            .subscribe("ann@localhost/elsewhere")
            .unwrap_err()
            .to_string(),
        contacts.remove("bob@example.org").unwrap_err().to_string(),
        contacts.deny("bob@").unwrap_err().to_string(),
        contacts.get("@localhost").unwrap_err().to_string(),
    ];
    let beginnings = [
        "`ann@localhost` is this agent's own address",
        "no route to `bob@example.org`: this platform serves `localhost`",
        "`bob@` is not a JID",
        "`@localhost` is not a JID",
    ];
    for (error, beginning) in errors.iter().zip(beginnings) {
        assert!(error.starts_with(beginning), "{error}");
    }
    assert!(contacts.list().is_empty());
}

/// One function for each kind of news, in every shape that a function may have.
#[agent]
struct Guard {
    journal: Journal,
    there: u32,
}

/// Looks on. It belongs to nobody in particular.
#[on_presence(observe, name = "look on")]
async fn onlooker(ctx: &Context<Guard>, change: PresenceChange) {
    let journal = ctx.with(|guard| guard.journal.clone()).await;
    if matches!(change, PresenceChange::Unsubscribe) {
        journal.note("an onlooker is never asked: an earlier one takes it");
    }
    if matches!(change, PresenceChange::Unsubscribed) {
        journal.note("an onlooker saw it");
    }
}

#[on_presence(unsubscribed)]
async fn refused<A: Agent>(ctx: Context<A>, Sender(who): Sender) {
    let text = format!("refused by {who}");
    ctx.send(Message::inform(ctx.jid()).text(text))
        .await
        .expect("it is there");
}

#[agent(behaviours(onlooker, refused))]
impl Guard {
    #[on_start]
    async fn begin(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.contacts().subscribe("pump@localhost")?;
        Ok(())
    }

    #[on_presence(available)]
    async fn came(&mut self, Sender(who): Sender, presence: Presence) {
        self.there += 1;
        self.journal
            .note(format!("{who} came, {:?}", presence.show));
    }

    #[on_presence(unavailable)]
    async fn went(ctx: Context<Self>, who: Sender, change: PresenceChange) -> peak::Result<()> {
        let line = format!("{} {}", who.0, words(&change));
        ctx.with(move |guard| {
            guard.there -= 1;
            guard.journal.note(line);
        })
        .await;
        Ok(())
    }

    // Takes the first request only.
    #[on_presence(subscribe)]
    async fn first(&mut self, ctx: &Context<Self>, Sender(who): Sender) -> peak::Result<Flow> {
        self.journal.note(format!("{who} is welcome"));
        ctx.contacts().approve(who)?;
        Ok(Flow::Stop)
    }

    #[on_presence(subscribe, subscribed)]
    async fn further(&self, ctx: &Context<Self>, Sender(who): Sender, change: PresenceChange) {
        match change {
            PresenceChange::Subscribe => {
                self.journal.note(format!("{who} is late"));
                ctx.contacts().deny(who).expect("it has asked");
            }
            other => self.journal.note(format!("{who} {other:?}")),
        }
    }

    #[on_presence(unsubscribe)]
    async fn fails(&mut self) -> peak::Result<()> {
        Err(std::io::Error::other("it should have stayed").into())
    }

    #[on_connection]
    async fn connection(&mut self, change: ConnectionChange) {
        self.journal.note(format!("{change:?}"));
    }

    #[on_message(performative = "inform")]
    async fn read(&self, Text(text): Text) {
        self.journal.note(text);
    }
}

#[tokio::test(start_paused = true)]
async fn each_kind_of_news_finds_its_function() {
    let platform = Platform::new();
    let journal = Journal::default();
    let guard = Guard {
        journal: journal.clone(),
        there: 0,
    };
    let guard = platform
        .spawn("guard@localhost", guard)
        .await
        .expect("it starts");
    let (pump, ctx, heard_by_pump) = peer(&platform, "pump@localhost").await;
    assert_eq!(news(&heard_by_pump).await, ["guard@localhost Subscribe"]);

    ctx.contacts().approve("guard@localhost").unwrap();
    assert_eq!(
        news(&journal).await,
        [
            "pump@localhost Subscribed",
            "pump@localhost/main came, Available"
        ]
    );
    ctx.contacts().subscribe("guard@localhost").unwrap();
    assert_eq!(news(&journal).await, ["pump@localhost is welcome"]);
    let driver = platform
        .spawn("driver@localhost", Driver)
        .await
        .expect("it starts");
    let driver = context_of(&driver).await;
    driver.contacts().subscribe("guard@localhost").unwrap();
    assert_eq!(news(&journal).await, ["driver@localhost is late"]);
    assert!(!contact(&driver, "guard@localhost").ask);

    pump.stop();
    pump.join().await;
    assert_eq!(news(&journal).await, ["pump@localhost/main has gone"]);
    assert_eq!(guard.with(|guard| guard.there).await, Some(0));
    let (_, ctx, _) = peer(&platform, "pump@localhost").await;
    ctx.contacts().deny("guard@localhost").unwrap();
    let mut told = news(&journal).await;
    // What observes runs beside the function that takes it.
    told.sort_unstable();
    assert_eq!(
        told,
        [
            "an onlooker saw it",
            "pump@localhost/main came, Available",
            "pump@localhost/main has gone",
            "refused by pump@localhost",
        ]
    );

    ctx.contacts().unsubscribe("guard@localhost").unwrap();
    settled().await;
    guard.stop();
    let report = guard.join().await;
    let failures: Vec<String> = report.failures.iter().map(ToString::to_string).collect();
    assert_eq!(failures.len(), 1, "{failures:?}");
    assert!(
        failures[0].contains("fails") && failures[0].contains("it should have stayed"),
        "{failures:?}"
    );
    assert!(
        journal.take().is_empty(),
        "a connection that cannot break is no news"
    );
}

#[tokio::test(start_paused = true)]
async fn news_that_nobody_takes_bothers_nobody() {
    let platform = Platform::new();
    let plain = platform
        .spawn("plain@localhost", Driver)
        .await
        .expect("it starts");
    let (_, ann, heard) = peer(&platform, "ann@localhost").await;
    ann.contacts().subscribe("plain@localhost").unwrap();
    settled().await;
    plain.stop();
    let report = plain.join().await;
    assert_eq!((report.sent, report.failure_count), (0, 0));
    assert!(news(&heard).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_handler_of_news_can_be_added_and_ended() {
    let platform = Platform::new();
    let journal = Journal::default();
    let guard = Guard {
        journal: journal.clone(),
        there: 0,
    };
    let guard = platform
        .spawn("guard@localhost", guard)
        .await
        .expect("it starts");
    let refused = guard.add(refused());
    let (_, pump, _) = peer(&platform, "pump@localhost").await;
    pump.contacts().deny("guard@localhost").unwrap();
    let mut told = news(&journal).await;
    told.sort_unstable();
    // The one that it started with comes first.
    assert_eq!(told, ["an onlooker saw it", "refused by pump@localhost"]);
    refused.kill(0);
    refused.join("1s").await.expect("it has ended");
}
