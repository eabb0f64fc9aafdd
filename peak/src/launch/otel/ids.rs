//! The names of traces: a conversation's is made of its name alone.

use std::cell::Cell;

use opentelemetry::trace::{SpanId, TraceId};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use sha1::{Digest as _, Sha1};

thread_local! {
    /// Which trace a span begins that is started on this thread now.
    static NEXT: Cell<Option<TraceId>> = const { Cell::new(None) };
}

/// The trace of the conversation with this name: the first 16 bytes of the SHA-1 of its UTF-8 text.
/// Processes that have never heard of each other agree on it, and so may programs that are none of
/// ours.
pub(super) fn trace_of(conversation: &str) -> TraceId {
    let digest = Sha1::digest(conversation.as_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    // All zeroes would be no trace at all. No text with such a digest is known.
    if bytes == [0; 16] {
        bytes[15] = 1;
    }
    TraceId::from_bytes(bytes)
}

/// Starts a span; if it has no parent, it begins this trace.
pub(super) fn beginning<R>(trace: Option<TraceId>, start: impl FnOnce() -> R) -> R {
    let before = NEXT.replace(trace);
    let started = start();
    NEXT.set(before);
    started
}

/// Names a trace as [`beginning`] says, and everything else at random.
#[derive(Debug, Default)]
pub(super) struct Ids(RandomIdGenerator);

impl IdGenerator for Ids {
    fn new_trace_id(&self) -> TraceId {
        NEXT.take().unwrap_or_else(|| self.0.new_trace_id())
    }

    fn new_span_id(&self) -> SpanId {
        self.0.new_span_id()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_rule_is_what_the_book_says() {
        // printf c1 | sha1sum | cut -c-32
        assert_eq!(
            trace_of("c1").to_string(),
            "2f22765d04931a078909145ca628d226"
        );
        assert_eq!(trace_of("").to_string(), "da39a3ee5e6b4b0d3255bfef95601890");
    }

    #[test]
    fn only_what_is_started_meanwhile_begins_the_trace() {
        let ids = Ids::default();
        let trace = trace_of("c1");
        let begun = beginning(Some(trace), || [ids.new_trace_id(), ids.new_trace_id()]);
        assert_eq!(begun[0], trace);
        assert_ne!(begun[1], trace);
        beginning(Some(trace), || {});
        assert_ne!(ids.new_trace_id(), trace);
    }

    proptest! {
        #[test]
        fn a_name_has_one_trace_and_others_have_others(one in ".*", other in ".*") {
            let trace = trace_of(&one);
            prop_assert!(trace != TraceId::INVALID);
            prop_assert_eq!(trace, trace_of(&one.clone()));
            prop_assert_eq!(trace == trace_of(&other), one == other);
        }
    }
}
