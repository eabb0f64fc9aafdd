//! The limit: tasks and bounded channels, with a message of two fields.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::harness::{body, timed};

/// What the peers send: a number for the performative and a body of 100 bytes.
pub(crate) struct Bare {
    pub(crate) act: u8,
    pub(crate) body: String,
}

impl Bare {
    pub(crate) fn new() -> Self {
        Self {
            act: 11,
            body: body(),
        }
    }

    pub(crate) fn weight(&self) -> usize {
        usize::from(self.act) + self.body.len()
    }
}

const CAPACITY: usize = 1024;

async fn drain(mut messages: mpsc::Receiver<Bare>, count: usize) {
    let mut weight = 0;
    for _ in 0..count {
        if let Some(message) = messages.recv().await {
            weight += message.weight();
        }
    }
    assert_eq!(weight, count * 111);
}

pub(crate) async fn tell(count: usize) -> Duration {
    let (sender, receiver) = mpsc::channel(CAPACITY);
    timed(async {
        let drained = tokio::spawn(drain(receiver, count));
        tokio::spawn(async move {
            for _ in 0..count {
                let _ = sender.send(Bare::new()).await;
            }
        });
        drained.await.expect("drained");
    })
    .await
}

pub(crate) async fn request(count: usize) -> Duration {
    let (sender, mut receiver) = mpsc::channel::<(Bare, oneshot::Sender<Bare>)>(CAPACITY);
    tokio::spawn(async move {
        while let Some((message, reply)) = receiver.recv().await {
            assert_eq!(message.weight(), 111);
            let _ = reply.send(Bare::new());
        }
    });
    timed(async {
        let asking = tokio::spawn(async move {
            for _ in 0..count {
                let (reply, answer) = oneshot::channel();
                let _ = sender.send((Bare::new(), reply)).await;
                assert_eq!(answer.await.expect("an answer").weight(), 111);
            }
        });
        asking.await.expect("asked");
    })
    .await
}

pub(crate) async fn ring(hops: usize) -> Duration {
    const MEMBERS: usize = 1000;
    let (done, finished) = mpsc::channel::<()>(1);
    let channels: Vec<_> = (0..MEMBERS)
        .map(|_| mpsc::channel::<(Bare, usize)>(64))
        .collect();
    let (senders, receivers): (Vec<_>, Vec<_>) = channels.into_iter().unzip();
    for (place, mut receiver) in receivers.into_iter().enumerate() {
        let next = senders[(place + 1) % MEMBERS].clone();
        let done = done.clone();
        tokio::spawn(async move {
            while let Some((message, left)) = receiver.recv().await {
                if left == 0 {
                    let _ = done.send(()).await;
                } else {
                    let _ = next.send((message, left - 1)).await;
                }
            }
        });
    }
    let mut finished = finished;
    timed(async {
        let _ = senders[0].send((Bare::new(), hops)).await;
        finished.recv().await;
    })
    .await
}

pub(crate) async fn pairs(messages: usize) -> Duration {
    const PAIRS: usize = 10_000;
    let rounds = messages / PAIRS / 2;
    let mut starts = Vec::new();
    let mut players = Vec::new();
    for _ in 0..PAIRS {
        let (to_b, mut at_b) = mpsc::channel::<Bare>(64);
        let (to_a, mut at_a) = mpsc::channel::<Bare>(64);
        let first = to_b.clone();
        tokio::spawn(async move {
            while let Some(message) = at_b.recv().await {
                let _ = to_a.send(message).await;
            }
        });
        players.push(tokio::spawn(async move {
            for round in 0..rounds {
                let message = at_a.recv().await.expect("a ball");
                if round + 1 < rounds {
                    let _ = to_b.send(message).await;
                }
            }
        }));
        starts.push(first);
    }
    timed(async {
        for start in &starts {
            let _ = start.send(Bare::new()).await;
        }
        for player in players {
            player.await.expect("played");
        }
    })
    .await
}

pub(crate) async fn fan_out(deliveries: usize) -> Duration {
    const MEMBERS: usize = 1000;
    let each = deliveries / MEMBERS;
    let mut senders = Vec::new();
    let mut members = Vec::new();
    for _ in 0..MEMBERS {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        senders.push(sender);
        members.push(tokio::spawn(drain(receiver, each)));
    }
    timed(async {
        tokio::spawn(async move {
            for _ in 0..each {
                for sender in &senders {
                    let _ = sender.send(Bare::new()).await;
                }
            }
        });
        for member in members {
            member.await.expect("a member");
        }
    })
    .await
}

pub(crate) async fn spawn(count: usize) -> Duration {
    timed(async {
        let mut tasks = Vec::with_capacity(count);
        for _ in 0..count {
            tasks.push(idle());
        }
        for (sender, task) in tasks {
            drop(sender);
            task.await.expect("ended");
        }
    })
    .await
}

/// A task that waits for messages until nobody can send any more.
pub(crate) fn idle() -> (mpsc::Sender<Bare>, tokio::task::JoinHandle<()>) {
    let (sender, mut receiver) = mpsc::channel::<Bare>(64);
    let task = tokio::spawn(async move { while receiver.recv().await.is_some() {} });
    (sender, task)
}
