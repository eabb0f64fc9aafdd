//! What one test has logged. Tests run beside each other, with agents of the same names.

use std::cell::RefCell;
use std::io::Write;
use std::sync::{Arc, Mutex};

use tracing::Dispatch;
use tracing_subscriber::fmt::MakeWriter;

/// The lines that the agents of one test have logged so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Log(Arc<Mutex<String>>);

thread_local! {
    /// That of the test which this thread works for.
    static OF_THIS_TEST: RefCell<Log> = RefCell::default();
}

impl Log {
    /// Of the test that asks.
    pub(crate) fn of_this_test() -> Self {
        OF_THIS_TEST.with_borrow(Clone::clone)
    }

    /// Has what is logged on this thread go into it, for as long as the thread lives.
    pub(crate) fn enter(&self, dispatch: &Dispatch) {
        OF_THIS_TEST.set(self.clone());
        std::mem::forget(tracing::dispatcher::set_default(dispatch));
    }

    /// Whoever writes the lines.
    pub(crate) fn dispatch(&self) -> Dispatch {
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(self.clone())
            .finish();
        Dispatch::new(subscriber)
    }

    /// The lines with all of these words.
    pub(crate) fn lines(&self, words: &[&str]) -> Vec<String> {
        let text = self.0.lock().expect("nobody panics with it");
        let lines = text.lines();
        let found = lines.filter(|line| words.iter().all(|word| line.contains(word)));
        found.map(str::to_owned).collect()
    }

    /// Whether there is a line with all of these words.
    pub(crate) fn has(&self, words: &[&str]) -> bool {
        !self.lines(words).is_empty()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        self.0
            .lock()
            .expect("nobody panics with it")
            .push_str(&text);
        show(&text);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[allow(clippy::print_stdout, reason = "shown with a test that fails")]
fn show(text: &str) {
    print!("{text}");
}

impl<'w> MakeWriter<'w> for Log {
    type Writer = Self;

    fn make_writer(&'w self) -> Self {
        self.clone()
    }
}
