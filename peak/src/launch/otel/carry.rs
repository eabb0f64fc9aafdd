//! Which trace a span belongs to, and how it gets into the next process: as the `traceparent` of W3C
//! Trace Context, in the metadata of the message.

use opentelemetry::Context;
use opentelemetry::propagation::{Extractor, TextMapPropagator as _};
use opentelemetry::trace::{SpanContext, TraceContextExt as _};
use opentelemetry_sdk::propagation::TraceContextPropagator;
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
    message.metadata(TRACEPARENT)?;
    let context =
        TraceContextPropagator::new().extract_with_context(&Context::new(), &Headers(message));
    let parent = context.span().span_context().clone();
    parent.is_valid().then_some(parent)
}

/// As the header `traceparent` has it.
fn written(span: &SpanContext) -> String {
    let (trace, id, flags) = (span.trace_id(), span.span_id(), span.trace_flags().to_u8());
    format!("00-{trace}-{id}-{flags:02x}")
}

/// The metadata of a message, as headers.
struct Headers<'a>(&'a Message);

impl Extractor for Headers<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.metadata(key)
    }

    fn keys(&self) -> Vec<&str> {
        self.0.metadata_entries().map(|(key, _)| key).collect()
    }
}
