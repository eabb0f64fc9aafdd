//! What waits to be written into files: bounded, and whoever puts something in never waits.
//!
//! It is the buffer, too: what comes is written together once a while has passed, once there is much
//! of it, or at once if it is a warning or worse.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::destination::Destination;

/// More than this waits for a disk that is too slow for it; the rest is lost.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// What a line takes besides its text.
const OVERHEAD: usize = 64;

/// So much is written without waiting for more.
const MUCH: usize = 256 * 1024;

/// How long a line waits for others.
const SOON: Duration = Duration::from_millis(500);

/// Something to do for the writer.
#[derive(Debug)]
pub(super) enum Entry {
    Line(Arc<Destination>, String),
    /// Remove the files of an earlier run.
    Clear(Arc<Destination>),
}

/// What came since the last time.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) entries: Vec<Entry>,
    /// How many lines of each file were lost for want of room.
    pub(super) missing: HashMap<u64, (Arc<Destination>, u64)>,
    /// Nothing comes after it.
    pub(super) is_last: bool,
}

#[derive(Debug, Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    stirred: Condvar,
}

#[derive(Debug, Default)]
struct State {
    entries: Vec<Entry>,
    bytes: usize,
    missing: HashMap<u64, (Arc<Destination>, u64)>,
    urgent: bool,
    closed: bool,
}

impl State {
    fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.missing.is_empty()
    }

    fn is_due(&self) -> bool {
        self.closed || self.urgent || self.bytes >= MUCH
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing panics while it is held.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Has a line written, soon or at once, or counts it if there is no room.
    pub(super) fn put(&self, to: &Arc<Destination>, line: String, urgent: bool) {
        let mut state = self.lock();
        let was_idle = state.is_empty();
        let was_due = state.is_due();
        if state.closed {
            return;
        }
        let size = line.len() + OVERHEAD;
        if state.bytes + size > MAX_BYTES {
            let missing = state.missing.entry(to.id);
            missing.or_insert_with(|| (Arc::clone(to), 0)).1 += 1;
        } else {
            state.bytes += size;
            state.entries.push(Entry::Line(Arc::clone(to), line));
        }
        state.urgent |= urgent;
        let stirs = was_idle || (state.is_due() && !was_due);
        drop(state);
        if stirs {
            self.stirred.notify_one();
        }
    }

    /// Has the files of an earlier run removed before the next line is written.
    pub(super) fn clear(&self, which: &Arc<Destination>) {
        let mut state = self.lock();
        state.entries.push(Entry::Clear(Arc::clone(which)));
        drop(state);
        self.stirred.notify_one();
    }

    /// Says that nothing more comes.
    pub(super) fn close(&self) {
        self.lock().closed = true;
        self.stirred.notify_one();
    }

    /// Waits until something is to be written, and takes it.
    pub(super) fn take(&self) -> Batch {
        let idle = |state: &mut State| state.is_empty() && !state.closed;
        let wait = self.stirred.wait_while(self.lock(), idle);
        let state = wait.unwrap_or_else(PoisonError::into_inner);
        let wait = self
            .stirred
            .wait_timeout_while(state, SOON, |state| !state.is_due());
        let (mut state, _) = wait.unwrap_or_else(PoisonError::into_inner);
        state.bytes = 0;
        state.urgent = false;
        Batch {
            entries: std::mem::take(&mut state.entries),
            missing: std::mem::take(&mut state.missing),
            is_last: state.closed,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::launch::logs::destination::tests::destination;

    fn lines(batch: &Batch) -> usize {
        batch.entries.len()
    }

    #[test]
    fn what_has_no_room_is_counted_and_nobody_waits() {
        let (queue, file) = (Queue::default(), destination("x"));
        let size = MAX_BYTES / 4;
        for _ in 0..10 {
            queue.put(&file, "x".repeat(size), false);
        }
        let batch = queue.take();
        assert_eq!(lines(&batch), 3);
        assert_eq!(batch.missing[&file.id].1, 7);
        // There is room again.
        queue.put(&file, "x".repeat(size), true);
        let batch = queue.take();
        assert_eq!((lines(&batch), batch.missing.len()), (1, 0));
    }

    #[test]
    fn lines_wait_for_each_other_and_warnings_for_nobody() {
        let (queue, file) = (Queue::default(), destination("x"));
        let begin = Instant::now();
        queue.put(&file, "a".to_owned(), false);
        assert_eq!(lines(&queue.take()), 1);
        assert!(begin.elapsed() >= SOON);

        let begin = Instant::now();
        queue.put(&file, "a".to_owned(), false);
        queue.put(&file, "b".to_owned(), true);
        assert_eq!(lines(&queue.take()), 2);
        assert!(begin.elapsed() < SOON);
    }

    #[test]
    fn after_the_end_nothing_is_taken() {
        let (queue, file) = (Queue::default(), destination("x"));
        queue.put(&file, "a".to_owned(), false);
        queue.close();
        queue.put(&file, "b".to_owned(), false);
        let batch = queue.take();
        assert_eq!((lines(&batch), batch.is_last), (1, true));
    }
}
