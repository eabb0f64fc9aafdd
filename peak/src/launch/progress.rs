//! A bar that grows while many agents start, and lines on the standard error that do not tear it.

use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::terminal::can_overwrite;

/// The bar that is shown at the moment.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

fn shown() -> std::sync::MutexGuard<'static, Option<ProgressBar>> {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes lines to the standard error, above the bar if there is one. Nobody is told if the terminal
/// is gone.
pub(super) fn write(lines: &str) {
    let write = || {
        let _ = io::stderr().lock().write_all(lines.as_bytes());
    };
    match &*shown() {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// A bar, until it is dropped. It is only seen on a terminal.
#[derive(Debug)]
pub(super) struct Bar(Option<ProgressBar>);

impl Bar {
    /// Shows one that is full with so many agents.
    pub(super) fn of(agents: u64) -> Self {
        if !can_overwrite(&io::stderr()) {
            return Self(None);
        }
        let target = ProgressDrawTarget::stderr();
        let bar = ProgressBar::with_draw_target(Some(agents), target);
        if let Ok(style) = ProgressStyle::with_template(WORDS) {
            bar.set_style(style.progress_chars("#> "));
        }
        *shown() = Some(bar.clone());
        Self(Some(bar))
    }

    /// One more agent is there.
    pub(super) fn grow(&self) {
        if let Some(bar) = &self.0 {
            bar.inc(1);
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            // Held to the end: no line comes in between.
            let mut shown = shown();
            bar.finish_and_clear();
            *shown = None;
        }
    }
}

const WORDS: &str = "starting [{bar:40}] {pos} of {len} agents, {elapsed}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_the_bar_are_a_template() {
        assert!(ProgressStyle::with_template(WORDS).is_ok());
    }

    #[test]
    fn without_a_terminal_nothing_is_drawn() {
        let bar = Bar(None);
        bar.grow();
        drop(bar);
        assert!(shown().is_none());
    }
}
