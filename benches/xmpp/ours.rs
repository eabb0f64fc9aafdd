//! Annotated agents, each with an account of its own, or many behind one component. Whatever they say
//! goes over the server.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use peak::prelude::*;
use peak::{AgentHandle, Jid, Schedule, Xmpp};
use tokio::sync::Semaphore;

use crate::measure::{Meter, Round};
use crate::place::{DOMAIN, PASSWORD, Place};
use crate::work::{WARM_UP, agent, body};

/// A platform whose agents have the accounts that there are.
pub(crate) fn platform(place: &Place) -> Platform {
    let xmpp = Xmpp::new()
        .server(format!("{DOMAIN}:{}", place.port))
        .ca_file(&place.ca)
        .password(PASSWORD)
        .register(false)
        .route_by_server(true);
    Platform::builder().xmpp(xmpp).build()
}

/// A platform whose agents are behind a component.
pub(crate) fn component(place: &Place) -> Platform {
    let xmpp = Xmpp::new()
        .server(format!("{DOMAIN}:{}", place.component_port))
        .component(&place.component)
        .secret(place.component_secret.as_str())
        .route_by_server(true);
    Platform::builder().xmpp_for(&place.component, xmpp).build()
}

fn message(to: &Jid) -> Message {
    Message::inform(to).text(body())
}

async fn wait(done: &Semaphore) {
    done.acquire().await.expect("open").forget();
}

/// Does what it is told to, from a behaviour of its own.
#[agent]
struct Driver;

#[agent]
impl Driver {}

async fn driver<F: Future<Output = ()> + Send + 'static>(
    platform: &Platform,
    domain: &str,
    work: impl Fn(Context<Driver>) -> F + Send + Sync + 'static,
) -> peak::BehaviourHandle {
    let jid = format!("{}@{domain}", agent(0));
    let driver = platform.spawn(jid, Driver).await.expect("it connects");
    driver.add(Behaviour::new("work", Schedule::OneShot, work))
}

/// Counts what it gets, and says when it has enough.
#[agent]
struct Counter {
    left: usize,
    weight: usize,
    done: Option<Arc<Semaphore>>,
}

#[agent]
impl Counter {
    #[on_message(performative = "inform")]
    async fn count(&mut self, message: &Message) {
        self.weight += message.body().map_or(0, str::len);
        self.left -= 1;
        if self.left == 0
            && let Some(done) = &self.done
        {
            done.add_permits(1);
        }
    }
}

async fn flood_on(platform: Platform, domain: &str, place: &Place, count: usize) -> Round {
    let done = Arc::new(Semaphore::new(0));
    let counter = Counter {
        left: count,
        weight: 0,
        done: Some(Arc::clone(&done)),
    };
    let counter = platform
        .spawn(format!("{}@{domain}", agent(1)), counter)
        .await
        .expect("it connects");
    let to = counter.jid().clone();
    let begin = Arc::new(Semaphore::new(0));
    let begun = Arc::clone(&begin);
    driver(&platform, domain, move |ctx| {
        let (to, begun) = (to.clone(), Arc::clone(&begun));
        async move {
            wait(&begun).await;
            for _ in 0..count {
                ctx.send(message(&to)).await.expect("sent");
            }
        }
    })
    .await;
    let meter = Meter::start(place.process);
    begin.add_permits(1);
    wait(&done).await;
    let round = meter.stop(Vec::new());
    let weight = counter.with(|counter| counter.weight).await;
    assert_eq!(weight.expect("alive"), count * 100);
    platform.stop().await;
    round
}

pub(crate) async fn flood(place: Place, count: usize) -> Round {
    flood_on(platform(&place), DOMAIN, &place, count).await
}

pub(crate) async fn component_flood(place: Place, count: usize) -> Round {
    flood_on(component(&place), &place.component, &place, count).await
}

/// Answers requests, and sends informs back.
#[agent]
struct Echo;

#[agent]
impl Echo {
    #[on_message(performative = "request")]
    async fn answer(&mut self, message: &Message) -> Inform<String> {
        assert_eq!(message.body().map(str::len), Some(100));
        Inform(body())
    }

    #[on_message(performative = "inform")]
    async fn back(&mut self, ctx: &Context<Self>, heard: &Message, Sender(from): Sender) {
        assert_eq!(heard.body().map(str::len), Some(100));
        ctx.send(message(&from)).await.expect("sent");
    }
}

async fn echo(platform: &Platform) -> AgentHandle<Echo> {
    let jid = format!("{}@{DOMAIN}", agent(1));
    platform.spawn(jid, Echo).await.expect("it connects")
}

/// With `Context::request`: conversation-id, reply-with, in-reply-to, and a deadline.
pub(crate) async fn requests(place: Place, count: usize) -> Round {
    let platform = platform(&place);
    let to = echo(&platform).await.jid().clone();
    let (sender, mut rounds) = tokio::sync::mpsc::unbounded_channel();
    let process = place.process;
    driver(&platform, DOMAIN, move |ctx| {
        let (to, sender) = (to.clone(), sender.clone());
        async move {
            let mut trips = Vec::with_capacity(WARM_UP + count);
            let mut meter = Meter::start(process);
            for nth in 0..WARM_UP + count {
                if nth == WARM_UP {
                    meter = Meter::start(process);
                }
                let begun = Instant::now();
                let request = Message::request(&to).text(body());
                let answer = ctx.request(request, Duration::from_secs(5)).await;
                assert_eq!(answer.expect("an answer").body().map(str::len), Some(100));
                trips.push(begun.elapsed());
            }
            let sent = sender.send(meter.stop(trips.split_off(WARM_UP)));
            sent.expect("somebody waits");
        }
    })
    .await;
    let round = rounds.recv().await.expect("it ends");
    platform.stop().await;
    round
}

/// Sends on, each time it hears something.
#[agent]
struct Player {
    process: u32,
    left: usize,
    trips: Vec<Duration>,
    begun: Option<Instant>,
    meter: Option<Meter>,
    round: Option<Round>,
    done: Option<Arc<Semaphore>>,
}

#[agent]
impl Player {
    #[on_message(performative = "inform")]
    async fn again(&mut self, ctx: &Context<Self>, heard: &Message, Sender(from): Sender) {
        assert_eq!(heard.body().map(str::len), Some(100));
        if let Some(begun) = self.begun {
            self.trips.push(begun.elapsed());
        }
        self.left -= 1;
        if self.left == 0 {
            let trips = std::mem::take(&mut self.trips);
            self.round = self.meter.take().map(|meter| meter.stop(trips));
            if let Some(done) = &self.done {
                done.add_permits(1);
            }
            return;
        }
        if self.meter.is_none() && self.trips.len() == WARM_UP {
            self.trips.clear();
            self.meter = Some(Meter::start(self.process));
        }
        self.begun = Some(Instant::now());
        ctx.send(message(&from)).await.expect("sent");
    }
}

/// With `Context::send` and a handler on either side: a message as bare's.
pub(crate) async fn sends(place: Place, count: usize) -> Round {
    let platform = platform(&place);
    let to = echo(&platform).await.jid().clone();
    let done = Arc::new(Semaphore::new(0));
    let player = Player {
        process: place.process,
        left: WARM_UP + count,
        trips: Vec::with_capacity(count),
        begun: None,
        meter: None,
        round: None,
        done: Some(Arc::clone(&done)),
    };
    let jid = format!("{}@{DOMAIN}", agent(0));
    let player = platform.spawn(jid, player).await.expect("it connects");
    player.add(Behaviour::new(
        "serve",
        Schedule::OneShot,
        move |ctx: Context<Player>| {
            let to = to.clone();
            async move {
                ctx.with(|player| player.begun = Some(Instant::now())).await;
                ctx.send(message(&to)).await.expect("sent");
            }
        },
    ));
    wait(&done).await;
    let round = player.with(|player| player.round.take()).await;
    platform.stop().await;
    round.expect("alive").expect("it has played")
}

/// Starts so many agents at once.
pub(crate) async fn spawn(
    platform: &Platform,
    domain: &str,
    agents: std::ops::Range<usize>,
) -> Vec<AgentHandle<impl Agent>> {
    let starting: Vec<_> = agents
        .map(|nth| {
            let (platform, jid) = (platform.clone(), format!("{}@{domain}", agent(nth)));
            tokio::spawn(async move { platform.spawn(jid, Echo).await.expect("it connects") })
        })
        .collect();
    let started = join_all(starting).await.into_iter();
    started.map(|agent| agent.expect("started")).collect()
}

pub(crate) async fn start(place: Place, count: usize) -> Round {
    let platform = platform(&place);
    let meter = Meter::start(place.process);
    let agents = spawn(&platform, DOMAIN, 0..count).await;
    let round = meter.stop(Vec::new());
    // All at once, which takes less of the run than one after the other.
    agents.iter().for_each(AgentHandle::stop);
    platform.stop().await;
    round
}
