//! When the agent's own task must look at its behaviours again.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::time::{Instant, Sleep};

/// Set to the instant when the next behaviour is due.
///
/// An instant that is here already does not go through the timer, whose ticks are a millisecond.
#[derive(Debug, Default)]
pub(super) struct Alarm {
    set_to: Option<Instant>,
    due_now: bool,
    /// Kept while it is not needed: setting it again costs less than making it.
    timer: Option<Pin<Box<Sleep>>>,
    /// Whether the timer runs: it is set, and has been polled.
    running: bool,
}

impl Alarm {
    /// Sets it to this instant, or to none.
    pub(super) fn set(&mut self, due: Option<Instant>, now: Instant) {
        self.set_to = due;
        self.running = false;
        self.due_now = due.is_some_and(|due| due <= now);
        match (due, &mut self.timer) {
            (None, timer) => *timer = None,
            (Some(_), _) if self.due_now => {}
            (Some(due), Some(timer)) => timer.as_mut().reset(due),
            (Some(due), timer) => *timer = Some(Box::pin(tokio::time::sleep_until(due))),
        }
    }

    /// What it is set to.
    pub(super) fn set_to(&self) -> Option<Instant> {
        self.set_to
    }

    /// Whether it was set to an instant that was here already.
    pub(super) fn is_due_now(&self) -> bool {
        self.due_now
    }

    /// Whether the instant is here; if not, the task is woken when it is.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.due_now {
            return Poll::Ready(());
        }
        let Some(timer) = &mut self.timer else {
            return Poll::Pending;
        };
        if self.running && !timer.is_elapsed() {
            return Poll::Pending;
        }
        self.running = true;
        // Not subject to the task's budget: a timer that was not polled would not run.
        let mut timer = tokio::task::coop::unconstrained(timer.as_mut());
        Pin::new(&mut timer).poll(cx)
    }
}
