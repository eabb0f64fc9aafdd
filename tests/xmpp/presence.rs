//! Contacts and presence over a server, as on the embedded network, and news of the connection.

use std::collections::BTreeSet;
use std::time::Duration;

use peak::prelude::*;
use peak::{Contact, ContactState, SendError, Show};
use peak_tests::servers::Server;

use super::{Eyes, Journal, Log, access, context_of, hands, on_both_servers, platform, until};

fn contact(eyes: &Eyes, jid: &str) -> Option<Contact> {
    eyes.ctx.contacts().get(jid).expect("an address")
}

/// Waits until the list has this contact so.
async fn has(eyes: &Eyes, jid: &str, is_so: impl Fn(&Contact) -> bool) {
    let own = eyes.ctx.jid();
    until(&format!("{own} has {jid} so"), || {
        contact(eyes, jid).is_some_and(|contact| is_so(&contact))
    })
    .await;
}

async fn is(eyes: &Eyes, jid: &str, state: ContactState) {
    let is_so = |contact: &Contact| contact.subscription == state && !contact.ask;
    has(eyes, jid, is_so).await;
}

/// Two that know each other's presence.
async fn friends(platform: &Platform) -> (Eyes, Eyes) {
    let ann = Eyes::open(platform, "ann@localhost").await;
    let bob = Eyes::open(platform, "bob@localhost").await;
    ann.ctx.contacts().approve_all(true);
    bob.ctx.contacts().approve_all(true);
    ann.ctx.contacts().subscribe("bob@localhost").unwrap();
    is(&ann, "bob@localhost", ContactState::Both).await;
    is(&bob, "ann@localhost", ContactState::Both).await;
    ann.journal
        .up_to("bob@localhost/main is there: Available 0")
        .await;
    bob.journal
        .up_to("ann@localhost/main is there: Available 0")
        .await;
    for (one, other) in [(&ann, &bob), (&bob, &ann)] {
        one.say(other.ctx.jid().as_str(), "hello").await;
        other
            .journal
            .up_to(&format!("{} says hello", one.ctx.jid()))
            .await;
    }
    (ann, bob)
}

on_both_servers! {
    async fn a_request_approved_shows_presence_until_it_is_taken_back(server: Server) {
        let platform = platform(&server);
        let ann = Eyes::open(&platform, "ann@localhost").await;
        let bob = Eyes::open(&platform, "bob@localhost").await;
        assert!(ann.ctx.contacts().list().is_empty());

        ann.ctx.contacts().subscribe("bob@localhost/main").unwrap();
        bob.journal.next(&["ann@localhost Subscribe"]).await;
        has(&ann, "bob@localhost", |asked| asked.ask && asked.subscription == ContactState::None).await;
        assert!(bob.ctx.contacts().list().is_empty(), "it has only been asked");

        bob.ctx.set_presence(Presence::available().show(Show::Away).status("out"));
        bob.say("ann@localhost", "nothing yet").await;
        ann.journal.next(&["bob@localhost/main says nothing yet"]).await;
        bob.ctx.contacts().approve("ann@localhost").unwrap();
        ann.journal.next(&["bob@localhost Subscribed", "bob@localhost/main is there: Away 0 out"]).await;
        is(&ann, "bob@localhost", ContactState::To).await;
        is(&bob, "ann@localhost", ContactState::From).await;
        let approved = contact(&ann, "bob@localhost/any").expect("it is in the list");
        assert_eq!(approved.jid.as_str(), "bob@localhost");
        assert_eq!(approved.sessions.len(), 1);
        assert_eq!(approved.presence().and_then(|it| it.status.as_deref()), Some("out"));
        assert_eq!(contact(&bob, "ann@localhost").unwrap().presence(), None, "it was not asked in turn");

        bob.ctx.set_presence(Presence::available().show(Show::Chat).priority(7).status("<&> é 😀"));
        ann.journal.next(&["bob@localhost/main is there: Chat 7 <&> é 😀"]).await;
        bob.close().await;
        ann.journal.next(&["bob@localhost/main has gone"]).await;
        assert_eq!(contact(&ann, "bob@localhost").unwrap().presence(), None);

        // What was agreed outlives the agent.
        let bob = Eyes::open(&platform, "bob@localhost").await;
        ann.journal.next(&["bob@localhost/main is there: Available 0"]).await;
        is(&bob, "ann@localhost", ContactState::From).await;
        ann.ctx.contacts().unsubscribe("bob@localhost").unwrap();
        bob.journal.next(&["ann@localhost Unsubscribe"]).await;
        has(&ann, "bob@localhost", |it| it.subscription == ContactState::None).await;
        bob.ctx.set_presence(Presence::available().show(Show::DoNotDisturb));
        bob.say("ann@localhost", "nothing more").await;
        let before = ann.journal.up_to("bob@localhost/main says nothing more").await;
        // Some servers say that it has gone, and some that it lets it know no more.
        assert!(before.iter().all(|line| !line.contains("is there")), "{before:?}");
        platform.stop().await;
    }

    async fn deny_refuses_and_takes_back(server: Server) {
        let platform = platform(&server);
        let ann = Eyes::open(&platform, "ann@localhost").await;
        let bob = Eyes::open(&platform, "bob@localhost").await;
        ann.ctx.contacts().subscribe("bob@localhost").unwrap();
        bob.journal.next(&["ann@localhost Subscribe"]).await;
        bob.ctx.contacts().deny("ann@localhost").unwrap();
        ann.journal.next(&["bob@localhost Unsubscribed"]).await;
        has(&ann, "bob@localhost", |it| !it.ask).await;

        ann.ctx.contacts().subscribe("bob@localhost").unwrap();
        bob.journal.next(&["ann@localhost Subscribe"]).await;
        bob.ctx.contacts().approve("ann@localhost").unwrap();
        ann.journal.next(&["bob@localhost Subscribed", "bob@localhost/main is there: Available 0"]).await;
        bob.ctx.contacts().deny("ann@localhost").unwrap();
        ann.journal
            .next_in_any_order(&["bob@localhost Unsubscribed", "bob@localhost/main has gone"])
            .await;
        is(&ann, "bob@localhost", ContactState::None).await;

        // A request that is taken back cannot be approved any more.
        ann.ctx.contacts().subscribe("bob@localhost").unwrap();
        bob.journal.next(&["ann@localhost Subscribe"]).await;
        ann.ctx.contacts().unsubscribe("bob@localhost").unwrap();
        ann.is_settled().await;
        bob.is_settled().await;
        // Not every server tells; then it is too late, and changes nothing.
        match bob.ctx.contacts().approve("ann@localhost") {
            Ok(()) => assert!(bob.journal.read().is_empty()),
            Err(error) => {
                let words = "`ann@localhost` has no request to approve";
                assert!(error.to_string().starts_with(words), "{error}");
            }
        }
        bob.say("ann@localhost", "too late").await;
        let before = ann.journal.up_to("bob@localhost/main says too late").await;
        assert!(before.iter().all(|line| !line.contains("is there")), "{before:?}");
        is(&ann, "bob@localhost", ContactState::None).await;
        platform.stop().await;
    }

    async fn whoever_approves_everyone_asks_in_turn(server: Server) {
        let platform = platform(&server);
        let ann = Eyes::open(&platform, "ann@localhost").await;
        let bob = Eyes::open(&platform, "bob@localhost").await;
        // One that waits already is approved as well.
        ann.ctx.contacts().subscribe("bob@localhost").unwrap();
        bob.journal.next(&["ann@localhost Subscribe"]).await;
        bob.ctx.contacts().approve_all(true);
        ann.journal
            .next_in_any_order(&[
                "bob@localhost Subscribed",
                "bob@localhost/main is there: Available 0",
                "bob@localhost Subscribe",
            ])
            .await;
        ann.ctx.contacts().approve("bob@localhost").unwrap();
        bob.journal
            .next(&["ann@localhost Subscribed", "ann@localhost/main is there: Available 0"])
            .await;
        is(&ann, "bob@localhost", ContactState::Both).await;
        is(&bob, "ann@localhost", ContactState::Both).await;

        // Two of this kind.
        let cid = Eyes::open(&platform, "cid@localhost").await;
        cid.ctx.contacts().approve_all(true);
        cid.ctx.contacts().subscribe("bob@localhost").unwrap();
        is(&cid, "bob@localhost", ContactState::Both).await;
        is(&bob, "cid@localhost", ContactState::Both).await;
        bob.journal.up_to("cid@localhost/main is there: Available 0").await;
        let names: Vec<String> = bob.ctx.contacts().list().iter().map(|it| it.jid.to_string()).collect();
        assert_eq!(names, ["ann@localhost", "cid@localhost"]);

        // It ends when it is said.
        cid.ctx.contacts().approve_all(false);
        let dan = Eyes::open(&platform, "dan@localhost").await;
        dan.ctx.contacts().subscribe("cid@localhost").unwrap();
        cid.journal.up_to("dan@localhost Subscribe").await;
        cid.is_settled().await;
        has(&dan, "cid@localhost", |it| it.ask).await;
        platform.stop().await;
    }

    async fn several_sessions_of_one_account(server: Server) {
        let platform = platform(&server);
        let ann = Eyes::open(&platform, "ann@localhost").await;
        let desk = Eyes::open(&platform, "bob@localhost/desk").await;
        let phone = Eyes::open(&platform, "bob@localhost/phone").await;
        phone.ctx.set_presence(Presence::available().status("walking").priority(3));
        phone.is_settled().await;

        ann.ctx.contacts().subscribe("bob@localhost").unwrap();
        desk.journal.next(&["ann@localhost Subscribe"]).await;
        phone.journal.next(&["ann@localhost Subscribe"]).await;
        desk.ctx.contacts().approve("ann@localhost").unwrap();
        ann.journal
            .next_in_any_order(&[
                "bob@localhost Subscribed",
                "bob@localhost/desk is there: Available 0",
                "bob@localhost/phone is there: Available 3 walking",
            ])
            .await;
        // The other session shares the list, and finds that it is done.
        is(&phone, "ann@localhost", ContactState::From).await;
        phone.ctx.contacts().approve("ann@localhost").unwrap();
        let bob = contact(&ann, "bob@localhost").unwrap();
        assert_eq!(bob.sessions.len(), 2);
        assert_eq!(bob.presence().map(|it| it.priority), Some(3));

        // A second session of the watcher learns what the first knows.
        let elsewhere = Eyes::open(&platform, "ann@localhost/elsewhere").await;
        elsewhere
            .journal
            .next_in_any_order(&[
                "bob@localhost/desk is there: Available 0",
                "bob@localhost/phone is there: Available 3 walking",
            ])
            .await;
        phone.close().await;
        for watcher in [&ann, &elsewhere] {
            watcher.journal.next(&["bob@localhost/phone has gone"]).await;
            assert_eq!(contact(watcher, "bob@localhost").unwrap().sessions.len(), 1);
        }
        desk.is_settled().await;
        assert!(desk.journal.read().is_empty(), "nobody hears of oneself");
        platform.stop().await;
    }

    async fn requests_wait_for_whoever_comes_later(server: Server) {
        // The one who is asked has an account, and is away.
        let platform = platform(&server);
        Eyes::open(&platform, "late@localhost").await.close().await;
        let ann = Eyes::open(&platform, "ann@localhost").await;
        ann.ctx.contacts().subscribe("late@localhost").unwrap();
        ann.is_settled().await;
        let late = Eyes::open(&platform, "late@localhost").await;
        late.journal.next(&["ann@localhost Subscribe"]).await;

        // The answer stands even if the one who asked is away.
        ann.close().await;
        late.ctx.contacts().approve("ann@localhost").unwrap();
        late.is_settled().await;
        let ann = Eyes::open(&platform, "ann@localhost").await;
        ann.journal.up_to("late@localhost/main is there: Available 0").await;
        is(&ann, "late@localhost", ContactState::To).await;
        platform.stop().await;
    }

    async fn news_and_messages_keep_their_order(server: Server) {
        let platform = platform(&server);
        let (ann, bob) = friends(&platform).await;
        bob.say("ann@localhost", "one").await;
        bob.ctx.set_presence(Presence::available().show(Show::DoNotDisturb));
        bob.say("ann@localhost", "two").await;
        bob.say("ann@localhost", "three").await;
        bob.ctx.set_presence(Presence::available().show(Show::ExtendedAway));
        bob.say("ann@localhost", "four").await;
        bob.close().await;
        ann.journal
            .next(&[
                "bob@localhost/main says one",
                "bob@localhost/main is there: DoNotDisturb 0",
                "bob@localhost/main says two",
                "bob@localhost/main says three",
                "bob@localhost/main is there: ExtendedAway 0",
                "bob@localhost/main says four",
                "bob@localhost/main has gone",
            ])
            .await;
        platform.stop().await;
    }

    async fn removing_ends_both_ways(server: Server) {
        let platform = platform(&server);
        let (ann, bob) = friends(&platform).await;
        ann.ctx.contacts().remove("bob@localhost").unwrap();
        until("it is removed", || contact(&ann, "bob@localhost").is_none()).await;
        is(&bob, "ann@localhost", ContactState::None).await;
        bob.journal.up_to("ann@localhost/main has gone").await;
        ann.ctx.set_presence(Presence::available().show(Show::Away));
        bob.ctx.set_presence(Presence::available().show(Show::Away));
        for (one, other) in [(&ann, &bob), (&bob, &ann)] {
            one.say(other.ctx.jid().as_str(), "still there?").await;
            let before = other.journal.up_to(&format!("{} says still there?", one.ctx.jid())).await;
            assert!(before.iter().all(|line| !line.contains("Away")), "{before:?}");
        }
        platform.stop().await;
    }

    async fn wrong_addresses_are_named(server: Server) {
        let platform = platform(&server);
        let ann = hands(&platform, "ann@localhost").await;
        let contacts = ann.contacts();
        let own = contacts.subscribe("ann@localhost/elsewhere").unwrap_err();
        let nobody = contacts.deny("bob@").unwrap_err();
        let nameless = contacts.get("@localhost").unwrap_err();
        for (error, beginning) in [
            (own.to_string(), "`ann@localhost` is this agent's own address"),
            (nobody.to_string(), "`bob@` is not a JID"),
            (nameless.to_string(), "`@localhost` is not a JID"),
        ] {
            assert!(error.starts_with(beginning), "{error}");
        }
        assert!(contacts.list().is_empty());
        platform.stop().await;
    }

    async fn each_kind_of_news_finds_its_function(server: Server) {
        let platform = platform(&server);
        let pump = Eyes::open(&platform, "pump@localhost").await;
        let journal = Journal::default();
        let guard = Guard { journal: journal.clone(), ..Guard::default() };
        let guard = platform.spawn("guard@localhost", guard).await.unwrap();
        pump.journal.next(&["guard@localhost Subscribe"]).await;
        pump.ctx.contacts().approve("guard@localhost").unwrap();
        // A presence may be told several times over, if the server does.
        journal.up_to("pump@localhost Subscribed").await;
        journal.up_to("pump@localhost/main came, Available").await;
        pump.ctx.contacts().subscribe("guard@localhost").unwrap();
        journal.up_to("pump@localhost is welcome").await;
        pump.journal.up_to("guard@localhost/main is there: Available 0").await;
        let driver = Eyes::open(&platform, "driver@localhost").await;
        driver.ctx.contacts().subscribe("guard@localhost").unwrap();
        journal.up_to("driver@localhost is late").await;
        driver.journal.up_to("guard@localhost Unsubscribed").await;

        pump.close().await;
        journal.up_to("pump@localhost/main went").await;
        assert_eq!(guard.with(|guard| guard.there.len()).await, Some(0));
        let pump = Eyes::open(&platform, "pump@localhost").await;
        journal.up_to("pump@localhost/main came, Available").await;
        pump.ctx.contacts().deny("guard@localhost").unwrap();
        journal.next_in_any_order(&["pump@localhost Unsubscribed", "pump@localhost/main went"]).await;
        is(&pump, "guard@localhost", ContactState::To).await;
        pump.ctx.contacts().unsubscribe("guard@localhost").unwrap();
        until("the handler has failed", || Log::of_this_test().has(&["ERROR", "it should have stayed"])).await;
        platform.stop().await;
        let failures = platform.report().failures;
        assert_eq!(failures.len(), 1, "{failures:?}");
        assert!(failures[0].to_string().contains("fails"), "{failures:?}");
    }

    /// The connection breaks and comes back: agents are told, and what they send meanwhile waits.
    async fn a_server_that_restarts_is_waited_for(server: Server) {
        let platform = platform(&server);
        let (ann, bob) = friends(&platform).await;
        let watch = Journal::default();
        let guard = platform.spawn("watch@localhost", Watch { journal: watch.clone() }).await.unwrap();
        let ctx = context_of(&guard).await;
        assert!(ctx.is_online());
        tokio::task::block_in_place(|| server.stop());
        let (before, lost) = watch.up_to_beginning("lost").await;
        assert!(before.is_empty() && lost.len() > "lost: ".len(), "{before:?} {lost}");
        ann.journal.up_to_beginning("lost: ").await;
        bob.journal.up_to_beginning("lost: ").await;
        assert!(!ctx.is_online() && !ann.ctx.is_online() && !bob.ctx.is_online());
        assert!(Log::of_this_test().has(&["WARN", "watch@localhost/main", "the connection is lost"]));

        ann.say("bob@localhost", "while it was away").await;
        ann.ctx.set_presence(Presence::available().show(Show::Away).status("waiting"));
        tokio::task::block_in_place(|| server.restart());
        watch.next(&["restored"]).await;
        assert!(ctx.is_online());
        ann.journal.up_to("restored").await;
        let before = bob.journal.up_to("ann@localhost/main says while it was away").await;
        assert!(before.contains(&"restored".to_owned()), "{before:?}");
        // Who was a contact is one, and how it is shows.
        until("bob sees ann", || {
            let seen = contact(&bob, "ann@localhost").and_then(|it| it.presence().cloned());
            seen.is_some_and(|seen| seen.show == Show::Away && seen.status.as_deref() == Some("waiting"))
        })
        .await;
        assert!(Log::of_this_test().has(&["INFO", "watch@localhost/main", "the connection is restored"]));
        platform.stop().await;
        assert!(platform.report().is_success());
    }

    async fn a_full_queue_says_that_there_is_no_connection(server: Server) {
        let platform = Platform::builder()
            .xmpp(access(&server).offline_queue(3))
            .send_timeout(Duration::from_millis(50))
            .build();
        let bob = Eyes::open(&platform, "bob@localhost").await;
        let ann = Eyes::open(&platform, "ann@localhost").await;
        tokio::task::block_in_place(|| server.stop());
        ann.journal.up_to_beginning("lost: ").await;
        bob.journal.up_to_beginning("lost: ").await;
        for number in 0..3 {
            ann.say("bob@localhost", &number.to_string()).await;
        }
        let message = Message::inform("bob@localhost").text("one too many");
        let error = ann.ctx.send(message).await.unwrap_err();
        let words = "there is no connection to the server, and 3 messages wait already";
        assert!(error.to_string().contains(words), "{error}");
        match error.downcast::<SendError>() {
            Ok(SendError::Offline { message, .. }) => assert_eq!(message.body(), Some("one too many")),
            other => panic!("{other:?}"),
        }
        tokio::task::block_in_place(|| server.restart());
        for number in 0..3 {
            bob.journal.up_to(&format!("ann@localhost/main says {number}")).await;
        }
        // There is room again.
        ann.say("bob@localhost", "later").await;
        let between = bob.journal.up_to("ann@localhost/main says later").await;
        assert!(!between.iter().any(|line| line.contains("says")), "{between:?}");
        platform.stop().await;
    }
}

/// One function for each kind of news.
#[agent]
#[derive(Default)]
struct Guard {
    journal: Journal,
    there: BTreeSet<Jid>,
}

#[agent]
impl Guard {
    #[on_start]
    async fn begin(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.contacts().subscribe("pump@localhost")?;
        Ok(())
    }

    #[on_presence(available)]
    async fn came(&mut self, Sender(who): Sender, presence: Presence) {
        self.journal
            .note(format!("{who} came, {:?}", presence.show));
        self.there.insert(who);
    }

    #[on_presence(unavailable)]
    async fn went(ctx: Context<Self>, who: Sender) {
        ctx.with(move |guard| {
            guard.there.remove(&who.0);
            guard.journal.note(format!("{} went", who.0));
        })
        .await;
    }

    // Takes the first request only.
    #[on_presence(subscribe)]
    async fn first(&mut self, ctx: &Context<Self>, Sender(who): Sender) -> peak::Result<Flow> {
        self.journal.note(format!("{who} is welcome"));
        ctx.contacts().approve(who)?;
        Ok(Flow::Stop)
    }

    #[on_presence(subscribe, subscribed, unsubscribed)]
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
}

/// A function for each change of the connection.
#[agent]
struct Watch {
    journal: Journal,
}

#[agent]
impl Watch {
    #[on_connection(lost)]
    async fn lost(&mut self, change: ConnectionChange) {
        if let ConnectionChange::Lost { reason } = change {
            self.journal.note(format!("lost: {reason}"));
        }
    }

    #[on_connection(restored)]
    async fn back(&mut self, ctx: &Context<Self>) {
        assert!(ctx.is_online());
        self.journal.note("restored");
    }
}
