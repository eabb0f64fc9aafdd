//! The one thread that writes files: agents never wait for a disk.

use std::io;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::files::Files;
use super::queue::Queue;

// tracing-appender, which one would take for this, has a thread and a file for each writer: a thousand
// agents would be a thousand of both. It counts what it drops, but says so nowhere, and its files are
// put aside by the hour and not by their size.

/// How long the end of the program waits for what is still to be written.
const PATIENCE: Duration = Duration::from_secs(5);

/// The thread, seen from outside.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) queue: Arc<Queue>,
    /// Gets, at the end, how many lines were lost.
    ended: Mutex<Receiver<u64>>,
}

impl Writer {
    /// Starts the thread.
    ///
    /// # Errors
    ///
    /// If the operating system gives none.
    pub(super) fn start() -> io::Result<Self> {
        let queue = Arc::new(Queue::default());
        let (end, ended) = channel();
        let threads = std::thread::Builder::new().name("peak-logs".to_owned());
        let waiting = Arc::clone(&queue);
        threads.spawn(move || {
            // Whoever asked may not wait any more.
            let _ = end.send(write_all(&waiting));
        })?;
        Ok(Self {
            queue,
            ended: Mutex::new(ended),
        })
    }

    /// Has everything written. Gives the number of lines that were lost; `None` if it takes too long
    /// to know.
    pub(super) fn finish(&self) -> Option<u64> {
        self.queue.close();
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        ended.recv_timeout(PATIENCE).ok()
    }
}

fn write_all(queue: &Queue) -> u64 {
    let mut files = Files::default();
    loop {
        let batch = queue.take();
        let is_last = batch.is_last;
        files.write(batch);
        if is_last {
            return files.lost();
        }
    }
}
