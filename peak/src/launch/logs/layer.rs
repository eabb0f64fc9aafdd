//! From an event to the terminal and to a file.

use std::io;
use std::sync::Arc;

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Filter, Layer};

use super::queue::Queue;
use super::record::{Record, Who};
use super::text::Onto;
use super::voices::Voices;
use super::{json, text};
use crate::agent::speaker;
use crate::launch::progress;
use crate::launch::terminal::has_colours;
use peak_shared::logs::Format;

/// Crates below PEAK, and below many programs, that speak to whoever looks for a fault in them. They
/// are heard from warnings on, unless everything is wanted. The one that sets up XMPP sessions speaks
/// through the crate `log`, which nobody listens to here: it would tell passwords.
const LIBRARIES: [&str; 12] = [
    "h2",
    "hickory_net",
    "hickory_proto",
    "hickory_resolver",
    "hyper",
    "hyper_util",
    "mio",
    "reqwest",
    "rustls",
    "tokio",
    "tokio_util",
    "tower",
];

/// Writes what is logged.
#[derive(Debug)]
pub(super) struct Lines {
    voices: Arc<Voices>,
    /// Where what goes into files waits, if anything does.
    queue: Option<Arc<Queue>>,
    colours: bool,
}

/// What may matter to the log. Nobody asks it of spans, and what it says holds for the log alone.
#[derive(Debug)]
pub(super) struct Heard {
    max: LevelFilter,
    libraries: bool,
}

impl Lines {
    pub(super) fn new(voices: Arc<Voices>, queue: Option<Arc<Queue>>) -> Self {
        Self {
            voices,
            queue,
            colours: has_colours(&io::stderr()),
        }
    }

    /// What these lines are made of.
    pub(super) fn heard(&self) -> Heard {
        Heard {
            max: self.voices.max(),
            libraries: self.voices.hear_libraries(),
        }
    }

    fn show(&self, record: &Record<'_>) {
        let colours = self.colours;
        let line = match self.voices.format {
            Format::Text => text::line(record, Onto::Terminal { colours }),
            Format::Json => json::line(record),
        };
        progress::write(&line);
    }
}

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let who = Who::of(event).or_else(|| speaker().map(|agent| agent.to_string()));
        let voice = self.voices.find(who.as_str());
        let level = *event.metadata().level();
        if level > voice.level {
            return;
        }
        let record = Record::of(event, who.as_str(), voice.with_source);
        self.show(&record);
        if let (Some(queue), Some(file)) = (&self.queue, &voice.file) {
            queue.put(file, file.line(&record), level <= Level::WARN);
        }
    }
}

impl Heard {
    /// Whether anybody may want to know of such an event.
    fn may_matter(&self, metadata: &Metadata<'_>) -> bool {
        let level = *metadata.level();
        let is_heard = level <= Level::WARN || self.libraries || !is_library(metadata.target());
        !metadata.is_span() && level <= self.max && is_heard
    }
}

impl<S> Filter<S> for Heard {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        self.may_matter(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match self.may_matter(metadata) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.max)
    }
}

/// Whether what has this target is from a crate below PEAK, or below many programs.
pub(in crate::launch) fn is_library(target: &str) -> bool {
    let name = target.split("::").next().unwrap_or(target);
    LIBRARIES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libraries_are_known_by_their_first_name() {
        assert!(is_library("hickory_proto::udp"));
        assert!(is_library("mio"));
        assert!(!is_library("miopia::eyes"));
        assert!(!is_library("peak::network::tokio"));
    }
}
