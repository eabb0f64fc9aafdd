//! Which trace a span belongs to, and how it gets into the next process: as the `traceparent` of W3C
//! Trace Context, in the metadata of the message.

use opentelemetry::Context;
use opentelemetry::trace::{
    SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState,
};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

use super::ids::{beginning, trace_of};
use crate::agent::{Carrier, Role};
use crate::message::{Message, TRACEPARENT};

/// Takes traces along.
#[derive(Debug)]
pub(super) struct Traces;

/// The conversation of the message that is being handled, for whatever happens below that.
#[derive(Debug, PartialEq, Eq)]
struct Handled(Option<String>);

impl Carrier for Traces {
    fn handling(&self, span: &Span, message: &Message) {
        let conversation = conversation(message);
        let handled = Handled(conversation.map(str::to_owned));
        let context = Context::new().with_value(handled);
        let context = match parent(message) {
            Some(parent) => context.with_remote_span_context(parent),
            None => context,
        };
        begin(span, context, conversation);
    }

    fn sending(&self, span: &Span, message: &mut Message, role: Role) {
        let current = Context::current();
        let here = current.span().span_context().clone();
        let conversation = conversation(message);
        let goes_on = current.get::<Handled>().is_some_and(|handled| {
            let is_same = handled.0.as_deref() == conversation;
            is_same && (conversation.is_some() || role == Role::Answer)
        });
        if !goes_on {
            // A message that is passed on, or a late answer, has a place in its conversation
            // already; but not if it has changed the conversation meanwhile.
            let known = parent(message).filter(|known| known.trace_id() != here.trace_id());
            let (parent, cause) = match (known, conversation) {
                (Some(known), Some(_)) => (Some(known), None),
                (known, _) => (None, known),
            };
            let context = match parent {
                Some(parent) => Context::new().with_remote_span_context(parent),
                None => Context::new(),
            };
            begin(span, context, conversation);
            for cause in [Some(here), cause].into_iter().flatten() {
                // Those that are none are left out.
                span.add_link(cause);
            }
        }
        let own = span.context();
        let own = own.span();
        if own.span_context().is_valid() {
            message.set_metadata(TRACEPARENT, &written(own.span_context()));
        }
    }
}

/// Starts the span below this context, or as a root of the conversation's trace.
fn begin(span: &Span, context: Context, conversation: Option<&str>) {
    beginning(conversation.map(trace_of), || {
        // It has just been made, so it has no parent yet, unless nobody records it.
        let _ = span.set_parent(context);
        // This is what starts it.
        span.context();
    });
}

/// What the message belongs to.
fn conversation(message: &Message) -> Option<&str> {
    message.conversation_id().or_else(|| message.thread())
}

/// The span that the message comes from, as far as it says.
fn parent(message: &Message) -> Option<SpanContext> {
    read(message.metadata(TRACEPARENT)?)
}

/// What a header `traceparent` says, as W3C Trace Context has it. OpenTelemetry's own reader takes
/// anything with three dashes for one.
fn read(header: &str) -> Option<SpanContext> {
    let mut parts = header.split('-');
    let [version, trace, span, flags] = [(); 4].map(|()| parts.next());
    let version = digits(version?, 2)?;
    // Later versions may have more parts, and the first four will be these.
    if version == "ff" || version == "00" && parts.next().is_some() {
        return None;
    }
    let trace = TraceId::from_hex(digits(trace?, 32)?).ok()?;
    let span = SpanId::from_hex(digits(span?, 16)?).ok()?;
    let flags = u8::from_str_radix(digits(flags?, 2)?, 16).ok()?;
    let flags = TraceFlags::new(flags) & TraceFlags::SAMPLED;
    let parent = SpanContext::new(trace, span, flags, true, TraceState::NONE);
    parent.is_valid().then_some(parent)
}

/// The part, if it is so many digits.
fn digits(part: &str, count: usize) -> Option<&str> {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    (part.len() == count && part.bytes().all(is_digit)).then_some(part)
}

/// As the header `traceparent` has it.
fn written(span: &SpanContext) -> String {
    let (trace, id, flags) = (span.trace_id(), span.span_id(), span.trace_flags().to_u8());
    format!("00-{trace}-{id}-{flags:02x}")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    use std::time::Duration;

    use opentelemetry::trace::TracerProvider as _;
    use opentelemetry_sdk::error::OTelSdkResult;
    use opentelemetry_sdk::trace::{SdkTracerProvider, Span as Started, SpanData, SpanProcessor};
    use proptest::prelude::*;
    use tracing::debug_span;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::registry::Registry;

    use super::*;
    use crate::launch::otel::ids::Ids;

    const FOREIGN: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    /// Keeps what has ended.
    #[derive(Debug, Clone, Default)]
    struct Ended(Arc<Mutex<Vec<SpanData>>>);

    impl SpanProcessor for Ended {
        fn on_start(&self, _: &mut Started, _: &Context) {}

        fn on_end(&self, span: SpanData) {
            self.0.lock().unwrap().push(span);
        }

        fn force_flush(&self) -> OTelSdkResult {
            Ok(())
        }

        fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
            Ok(())
        }
    }

    /// One at a time: whether a span is wanted is remembered for all threads.
    fn alone() -> MutexGuard<'static, ()> {
        static ONE: Mutex<()> = Mutex::new(());
        ONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Traces what is done here; gives the spans in the order of their ends.
    fn traced(run: impl FnOnce()) -> Vec<SpanData> {
        let _alone = alone();
        let ended = Ended::default();
        let provider = SdkTracerProvider::builder()
            .with_id_generator(Ids::default())
            .with_span_processor(ended.clone())
            .build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
        tracing::subscriber::with_default(Registry::default().with(layer), run);
        std::mem::take(&mut *ended.0.lock().unwrap())
    }

    fn handle(message: &Message, run: impl FnOnce()) {
        let span = debug_span!("handle");
        Traces.handling(&span, message);
        span.in_scope(run);
    }

    /// Sends the message, and gives it as it would come.
    fn send(mut message: Message, role: Role) -> Message {
        let span = debug_span!("send");
        Traces.sending(&span, &mut message, role);
        message
    }

    fn inform() -> Message {
        Message::inform("bob@localhost")
    }

    fn of(conversation: &str) -> Message {
        inform().with_conversation_id(conversation)
    }

    #[test]
    fn a_foreign_parent_is_the_parent_and_what_is_sent_below_stays_in_its_trace() {
        let message = of("c1").with_metadata(TRACEPARENT, FOREIGN);
        let spans = traced(|| {
            handle(&message, || {
                let sent = send(of("c1"), Role::Other);
                let header = sent.metadata(TRACEPARENT).unwrap();
                assert!(header.starts_with("00-0af7651916cd43dd8448eb211c80319c-"));
                assert!(header.ends_with("-01"), "{header}");
            });
        });
        let [sent, handled] = spans.as_slice() else {
            panic!("{spans:?}")
        };
        let trace = TraceId::from_hex("0af7651916cd43dd8448eb211c80319c").unwrap();
        assert_eq!(handled.span_context.trace_id(), trace);
        assert_eq!(
            handled.parent_span_id,
            SpanId::from_hex("b7ad6b7169203331").unwrap()
        );
        assert!(handled.parent_span_is_remote);
        assert_eq!(sent.span_context.trace_id(), trace);
        assert_eq!(sent.parent_span_id, handled.span_context.span_id());
        assert!(sent.links.is_empty());
    }

    #[test]
    fn what_was_not_sampled_elsewhere_is_not_here_either() {
        let header = FOREIGN.replace("-01", "-00");
        let message = of("c1").with_metadata(TRACEPARENT, &header);
        let spans = traced(|| {
            handle(&message, || {
                let sent = send(of("c1"), Role::Other);
                assert!(sent.metadata(TRACEPARENT).unwrap().ends_with("-00"));
            });
        });
        assert!(spans.is_empty(), "{spans:?}");
    }

    #[test]
    fn without_a_parent_a_message_is_a_root_of_its_conversation() {
        let threaded = inform().with_thread("t1");
        let both = threaded.clone().with_conversation_id("c1");
        let spans = traced(|| {
            for message in [&threaded, &both, &inform()] {
                handle(message, || {});
            }
        });
        let traces: Vec<_> = spans
            .iter()
            .map(|span| span.span_context.trace_id())
            .collect();
        assert_eq!(traces[..2], [trace_of("t1"), trace_of("c1")]);
        assert_ne!(traces[2], trace_of(""));
        assert!(
            spans
                .iter()
                .all(|span| span.parent_span_id == SpanId::INVALID)
        );
    }

    #[test]
    fn answers_stay_with_the_question_and_nothing_else_does_without_a_conversation() {
        let spans = traced(|| {
            handle(&inform(), || {
                send(inform(), Role::Answer);
                send(inform(), Role::Other);
                send(of("c2"), Role::Answer);
            });
        });
        let [answer, other, elsewhere, handled] = spans.as_slice() else {
            panic!("{spans:?}")
        };
        let above = &handled.span_context;
        assert_eq!(answer.parent_span_id, above.span_id());
        assert_eq!(answer.span_context.trace_id(), above.trace_id());
        assert_ne!(other.span_context.trace_id(), above.trace_id());
        assert_eq!(elsewhere.span_context.trace_id(), trace_of("c2"));
        for root in [other, elsewhere] {
            assert_eq!(root.parent_span_id, SpanId::INVALID);
            assert_eq!(root.links[0].span_context.span_id(), above.span_id());
        }
    }

    #[test]
    fn what_is_passed_on_goes_on_where_it_came_from() {
        let come = of("c1").with_metadata(TRACEPARENT, FOREIGN);
        let spans = traced(|| {
            // From a behaviour, which handles nothing.
            send(come.clone(), Role::Other);
            // A token that goes round and round must not be one trace for ever.
            send(inform().with_metadata(TRACEPARENT, FOREIGN), Role::Other);
            // From a handler, which has given it another conversation.
            handle(&come, || {
                send(come.clone().with_conversation_id("c2"), Role::Other);
            });
        });
        let parent = SpanId::from_hex("b7ad6b7169203331").unwrap();
        assert_eq!(spans[0].parent_span_id, parent);
        assert_eq!(spans[1].parent_span_id, SpanId::INVALID);
        assert_eq!(spans[1].links[0].span_context.span_id(), parent);
        assert_eq!(spans[2].span_context.trace_id(), trace_of("c2"));
    }

    #[test]
    fn headers_are_read_as_w3c_has_them() {
        let later = FOREIGN.replace("00-", "cc-");
        for (header, is_one) in [
            (FOREIGN.to_owned(), true),
            (format!("{later}-what-comes"), true),
            (format!("{FOREIGN}-x"), false),
            (FOREIGN.replace("00-", "ff-"), false),
            (FOREIGN.to_uppercase(), false),
            (
                FOREIGN.replace("b7ad6b7169203331", "0000000000000000"),
                false,
            ),
            (FOREIGN[..54].to_owned(), false),
            ("b-e-1-b".to_owned(), false),
        ] {
            assert_eq!(read(&header).is_some(), is_one, "{header}");
        }
        assert_eq!(written(&read(FOREIGN).unwrap()), FOREIGN);
    }

    #[test]
    fn without_a_subscriber_a_message_is_left_as_it_is() {
        let _alone = alone();
        assert_eq!(send(of("c1"), Role::Other).metadata(TRACEPARENT), None);
    }

    proptest! {
        #[test]
        fn any_text_is_a_parent_or_none(text in "(00-[0-9a-f]{32}-[0-9a-f]{16}-0[01])|[0-9a-g-]{0,60}|\\PC{0,20}") {
            let message = of("c1").with_metadata(TRACEPARENT, &text);
            let trace = match parent(&message) {
                Some(parent) => {
                    prop_assert_eq!(&text[3..35], parent.trace_id().to_string());
                    parent.trace_id()
                }
                None => trace_of("c1"),
            };
            let spans = traced(|| handle(&message, || {}));
            for span in spans {
                prop_assert_eq!(span.span_context.trace_id(), trace);
            }
        }
    }
}
