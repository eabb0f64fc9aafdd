//! Annotated agents, with full ACL messages on the embedded network.

use std::sync::Arc;
use std::time::Duration;

use peak::prelude::*;
use peak::{AgentHandle, Jid};
use tokio::sync::Semaphore;

use crate::harness::{body, timed};

async fn wait(done: &Semaphore, count: usize) {
    let count = u32::try_from(count).expect("few");
    done.acquire_many(count).await.expect("open").forget();
}

fn message(to: &Jid) -> Message {
    Message::inform(to).text(body())
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
        if self.left == 0 {
            assert_eq!(self.weight % 100, 0);
            if let Some(done) = &self.done {
                done.add_permits(1);
            }
        }
    }
}

/// Does what it is told to, from a behaviour of its own.
#[agent]
pub(crate) struct Driver;

#[agent]
impl Driver {}

/// Runs `work` as a behaviour of a new agent.
pub(crate) async fn drive<F: Future<Output = ()> + Send + 'static>(
    platform: &Platform,
    work: impl Fn(Context<Driver>) -> F + Send + Sync + 'static,
) -> peak::BehaviourHandle {
    let driver = platform
        .spawn("driver@localhost", Driver)
        .await
        .expect("spawned");
    let behaviour = Behaviour::new("work", peak::Schedule::OneShot, work);
    driver.add(behaviour)
}

pub(crate) async fn tell(count: usize) -> Duration {
    let platform = Platform::new();
    let done = Arc::new(Semaphore::new(0));
    let counter = counter(&platform, 0, count, &done).await;
    timed(async {
        drive(&platform, move |ctx| {
            let counter = counter.clone();
            async move {
                for _ in 0..count {
                    ctx.send(message(&counter)).await.expect("sent");
                }
            }
        })
        .await;
        wait(&done, 1).await;
    })
    .await
}

async fn counter(platform: &Platform, nth: usize, left: usize, done: &Arc<Semaphore>) -> Jid {
    let counter = Counter {
        left,
        weight: 0,
        done: Some(Arc::clone(done)),
    };
    let handle = platform
        .spawn(format!("counter{nth}@localhost"), counter)
        .await;
    handle.expect("spawned").jid().clone()
}

#[agent]
struct Echo;

#[agent]
impl Echo {
    #[on_message(performative = "request")]
    async fn echo(&mut self, message: &Message) -> Inform<String> {
        assert_eq!(message.body().map(str::len), Some(100));
        Inform(body())
    }
}

pub(crate) async fn request(count: usize) -> Duration {
    let platform = Platform::new();
    let echo = platform
        .spawn("echo@localhost", Echo)
        .await
        .expect("spawned");
    let to = echo.jid().clone();
    timed(async {
        let asking = drive(&platform, move |ctx| {
            let to = to.clone();
            async move {
                for _ in 0..count {
                    let request = Message::request(&to).text(body());
                    let answer = ctx.request(request, Duration::from_secs(5)).await;
                    assert_eq!(answer.expect("an answer").body().map(str::len), Some(100));
                }
            }
        })
        .await;
        asking.join(None).await.expect("joined");
    })
    .await
}

/// Passes a token on to the next until it has made all its hops.
#[agent]
struct Member {
    next: Option<Jid>,
    left: usize,
    done: Option<Arc<Semaphore>>,
}

#[agent]
impl Member {
    #[on_message(performative = "inform")]
    async fn pass(&mut self, ctx: &Context<Self>, token: Message) {
        // Each member counts its own rounds: a token that carried its count would be a new message
        // at every hop.
        if self.left == 0 {
            if let Some(done) = &self.done {
                done.add_permits(1);
            }
            return;
        }
        self.left -= 1;
        if let Some(next) = &self.next {
            ctx.send(token.with_to(next)).await.expect("sent");
        }
    }
}

async fn member(
    platform: &Platform,
    name: String,
    left: usize,
    done: &Arc<Semaphore>,
) -> AgentHandle<Member> {
    let member = Member {
        next: None,
        left,
        done: Some(Arc::clone(done)),
    };
    let handle = platform.spawn(format!("{name}@localhost"), member).await;
    handle.expect("spawned")
}

/// Tells a member whom to pass to.
async fn point(from: &AgentHandle<Member>, to: &AgentHandle<Member>) {
    let next = to.jid().clone();
    from.with(|member| member.next = Some(next))
        .await
        .expect("alive");
}

pub(crate) async fn ring(hops: usize) -> Duration {
    const MEMBERS: usize = 1000;
    let platform = Platform::new();
    let done = Arc::new(Semaphore::new(0));
    let mut members = Vec::new();
    for place in 0..MEMBERS {
        members.push(member(&platform, format!("member{place}"), hops / MEMBERS, &done).await);
    }
    for (place, one) in members.iter().enumerate() {
        point(one, &members[(place + 1) % MEMBERS]).await;
    }
    timed(async {
        let first = members[0].jid().clone();
        drive(&platform, move |ctx| {
            let first = first.clone();
            async move { ctx.send(message(&first)).await.expect("sent") }
        })
        .await;
        wait(&done, 1).await;
    })
    .await
}

pub(crate) async fn pairs(messages: usize) -> Duration {
    const PAIRS: usize = 10_000;
    let platform = Platform::new();
    let done = Arc::new(Semaphore::new(0));
    let mut starts = Vec::new();
    for pair in 0..PAIRS {
        let left = messages / PAIRS / 2;
        let a = member(&platform, format!("a{pair}"), left, &done).await;
        let b = member(&platform, format!("b{pair}"), left, &done).await;
        point(&a, &b).await;
        point(&b, &a).await;
        starts.push(a.jid().clone());
    }
    let starts = Arc::new(starts);
    timed(async {
        drive(&platform, move |ctx| {
            let starts = Arc::clone(&starts);
            async move {
                for start in starts.iter() {
                    ctx.send(message(start)).await.expect("sent");
                }
            }
        })
        .await;
        wait(&done, PAIRS).await;
    })
    .await
}

pub(crate) async fn fan_out(deliveries: usize) -> Duration {
    const MEMBERS: usize = 1000;
    let each = deliveries / MEMBERS;
    let platform = Platform::new();
    let done = Arc::new(Semaphore::new(0));
    let mut members = Vec::new();
    for nth in 0..MEMBERS {
        members.push(counter(&platform, nth, each, &done).await);
    }
    let members = Arc::new(members);
    timed(async {
        drive(&platform, move |ctx| {
            let members = Arc::clone(&members);
            async move {
                for _ in 0..each {
                    let message = Message::draft(Performative::Inform).text(body());
                    ctx.send_all(members.iter(), message).await.expect("sent");
                }
            }
        })
        .await;
        wait(&done, MEMBERS).await;
    })
    .await
}

pub(crate) async fn spawn(count: usize) -> Duration {
    let platform = Platform::new();
    let names: Vec<String> = (0..count)
        .map(|nth| format!("agent{nth}@localhost"))
        .collect();
    timed(async {
        let mut agents = Vec::with_capacity(count);
        for name in &names {
            agents.push(idle(&platform, name).await);
        }
        agents.iter().for_each(AgentHandle::stop);
        for agent in &agents {
            agent.join().await;
        }
    })
    .await
}

/// An agent that waits for messages.
pub(crate) async fn idle(platform: &Platform, name: &str) -> AgentHandle<impl Agent> {
    platform.spawn(name, Echo).await.expect("spawned")
}
