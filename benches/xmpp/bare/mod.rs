//! The yardstick: clients on `tokio_xmpp::xmlstream::XmlStream` with the types of xmpp-parsers. One task
//! owns a stream; it feeds messages and flushes them in batches.

mod connect;
mod wire;

use std::time::Instant;

pub(crate) use connect::{Client, Gate};
use futures::future::join_all;

use crate::measure::{Meter, Round};
use crate::place::Place;
use crate::work::{WARM_UP, agent, body};

/// How many messages are written before they are flushed.
const BATCH: usize = 64;

/// Makes accounts.
pub(crate) async fn register(place: &Place, names: Vec<String>) {
    let gate = Gate::new(place);
    let made = names.iter().map(|name| gate.register(name));
    join_all(made).await;
}

async fn two(place: &Place) -> (Client, Client) {
    let gate = Gate::new(place);
    (gate.connect(&agent(0)).await, gate.connect(&agent(1)).await)
}

/// With stream management (XEP-0198), which agents always have: what that alone costs.
async fn two_managed(place: &Place) -> (Client, Client) {
    let (mut one, mut other) = two(place).await;
    one.manage().await;
    other.manage().await;
    (one, other)
}

pub(crate) async fn ping_pong(place: Place, count: usize) -> Round {
    ping_pong_of(two(&place).await, place.process, count).await
}

pub(crate) async fn managed_ping_pong(place: Place, count: usize) -> Round {
    ping_pong_of(two_managed(&place).await, place.process, count).await
}

async fn ping_pong_of((mut ping, mut pong): (Client, Client), process: u32, count: usize) -> Round {
    let to = pong.jid.to_string();
    let answering = tokio::spawn(async move {
        for nth in 0..WARM_UP + count {
            let heard = wire::read(pong.message().await);
            assert_eq!(
                (heard.performative.as_str(), heard.body.len()),
                ("inform", 100)
            );
            let answer = wire::message(&heard.from, nth, "inform", &body());
            pong.feed(answer).await;
            pong.flush().await;
        }
        pong
    });
    let asking = tokio::spawn(async move {
        let mut trips = Vec::with_capacity(WARM_UP + count);
        let mut meter = Meter::start(process);
        for nth in 0..WARM_UP + count {
            if nth == WARM_UP {
                meter = Meter::start(process);
            }
            let begun = Instant::now();
            ping.feed(wire::message(&to, nth, "inform", &body())).await;
            ping.flush().await;
            let answer = wire::read(ping.message().await);
            assert_eq!(
                (answer.performative.as_str(), answer.body.len()),
                ("inform", 100)
            );
            trips.push(begun.elapsed());
        }
        (ping, meter.stop(trips.split_off(WARM_UP)))
    });
    let (ping, round) = asking.await.expect("asked");
    let pong = answering.await.expect("answered");
    ping.close().await;
    pong.close().await;
    round
}

pub(crate) async fn flood(place: Place, count: usize) -> Round {
    flood_of(two(&place).await, place.process, count).await
}

pub(crate) async fn managed_flood(place: Place, count: usize) -> Round {
    flood_of(two_managed(&place).await, place.process, count).await
}

async fn flood_of((mut source, mut sink): (Client, Client), process: u32, count: usize) -> Round {
    let to = sink.jid.to_string();
    let meter = Meter::start(process);
    let sending = tokio::spawn(async move {
        for nth in 0..count {
            source
                .feed(wire::message(&to, nth, "inform", &body()))
                .await;
            if nth % BATCH == BATCH - 1 {
                source.feed_question().await;
                source.flush().await;
            }
        }
        source.flush().await;
        source
    });
    let receiving = tokio::spawn(async move {
        let mut weight = 0;
        for _ in 0..count {
            let heard = wire::read(sink.message().await);
            assert_eq!(heard.performative, "inform");
            weight += heard.body.len();
        }
        assert_eq!(weight, count * 100);
        sink
    });
    let sink = receiving.await.expect("received");
    let round = meter.stop(Vec::new());
    sending.await.expect("sent").close().await;
    sink.close().await;
    round
}

/// Logs in so many clients at once.
pub(crate) async fn connect(place: &Place, agents: std::ops::Range<usize>) -> Vec<Client> {
    let gate = Gate::new(place);
    let connecting: Vec<_> = agents
        .map(|nth| {
            let gate = gate.clone();
            tokio::spawn(async move { gate.connect(&agent(nth)).await })
        })
        .collect();
    let connected = join_all(connecting).await;
    let connected = connected.into_iter();
    connected.map(|client| client.expect("connected")).collect()
}

pub(crate) async fn start(place: Place, count: usize) -> Round {
    let meter = Meter::start(place.process);
    let clients = connect(&place, 0..count).await;
    let round = meter.stop(Vec::new());
    join_all(clients.into_iter().map(Client::close)).await;
    round
}

/// Has each client wait for messages in a task of its own, for as long as the runtime lives.
pub(crate) fn idle(clients: Vec<Client>) {
    for mut client in clients {
        tokio::spawn(async move {
            loop {
                drop(client.message().await);
            }
        });
    }
}
