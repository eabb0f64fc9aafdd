//! Agents of tests, and what they write down.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use peak::Schedule;
use peak::prelude::*;
use tokio::sync::watch;

/// How long a test waits for a line.
const PATIENCE: Duration = Duration::from_secs(30);

/// Lines that agents write and a test waits for.
#[derive(Debug, Clone, Default)]
pub struct Journal(watch::Sender<Vec<String>>);

impl Journal {
    /// Writes a line.
    pub fn note(&self, line: impl Into<String>) {
        self.0.send_modify(|lines| lines.push(line.into()));
    }

    /// Takes all that stands in it.
    pub fn take(&self) -> Vec<String> {
        let mut taken = Vec::new();
        self.0.send_modify(|lines| taken = std::mem::take(lines));
        taken
    }

    /// What stands in it and was not yet taken.
    pub fn read(&self) -> Vec<String> {
        self.0.borrow().clone()
    }

    /// Waits until the lines are enough for somebody.
    ///
    /// # Panics
    ///
    /// If they are not in time.
    async fn wait(&self, what: &str, enough: impl FnMut(&Vec<String>) -> bool) {
        let mut lines = self.0.subscribe();
        let waited = tokio::time::timeout(PATIENCE, lines.wait_for(enough)).await;
        assert!(waited.is_ok(), "no {what} in {:?}", self.read());
    }

    /// Takes the next lines, which are to be these.
    ///
    /// # Panics
    ///
    /// If they are others, or do not come in time.
    pub async fn next(&self, wanted: &[&str]) {
        assert_eq!(self.some(wanted).await, wanted);
    }

    /// Takes the next lines, which are to be these in any order.
    ///
    /// # Panics
    ///
    /// If they are others, or do not come in time.
    pub async fn next_in_any_order(&self, wanted: &[&str]) {
        let mut lines = self.some(wanted).await;
        lines.sort_unstable();
        let mut wanted = wanted.to_vec();
        wanted.sort_unstable();
        assert_eq!(lines, wanted);
    }

    /// Waits until these lines stand in it, in any order and among others.
    ///
    /// # Panics
    ///
    /// If they do not in time.
    pub async fn holds(&self, wanted: &[&str]) {
        let has = |lines: &Vec<String>, line: &&str| lines.iter().any(|one| one == line);
        let what = format!("{wanted:?}");
        self.wait(&what, |lines| wanted.iter().all(|line| has(lines, line)))
            .await;
    }

    async fn some(&self, wanted: &[&str]) -> Vec<String> {
        self.wait(&format!("{wanted:?}"), |lines| lines.len() >= wanted.len())
            .await;
        let mut taken = Vec::new();
        self.0
            .send_modify(|lines| taken = lines.drain(..wanted.len()).collect());
        taken
    }

    /// Takes everything up to a line; gives what was before it.
    ///
    /// # Panics
    ///
    /// If it does not come in time.
    pub async fn up_to(&self, wanted: &str) -> Vec<String> {
        self.up_to_one(wanted, |line| line == wanted).await.0
    }

    /// Takes everything up to a line that begins so; gives what was before it, and the line.
    ///
    /// # Panics
    ///
    /// If it does not come in time.
    pub async fn up_to_beginning(&self, wanted: &str) -> (Vec<String>, String) {
        self.up_to_one(wanted, |line| line.starts_with(wanted))
            .await
    }

    async fn up_to_one(&self, what: &str, is_it: impl Fn(&str) -> bool) -> (Vec<String>, String) {
        let place = |lines: &Vec<String>| lines.iter().position(|line| is_it(line));
        self.wait(what, |lines| place(lines).is_some()).await;
        let mut taken = Vec::new();
        self.0.send_modify(|lines| {
            let place = place(lines).expect("it was there");
            taken = lines.drain(..=place).collect();
        });
        let line = taken.pop().expect("it was found");
        (taken, line)
    }
}

/// Does what a test wants done by an agent.
#[agent]
#[derive(Debug)]
pub struct Driver;

#[agent]
impl Driver {}

/// Runs `work` in a behaviour of a new agent and gives its result.
///
/// # Panics
///
/// If the agent does not start, or the work panics.
pub async fn drive<F, T>(
    platform: &Platform,
    work: impl FnOnce(Context<Driver>) -> F + Send + 'static,
) -> T
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let driver = platform
        .spawn(format!("driver{number}@localhost"), Driver)
        .await
        .expect("a driver starts");
    let (sender, result) = tokio::sync::oneshot::channel();
    let once = Mutex::new(Some((work, sender)));
    driver.add(Behaviour::new("work", Schedule::OneShot, move |ctx| {
        let once = once.lock().expect("it is taken once").take();
        async move {
            if let Some((work, sender)) = once {
                let _ = sender.send(work(ctx).await);
            }
        }
    }));
    let result = result.await.expect("the work does not panic");
    driver.stop();
    driver.join().await;
    result
}

/// An agent's hands.
///
/// # Panics
///
/// If it has ended.
pub async fn context_of<A: Agent>(agent: &peak::AgentHandle<A>) -> Context<A> {
    let (sender, mut contexts) = tokio::sync::mpsc::unbounded_channel();
    agent.add(Behaviour::new(
        "lend",
        Schedule::OneShot,
        move |ctx: Context<A>| {
            let sent = sender.send(ctx);
            async move { drop(sent) }
        },
    ));
    contexts.recv().await.expect("it has hands")
}

/// A new agent with nothing to do, and its hands for the test to use.
///
/// # Panics
///
/// If it does not start.
pub async fn hands(platform: &Platform, jid: &str) -> Context<Driver> {
    let agent = platform.spawn(jid, Driver).await.expect("it starts");
    context_of(&agent).await
}
