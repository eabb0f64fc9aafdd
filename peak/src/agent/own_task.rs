//! User code on the agent's own task: panics caught, interrupted by a kill or a stop.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use tokio::time::{Instant, Sleep};

use super::core::Shared;
use super::outcome::Outcome;
use super::task::exit_of;
use crate::behaviour::{Cell, Exit, Ran, guarded, poll_caught};
use crate::network::BoxFuture;

/// A handler that keeps its agent's state for longer than this is mentioned in the log.
const LONG: Duration = Duration::from_secs(1);

/// Runs user code on the agent's own task. While it waits, a kill of its behaviour ends it, and a
/// stop of the agent ends it after a while
pub(super) async fn on_own_task<A>(
    shared: &Shared<A>,
    name: &str,
    cell: Option<&Cell>,
    mut run: BoxFuture<'_, Outcome>,
) -> Ran<Outcome, Exit> {
    // Most handlers never wait: they are done with this, and what follows costs them nothing.
    match poll_fn(|cx| Poll::Ready(poll_caught(run.as_mut(), cx))).await {
        Poll::Ready(Ok(outcome)) => Ran::Done(outcome),
        Poll::Ready(Err(what)) => Ran::Panicked(what),
        // Boxed, so that agents that do not wait are small.
        Poll::Pending => Box::pin(wait_for(shared, name, cell, run)).await,
    }
}

/// Runs on what has begun to wait.
async fn wait_for<A>(
    shared: &Shared<A>,
    name: &str,
    cell: Option<&Cell>,
    run: BoxFuture<'_, Outcome>,
) -> Ran<Outcome, Exit> {
    let since = Instant::now();
    let mut grace: Option<Pin<Box<Sleep>>> = None;
    let mut watching = None;
    let ran = guarded(run, |cx: &mut TaskContext<'_>| {
        shared.inbox.watch_nudges(cx);
        if let Some(cell) = cell
            && let Poll::Ready(exit) = cell.poll_killed(cx, &mut watching)
        {
            return Poll::Ready(exit);
        }
        if shared.is_stopping() {
            let limit = shared.services.limits.stop;
            return grace
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)))
                .as_mut()
                .poll(cx)
                .map(|()| Exit::Killed(0));
        }
        Poll::Pending
    })
    .await;
    let took = since.elapsed();
    if took > LONG {
        tracing::warn!(
            agent = %shared.jid(),
            behaviour = name,
            queued = shared.inbox.queued(),
            "kept the agent's state for {}; long work belongs into a function without `self` or \
             into `ctx.spawn`",
            humantime::format_duration(Duration::from_millis(took.as_millis() as u64)),
        );
    }
    ran
}

/// The failure that this run was, if it was one.
pub(super) fn failure(ran: Ran<Outcome, Exit>) -> Option<Exit> {
    match ran {
        Ran::Done(outcome) => exit_of(outcome).filter(Exit::is_failure),
        Ran::Panicked(what) => Some(Exit::Panicked(what)),
        Ran::Interrupted(exit) => Some(exit),
    }
}
