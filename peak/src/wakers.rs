//! Tasks that wait for the same thing, each with a place that it gives up when it stops waiting.

use std::future::poll_fn;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

/// The wakers of several tasks.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    next: u64,
    list: Vec<(u64, Waker)>,
}

/// A task's place among others, once it has one.
#[derive(Debug, Default)]
struct Place(Option<u64>);

impl Wakers {
    /// Has the current task woken with the others.
    fn register(&mut self, place: &mut Place, cx: &Context<'_>) {
        let id = *place.0.get_or_insert_with(|| {
            self.next += 1;
            self.next
        });
        match self.list.iter_mut().find(|(known, _)| *known == id) {
            Some((_, waker)) => waker.clone_from(cx.waker()),
            None => self.list.push((id, cx.waker().clone())),
        }
    }

    /// Gives up a place.
    fn forget(&mut self, place: &Place) {
        if let Some(id) = place.0 {
            self.list.retain(|(known, _)| *known != id);
        }
    }

    /// Takes all of them, to be woken.
    pub(crate) fn take(&mut self) -> impl Iterator<Item = Waker> + use<> {
        std::mem::take(&mut self.list)
            .into_iter()
            .map(|(_, waker)| waker)
    }
}

/// Waits until `ready` finds in the state what it looks for. Meanwhile the task has its place among
/// the state's `wakers`, which whoever changes the state wakes.
pub(crate) async fn wait_for<S, T>(
    state: &Mutex<S>,
    wakers: fn(&mut S) -> &mut Wakers,
    mut ready: impl FnMut(&mut S) -> Option<T>,
) -> T {
    let mut waiter = Waiter {
        state,
        wakers,
        place: Place::default(),
    };
    poll_fn(|cx| {
        let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
        match ready(&mut state) {
            Some(found) => Poll::Ready(found),
            None => {
                wakers(&mut state).register(&mut waiter.place, cx);
                Poll::Pending
            }
        }
    })
    .await
}

/// A task that waits, until it is dropped.
struct Waiter<'a, S> {
    state: &'a Mutex<S>,
    wakers: fn(&mut S) -> &mut Wakers,
    place: Place,
}

impl<S> Drop for Waiter<'_, S> {
    fn drop(&mut self) {
        // It may never have had to wait.
        if self.place.0.is_some() {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            (self.wakers)(&mut state).forget(&self.place);
        }
    }
}
