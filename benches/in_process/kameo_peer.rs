//! kameo's actors, doing the same.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use kameo::mailbox;
use kameo::prelude::*;
use tokio::sync::Semaphore;

use crate::bare::Bare;
use crate::harness::timed;

const CAPACITY: usize = 1024;

/// Counts what it gets, and says when it has enough.
#[derive(Actor)]
struct Counter {
    left: usize,
    weight: usize,
    done: Arc<Semaphore>,
}

impl Counter {
    fn start(count: usize, done: &Arc<Semaphore>) -> ActorRef<Self> {
        let counter = Self {
            left: count,
            weight: 0,
            done: Arc::clone(done),
        };
        Self::spawn_with_mailbox(counter, mailbox::bounded(CAPACITY))
    }
}

impl Message<Bare> for Counter {
    type Reply = ();

    async fn handle(&mut self, message: Bare, _: &mut Context<Self, ()>) {
        self.weight += message.weight();
        self.left -= 1;
        if self.left == 0 {
            assert_eq!(self.weight % 111, 0);
            self.done.add_permits(1);
        }
    }
}

async fn wait(done: &Semaphore, count: usize) {
    let count = u32::try_from(count).expect("few");
    done.acquire_many(count).await.expect("open").forget();
}

pub(crate) async fn tell(count: usize) -> Duration {
    let done = Arc::new(Semaphore::new(0));
    let counter = Counter::start(count, &done);
    timed(async {
        tokio::spawn(async move {
            for _ in 0..count {
                counter.tell(Bare::new()).await.expect("told");
            }
        });
        wait(&done, 1).await;
    })
    .await
}

#[derive(Actor)]
struct Echo;

impl Message<Bare> for Echo {
    type Reply = Answer;

    async fn handle(&mut self, message: Bare, _: &mut Context<Self, Answer>) -> Answer {
        assert_eq!(message.weight(), 111);
        Answer(Bare::new())
    }
}

#[derive(Reply)]
struct Answer(Bare);

pub(crate) async fn request(count: usize) -> Duration {
    let echo = Echo::spawn(Echo);
    timed(async {
        let asking = tokio::spawn(async move {
            for _ in 0..count {
                let answer = echo.ask(Bare::new()).await.expect("an answer");
                assert_eq!(answer.0.weight(), 111);
            }
        });
        asking.await.expect("asked");
    })
    .await
}

/// Asks all of them and collects their answers.
pub(crate) async fn ask_all(messages: usize) -> Duration {
    const MEMBERS: usize = 1000;
    let members: Vec<_> = (0..MEMBERS).map(|_| Echo::spawn(Echo)).collect();
    timed(async {
        let asking = tokio::spawn(async move {
            for _ in 0..messages / MEMBERS / 2 {
                let mut asked: FuturesUnordered<_> = members
                    .iter()
                    .map(|member| member.ask(Bare::new()).into_future())
                    .collect();
                let mut answers = Vec::new();
                while let Some(answer) = asked.next().await {
                    answers.push(answer.expect("an answer"));
                }
                assert_eq!(answers.len(), MEMBERS);
                assert_eq!(answers[0].0.weight(), 111);
            }
        });
        asking.await.expect("asked");
    })
    .await
}

#[derive(Actor)]
struct Member {
    next: Option<ActorRef<Member>>,
    done: Arc<Semaphore>,
}

struct Next(ActorRef<Member>);

impl Message<Next> for Member {
    type Reply = ();

    async fn handle(&mut self, next: Next, _: &mut Context<Self, ()>) {
        self.next = Some(next.0);
    }
}

struct Token(Bare, usize);

impl Message<Token> for Member {
    type Reply = ();

    async fn handle(&mut self, token: Token, _: &mut Context<Self, ()>) {
        if token.1 == 0 {
            self.done.add_permits(1);
        } else if let Some(next) = &self.next {
            next.tell(Token(token.0, token.1 - 1)).await.expect("told");
        }
    }
}

fn member(done: &Arc<Semaphore>) -> ActorRef<Member> {
    Member::spawn(Member {
        next: None,
        done: Arc::clone(done),
    })
}

pub(crate) async fn ring(hops: usize) -> Duration {
    let done = Arc::new(Semaphore::new(0));
    let members: Vec<_> = (0..1000).map(|_| member(&done)).collect();
    for (place, one) in members.iter().enumerate() {
        let next = members[(place + 1) % members.len()].clone();
        one.tell(Next(next)).await.expect("told");
    }
    timed(async {
        members[0]
            .tell(Token(Bare::new(), hops))
            .await
            .expect("told");
        wait(&done, 1).await;
    })
    .await
}

pub(crate) async fn pairs(messages: usize) -> Duration {
    const PAIRS: usize = 10_000;
    let done = Arc::new(Semaphore::new(0));
    let mut starts = Vec::new();
    for _ in 0..PAIRS {
        let (a, b) = (member(&done), member(&done));
        a.tell(Next(b.clone())).await.expect("told");
        b.tell(Next(a.clone())).await.expect("told");
        starts.push(a);
    }
    timed(async {
        for start in &starts {
            let token = Token(Bare::new(), messages / PAIRS - 1);
            start.tell(token).await.expect("told");
        }
        wait(&done, PAIRS).await;
    })
    .await
}

pub(crate) async fn fan_out(deliveries: usize) -> Duration {
    const MEMBERS: usize = 1000;
    let each = deliveries / MEMBERS;
    let done = Arc::new(Semaphore::new(0));
    let members: Vec<_> = (0..MEMBERS).map(|_| Counter::start(each, &done)).collect();
    timed(async {
        tokio::spawn(async move {
            for _ in 0..each {
                for member in &members {
                    member.tell(Bare::new()).await.expect("told");
                }
            }
        });
        wait(&done, MEMBERS).await;
    })
    .await
}

pub(crate) async fn spawn(count: usize) -> Duration {
    timed(async {
        let actors: Vec<_> = (0..count).map(|_| idle()).collect();
        for actor in &actors {
            actor.stop_gracefully().await.expect("asked to stop");
        }
        for actor in &actors {
            actor.wait_for_shutdown().await;
        }
    })
    .await
}

/// An actor that waits for messages.
pub(crate) fn idle() -> ActorRef<impl Actor> {
    Echo::spawn(Echo)
}
