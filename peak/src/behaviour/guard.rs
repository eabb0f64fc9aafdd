//! Running what a user wrote: a panic stays inside, a kill interrupts a wait.

use std::any::Any;
use std::future::{Future, poll_fn};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};

/// What became of a piece of user code.
#[derive(Debug)]
pub(crate) enum Ran<T, I> {
    /// It returned this.
    Done(T),
    /// It panicked and said this.
    Panicked(Arc<str>),
    /// It was interrupted while it waited.
    Interrupted(I),
}

/// Runs the future; before it begins, and whenever it waits, `interrupt` may end it.
pub(crate) async fn guarded<F: Future, I>(
    future: F,
    mut interrupt: impl FnMut(&mut Context<'_>) -> Poll<I>,
) -> Ran<F::Output, I> {
    let mut future = pin!(future);
    let mut begun = false;
    poll_fn(move |cx| {
        if !std::mem::replace(&mut begun, true)
            && let Poll::Ready(why) = interrupt(cx)
        {
            return Poll::Ready(Ran::Interrupted(why));
        }
        match poll_caught(future.as_mut(), cx) {
            Poll::Ready(Ok(value)) => Poll::Ready(Ran::Done(value)),
            Poll::Ready(Err(what)) => Poll::Ready(Ran::Panicked(what)),
            Poll::Pending => interrupt(cx).map(Ran::Interrupted),
        }
    })
    .await
}

/// Runs the future to its end; a panic is an error that says what the panic said.
pub(crate) async fn catch_panics<F: Future>(future: F) -> Result<F::Output, Arc<str>> {
    let mut future = pin!(future);
    poll_fn(move |cx| poll_caught(future.as_mut(), cx)).await
}

/// Polls the future once; a panic is an error that says what the panic said.
pub(crate) fn poll_caught<F: Future + ?Sized>(
    future: Pin<&mut F>,
    cx: &mut Context<'_>,
) -> Poll<Result<F::Output, Arc<str>>> {
    // A future that has panicked is never polled again, so nobody sees it half changed. The agent's
    // own state may be half changed: that behaviour has ended, and the agent's others decide.
    match caught(|| future.poll(cx)) {
        Ok(poll) => poll.map(Ok),
        Err(panic) => Poll::Ready(Err(panic_text(&*panic))),
    }
}

/// Runs user code; its panic is an error. What it changed before is the caller's to think about.
pub(crate) fn caught<R>(run: impl FnOnce() -> R) -> std::thread::Result<R> {
    let _inside = Inside::enter();
    catch_unwind(AssertUnwindSafe(run))
}

thread_local! {
    static INSIDE: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
}

/// Whether this thread runs code whose panics are caught and reported here.
#[cfg(feature = "cli")]
pub(crate) fn catches_panics() -> bool {
    INSIDE.get()
}

/// Marks, as long as it lives, that this thread runs such code.
struct Inside {
    before: bool,
}

impl Inside {
    fn enter() -> Self {
        Self {
            before: INSIDE.replace(true),
        }
    }
}

impl Drop for Inside {
    fn drop(&mut self) {
        INSIDE.set(self.before);
    }
}

/// What a panic said.
pub(crate) fn panic_text(panic: &(dyn Any + Send)) -> Arc<str> {
    if let Some(text) = panic.downcast_ref::<&str>() {
        Arc::from(*text)
    } else if let Some(text) = panic.downcast_ref::<String>() {
        Arc::from(text.as_str())
    } else {
        Arc::from("a value that is not text")
    }
}
