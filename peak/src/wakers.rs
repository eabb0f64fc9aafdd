//! Tasks that wait for the same thing, each with a place that it gives up when it stops waiting.

use std::task::{Context, Waker};

/// The wakers of several tasks.
#[derive(Debug, Default)]
pub(crate) struct Wakers {
    next: u64,
    list: Vec<(u64, Waker)>,
}

/// A task's place among others, once it has one.
#[derive(Debug, Default)]
pub(crate) struct Place(Option<u64>);

impl Wakers {
    /// Has the current task woken with the others.
    pub(crate) fn register(&mut self, place: &mut Place, cx: &Context<'_>) {
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
    pub(crate) fn forget(&mut self, place: &Place) {
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
