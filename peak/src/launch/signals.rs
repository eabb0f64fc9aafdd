//! Ctrl-C: once to stop in order, twice to end at once.

use std::io;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use tokio::sync::watch;

use super::logs;
use super::problem::{self, Exit, Problem};

/// How long the agents may take to stop in order. The platform gives up on them sooner, unless
/// they block every thread that it has.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long they may take before the user is told whom everybody waits for.
const SOON: Duration = Duration::from_secs(2);

/// Signals that come closer together are one: `kill` of a whole group, a key that was held down.
const AT_ONCE: Duration = Duration::from_millis(200);

/// What is being stopped, for the thread that waits for it.
pub(super) trait Stopping: Send + Sync + 'static {
    /// Says which agents are still there.
    fn tell_who_is_left(&self);

    /// Says how it all was.
    fn tell_summary(&self);
}

/// How often the user has pressed Ctrl-C so far. Whoever asked holds the receiver until the agents
/// have ended.
///
/// A thread of its own listens: agents that keep every thread of the runtime busy must not keep
/// the user from ending them.
pub(super) fn interrupts(stopping: Arc<dyn Stopping>) -> watch::Receiver<u32> {
    let (count, receiver) = watch::channel(0);
    let (ready, is_ready) = mpsc::channel();
    let thread = std::thread::Builder::new().name("peak-signals".to_owned());
    let listens = thread.spawn(move || {
        if let Err(error) = listen(&count, &ready, &*stopping) {
            tracing::warn!("Ctrl-C ends the program without stopping the agents: {error}");
        }
    });
    if listens.is_ok() {
        // From here on, Ctrl-C is heard; or the thread has said that it is not.
        let _ = is_ready.recv();
    }
    receiver
}

fn listen(
    count: &watch::Sender<u32>,
    ready: &mpsc::Sender<()>,
    stopping: &dyn Stopping,
) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let mut signals = Signals::new()?;
        let _ = ready.send(());
        signals.next().await;
        count.send_modify(|count| *count += 1);
        signals.ignore_for(AT_ONCE).await;
        tokio::select! {
            () = signals.next() => {}
            // The agents have ended, and the program is doing something else.
            () = count.closed() => signals.next().await,
            () = lose_patience(stopping) => {
                let what = "agents block every thread: the program ends without them";
                problem::print(&Problem::new(what).hint(WHERE_TO_BLOCK).into());
                stopping.tell_summary();
                super::finish();
                std::process::exit(Exit::Failure.code().into());
            }
        }
        problem::print(&Problem::new("interrupted twice: ended at once").into());
        stopping.tell_summary();
        logs::finish();
        std::process::exit(Exit::Interrupted.code().into());
    })
}

async fn lose_patience(stopping: &dyn Stopping) {
    tokio::time::sleep(SOON - AT_ONCE).await;
    stopping.tell_who_is_left();
    tokio::time::sleep(PATIENCE - SOON).await;
}

/// What to do about an agent that does not stop.
pub(super) const WHERE_TO_BLOCK: &str = "code that blocks its thread goes on another one: \
    `tokio::task::spawn_blocking(|| …).await`, with `tokio = { version = \"1\", features = \
    [\"rt\"] }` below `[dependencies]` in Cargo.toml; to wait, `ctx.sleep(\"1s\").await`";

impl Signals {
    /// Takes what comes in the meantime for the same signal.
    async fn ignore_for(&mut self, time: Duration) {
        let all = async {
            loop {
                self.next().await;
            }
        };
        // It has no other end.
        let _: Result<(), _> = tokio::time::timeout(time, all).await;
    }
}

/// Ctrl-C, and whatever else asks a process to end.
#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// Ctrl-C.
#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
