//! Agents on the embedded network, as their users see them. Time is tokio's paused clock: it jumps
//! to whatever is waited for next, so nothing here sleeps.

mod achieve;
mod behaviours;
mod content;
mod context;
mod contract_net;
mod conversations;
mod defects;
mod delivery;
mod handlers;
mod lifecycle;
mod machines;
mod presence;

use std::sync::{Arc, Mutex};

use peak::prelude::*;

/// What happened, in order. A field of the agents under test.
#[derive(Debug, Clone, Default)]
pub(crate) struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub(crate) fn note(&self, what: impl Into<String>) {
        self.0
            .lock()
            .expect("no test panics in here")
            .push(what.into());
    }

    /// What happened so far.
    pub(crate) fn read(&self) -> Vec<String> {
        self.0.lock().expect("no test panics in here").clone()
    }

    /// What happened since it was taken last.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().expect("no test panics in here"))
    }
}

/// Does what a test wants done by an agent.
#[agent]
pub(crate) struct Driver;

#[agent]
impl Driver {}

/// Runs `work` in a behaviour of a new agent and gives its result.
pub(crate) async fn drive<F, T>(
    platform: &Platform,
    work: impl FnOnce(Context<Driver>) -> F + Send + 'static,
) -> T
where
    F: Future<Output = T> + Send + 'static,
    T: Send + 'static,
{
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let driver = platform
        .spawn(format!("driver{number}@localhost"), Driver)
        .await
        .expect("a driver starts");
    let (sender, result) = tokio::sync::oneshot::channel();
    let once = Mutex::new(Some((work, sender)));
    driver.add(Behaviour::new(
        "work",
        peak::Schedule::OneShot,
        move |ctx| {
            let once = once.lock().expect("it is taken once").take();
            async move {
                if let Some((work, sender)) = once {
                    let _ = sender.send(work(ctx).await);
                }
            }
        },
    ));
    let result = result.await.expect("the work does not panic");
    driver.stop();
    driver.join().await;
    result
}
