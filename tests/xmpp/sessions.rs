//! Connections that break and sessions that go on.

use std::collections::BTreeMap;
use std::time::Duration;

use peak::prelude::*;
use peak_tests::servers::{Builder, Server};
use tokio::sync::watch;

use super::proxy::Proxy;
use super::{
    Eyes, Log, PATIENCE, access, access_at, context_of, hands, on_both_servers, settled, until,
};

/// Notes the numbers it gets, of each sender, in the order in which they come.
#[agent]
#[derive(Default)]
pub(crate) struct Counter {
    got: watch::Sender<BTreeMap<String, Vec<usize>>>,
}

#[agent]
impl Counter {
    #[on_message(performative = "inform")]
    async fn count(&mut self, Sender(from): Sender, Text(number): Text) {
        let number = number.parse().expect("a number");
        self.got
            .send_modify(|got| got.entry(from.to_string()).or_default().push(number));
    }
}

/// A counter, and the test's way to what it has.
pub(crate) struct Counted {
    pub(crate) ctx: Context<Counter>,
    got: watch::Receiver<BTreeMap<String, Vec<usize>>>,
}

impl Counted {
    pub(crate) async fn start(platform: &Platform, jid: &str) -> Self {
        let counter = Counter::default();
        let got = counter.got.subscribe();
        let agent = platform.spawn(jid, counter).await.expect("it connects");
        let ctx = context_of(&agent).await;
        Self { ctx, got }
    }

    /// Sends so many numbers, and tries again what does not fit while there is no connection.
    pub(crate) async fn send(&self, to: &str, count: usize) {
        for number in 0..count {
            let message = Message::inform(to).text(number.to_string());
            while let Err(error) = self.ctx.send(message.clone()).await {
                tracing::debug!("not taken: {error}");
            }
        }
    }

    /// Waits until so many of all have come.
    pub(crate) async fn has(&mut self, count: usize) {
        let total = |got: &BTreeMap<String, Vec<usize>>| got.values().map(Vec::len).sum::<usize>();
        let waited =
            tokio::time::timeout(PATIENCE * 3, self.got.wait_for(|got| total(got) >= count));
        let is_there = waited.await.is_ok();
        assert!(
            is_there,
            "{}: {} of {count}",
            self.ctx.jid(),
            total(&self.got.borrow())
        );
    }

    /// Whether each number of each sender has come once, and in order.
    pub(crate) fn is_complete(&self, senders: usize, count: usize) {
        let got = self.got.borrow();
        assert_eq!(got.len(), senders, "{:?}", got.keys());
        for (sender, numbers) in got.iter() {
            let is_next = |(place, number): &(usize, &usize)| place != *number;
            let wrong = numbers.iter().enumerate().find(is_next);
            assert_eq!(
                wrong, None,
                "the first (place, number) of {sender} that is wrong"
            );
            assert_eq!(numbers.len(), count, "{sender}");
        }
    }

    /// Whether each number of each sender has come once, in whatever order.
    pub(crate) fn are_all_there_once(&self, senders: usize, count: usize) {
        let got = self.got.borrow();
        assert_eq!(got.len(), senders, "{:?}", got.keys());
        for (sender, numbers) in got.iter() {
            let mut times = vec![0; count];
            numbers.iter().for_each(|number| times[*number] += 1);
            let wrong: Vec<_> = times
                .iter()
                .enumerate()
                .filter(|(_, times)| **times != 1)
                .collect();
            assert!(wrong.is_empty(), "{sender}: (number, times) {wrong:?}");
        }
    }
}

const NUMBERS: usize = 3000;

/// Two agents whose connections go over the proxy.
fn over(server: &Server, proxy: &Proxy) -> Platform {
    Platform::builder()
        .xmpp(access_at(server, proxy.port()))
        .build()
}

on_both_servers! {
    async fn a_session_survives_its_connections(server: Server) {
        survive(&server).await;
    }

    /// Without stream management there is a new session each time, and still nothing is lost.
    async fn a_server_that_resumes_nothing_loses_nothing(server: Builder) {
        let server = server.without("smacks").start();
        let proxy = Proxy::to(server.port()).await;
        let platform = over(&server, &proxy);
        let ann = Counted::start(&platform, "ann@localhost").await;
        let mut bob = Counted::start(&platform, "bob@localhost").await;
        let mut got = bob.got.clone();
        let log = Log::of_this_test();
        let cutting = async {
            for cuts in 1..=2 {
                let enough = cuts * NUMBERS / 4;
                let some = got.wait_for(|got| got.values().any(|it| it.len() >= enough));
                assert!(tokio::time::timeout(PATIENCE, some).await.is_ok(), "{enough} have not come");
                proxy.cut();
                until("both are back", || log.lines(&["the connection is restored"]).len() >= 2 * cuts).await;
            }
        };
        tokio::join!(ann.send("bob@localhost", NUMBERS), cutting);
        bob.has(NUMBERS).await;
        settled(&bob.ctx).await;
        bob.are_all_there_once(1, NUMBERS);
        assert!(!log.has(&["the session is resumed"]));
        platform.stop().await;
    }

    async fn a_server_that_stands_still_for_a_while_is_waited_for(server: Server) {
        let platform = Platform::builder().xmpp(access(&server)).build();
        let mut ann = Counted::start(&platform, "ann@localhost").await;
        let mut bob = Counted::start(&platform, "bob@localhost").await;
        server.freeze();
        tokio::join!(ann.send("bob@localhost", 200), bob.send("ann@localhost", 200));
        // Longer than an acknowledgement is waited for.
        tokio::time::sleep(Duration::from_secs(2)).await;
        let total = |counted: &Counted| counted.got.borrow().values().map(Vec::len).sum::<usize>();
        assert!(total(&ann) < 200 && total(&bob) < 200, "it has not stood still");
        server.thaw();
        ann.has(200).await;
        bob.has(200).await;
        ann.is_complete(1, 200);
        bob.is_complete(1, 200);
        assert!(!Log::of_this_test().has(&["the connection is lost"]));
        platform.stop().await;
    }

    async fn a_dead_connection_is_found(server: Server) {
        let platform = Platform::builder()
            .xmpp(access(&server).keepalive(Duration::from_secs(1)))
            .build();
        let ann = Eyes::open(&platform, "ann@localhost").await;
        let bob = hands(&platform, "bob@localhost").await;
        // Silence is no death.
        tokio::time::sleep(Duration::from_secs(4)).await;
        assert!(ann.journal.read().is_empty() && ann.ctx.is_online());
        server.freeze();
        ann.journal.next(&["lost: the server gave no sign of life"]).await;
        let log = Log::of_this_test();
        assert!(log.has(&["WARN", "ann@localhost/main", "the server gave no sign of life"]));
        assert!(!ann.ctx.is_online());
        ann.say("bob@localhost", "are you there?").await;
        server.thaw();
        ann.journal.next(&["restored"]).await;
        assert!(log.has(&["the session is resumed", "ann@localhost/main"]));
        until("bob is back", || bob.is_online()).await;
        ann.is_settled().await;
        platform.stop().await;
    }
}

/// Two agents talk, and their connections are cut again and again, wherever they are.
async fn survive(server: &Server) {
    let proxy = Proxy::to(server.port()).await;
    let platform = over(server, &proxy);
    let mut ann = Counted::start(&platform, "ann@localhost").await;
    let mut bob = Counted::start(&platform, "bob@localhost").await;
    // One with a connection of its own looks on.
    let direct = Platform::builder().xmpp(access(server)).build();
    let cid = Eyes::open(&direct, "cid@localhost").await;
    ann.ctx.contacts().approve_all(true);
    cid.ctx.contacts().approve_all(true);
    cid.ctx.contacts().subscribe("ann@localhost").unwrap();
    until("they know each other", || {
        let known = |contact: Option<peak::Contact>| {
            contact.is_some_and(|it| it.subscription == peak::ContactState::Both)
        };
        known(ann.ctx.contacts().get("cid@localhost").unwrap())
            && known(cid.ctx.contacts().get("ann@localhost").unwrap())
    })
    .await;
    settled(&ann.ctx).await;
    ann.ctx
        .send(Message::inform("cid@localhost").text("and now"))
        .await
        .unwrap();
    cid.journal.up_to("ann@localhost/main says and now").await;

    let log = Log::of_this_test();
    let talking = async {
        tokio::join!(
            ann.send("bob@localhost", NUMBERS),
            bob.send("ann@localhost", NUMBERS)
        );
    };
    let mut got = (ann.got.clone(), bob.got.clone());
    let cutting = async {
        for cuts in 1..=4 {
            let enough = cuts * NUMBERS / 6;
            for got in [&mut got.0, &mut got.1] {
                let all = got.wait_for(|got| got.values().any(|it| it.len() >= enough));
                let all = tokio::time::timeout(PATIENCE, all).await;
                assert!(all.is_ok(), "{enough} have not come");
            }
            proxy.cut();
            until("both are back", || {
                log.lines(&["the connection is restored"]).len() >= 2 * cuts
            })
            .await;
        }
    };
    tokio::join!(talking, cutting);
    ann.has(NUMBERS).await;
    bob.has(NUMBERS).await;
    for one in [&ann, &bob] {
        settled(&one.ctx).await;
        one.are_all_there_once(1, NUMBERS);
    }
    for name in ["ann@localhost/main", "bob@localhost/main"] {
        assert_eq!(
            log.lines(&["the session is resumed", name]).len(),
            4,
            "{name}"
        );
    }
    assert!(!log.has(&["cannot be resumed"]));
    // Nobody else has noticed.
    cid.is_settled().await;
    assert!(cid.journal.read().is_empty(), "{:?}", cid.journal.read());
    platform.stop().await;
    cid.journal.next(&["ann@localhost/main has gone"]).await;
    direct.stop().await;
}
