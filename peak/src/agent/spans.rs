//! What agents do, as spans of `tracing`: one for each message that is sent, for each handling of one,
//! and for each run of a behaviour or a hook.
//!
//! They are for whoever looks at how messages lead to messages: the subscriber of the feature `otel`,
//! or a program's own. As long as there is none, each is a look at one number. What it takes to have
//! spans is boxed, so that agents without are no larger for it.
//!
//! The names of the fields are OpenTelemetry's for messaging where it has any; those that begin with
//! `otel.` say what the span itself is called there, its kind, and how it ended. No field has
//! anything of a message's body, nor does asking for a field encode one.

use std::cell::RefCell;
use std::fmt;

use tracing::field::{Empty, display};
use tracing::level_filters::LevelFilter;
use tracing::{Instrument as _, Level, Span, debug_span, span_enabled};

use super::Rejection;
use super::outcome::{Outcome, Verdict};
use crate::message::{ContentError, Jid, Message};
use crate::network::{BoxFuture, SendError, Sending};

/// The target of all of them.
const TARGET: &str = "peak::span";

/// Who takes a trace from message to message. The first that is set stays the only one.
#[cfg(feature = "otel")]
static CARRIER: std::sync::OnceLock<&'static dyn Carrier> = std::sync::OnceLock::new();

/// Takes a trace from message to message, also from process to process.
#[cfg(feature = "otel")]
pub(crate) trait Carrier: Send + Sync {
    /// The span is of the handling of this message.
    fn handling(&self, span: &Span, message: &Message);

    /// The span is of the sending of this message, which takes the trace along; `role` is what it is
    /// to the message that is being handled.
    fn sending(&self, span: &Span, message: &mut Message, role: Role);
}

/// Has this one take traces along from now on.
#[cfg(feature = "otel")]
pub(crate) fn carry(carrier: &'static dyn Carrier) {
    // Set once, beside the subscriber.
    let _ = CARRIER.set(carrier);
}

/// What a message is to the one that is being handled while it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// What the handler has returned.
    Answer,
    /// Anything else.
    Other,
}

/// Whether anybody wants spans.
#[inline]
pub(super) fn are_wanted() -> bool {
    // Nearly always this is all there is to it.
    LevelFilter::current() >= LevelFilter::DEBUG && are_enabled()
}

#[cold]
fn are_enabled() -> bool {
    span_enabled!(target: TARGET, Level::DEBUG)
}

/// The span of sending a message whose sender is filled in.
#[cold]
pub(super) fn sending(message: &mut Message, role: Role) -> Span {
    let span = debug_span!(
        target: TARGET,
        "send",
        otel.name = %Named("send", message),
        otel.kind = "producer",
        otel.status_description = Empty,
        error.type = Empty,
        peak.agent = message.sender().map(display),
        messaging.system = "peak",
        messaging.operation.name = "send",
        messaging.operation.type = "send",
        messaging.destination.name = message.to().map(display),
        messaging.message.conversation_id = message.conversation_id(),
        messaging.batch.message_count = Empty,
        fipa.performative = message.performative().map(display),
        fipa.sender = message.sender().map(display),
        fipa.receiver = message.to().map(display),
        fipa.protocol = message.protocol(),
        fipa.ontology = message.ontology(),
    );
    #[cfg(feature = "otel")]
    if let Some(carrier) = CARRIER.get() {
        carrier.sending(&span, message, role);
    }
    #[cfg(not(feature = "otel"))]
    let _ = role;
    span
}

/// The span of handling a message, or news.
#[cold]
pub(super) fn handling(agent: &Jid, function: &str, message: &Message) -> Span {
    if message.news().is_some() {
        return running(agent, function);
    }
    let span = debug_span!(
        target: TARGET,
        "handle",
        otel.name = function,
        otel.kind = "consumer",
        otel.status_description = Empty,
        error.type = Empty,
        peak.agent = %agent,
        code.function.name = function,
        messaging.system = "peak",
        messaging.operation.name = "handle",
        messaging.operation.type = "process",
        messaging.destination.name = message.to().map(display),
        messaging.message.conversation_id = message.conversation_id(),
        fipa.performative = message.performative().map(display),
        fipa.sender = message.sender().map(display),
        fipa.receiver = message.to().map(display),
        fipa.protocol = message.protocol(),
        fipa.ontology = message.ontology(),
    );
    #[cfg(feature = "otel")]
    if let Some(carrier) = CARRIER.get() {
        carrier.handling(&span, message);
    }
    span
}

/// The span of one run of a behaviour or a hook.
#[cold]
pub(super) fn running(agent: &Jid, function: &str) -> Span {
    debug_span!(
        target: TARGET,
        "run",
        otel.name = function,
        otel.kind = "internal",
        otel.status_description = Empty,
        error.type = Empty,
        peak.agent = %agent,
        code.function.name = function,
    )
}

thread_local! {
    /// The span of a handler that has just run on this thread, for what follows from it.
    static LEFT: RefCell<Option<Span>> = const { RefCell::new(None) };
}

/// The run of a handler on the agent's own task, in a span of its own. Whoever has run it answers in the
/// same span: see [`resume`].
#[cold]
pub(super) fn handle<'a>(
    agent: &Jid,
    function: &str,
    message: &Message,
    run: BoxFuture<'a, Outcome>,
) -> BoxFuture<'a, Outcome> {
    in_span(handling(agent, function, message), true, run)
}

/// One run of a behaviour or a hook, in a span of its own if that is wanted.
pub(super) fn run<'a>(
    agent: &Jid,
    function: &str,
    run: BoxFuture<'a, Outcome>,
) -> BoxFuture<'a, Outcome> {
    if are_wanted() {
        in_span(running(agent, function), false, run)
    } else {
        run
    }
}

/// Does it in the span of the handler that has just run here, if it was left for that. Handing the
/// span over in the outcome would cost those who have none.
#[cold]
pub(super) fn resume<R>(follow: impl FnOnce() -> R) -> R {
    match LEFT.take() {
        Some(span) => span.in_scope(follow),
        None => follow(),
    }
}

fn in_span<'a>(span: Span, is_left: bool, run: BoxFuture<'a, Outcome>) -> BoxFuture<'a, Outcome> {
    let left = is_left.then(|| span.clone());
    let noting = async move {
        let mut panicking = (NotePanic, LeaveIfPanicking(left));
        let outcome = run.await;
        note(&outcome);
        // One without consequences would be there until the next.
        if !outcome.is_silent() {
            LEFT.set(panicking.1.0.take());
        }
        drop(panicking);
        outcome
    };
    Box::pin(noting.instrument(span))
}

/// Notes in the span that runs, if it is dropped by a panic, that there was one.
pub(super) struct NotePanic;

impl Drop for NotePanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            note_panic();
        }
    }
}

/// Leaves the span for what follows from a panic, if it is dropped by one: the answer to the message.
struct LeaveIfPanicking(Option<Span>);

impl Drop for LeaveIfPanicking {
    fn drop(&mut self) {
        if std::thread::panicking() {
            LEFT.set(self.0.take());
        }
    }
}

/// Notes in the span that runs whether user code failed in it.
pub(super) fn note(outcome: &Outcome) {
    match &outcome.verdict {
        Verdict::Flow(_) => {}
        Verdict::Failed(error) if quotes_content(error) => {
            failed(
                "failed",
                &"the content of a message is not what was expected",
            );
        }
        Verdict::Failed(error) => failed("failed", &format_args!("{error:#}")),
        // The reason may quote the body.
        Verdict::Rejected(_) => failed("not-understood", &"the message was not understood"),
    }
}

/// Notes in the span that runs that user code panicked in it. What it said is in the log: it may
/// quote anything.
pub(super) fn note_panic() {
    failed("panicked", &"panicked");
}

/// Notes in the span that runs that nobody took the message.
pub(super) fn note_untaken() {
    failed("not-taken", &"no handler takes this message");
}

fn failed(kind: &str, why: &dyn fmt::Display) {
    if are_wanted() {
        note_in(&Span::current(), kind, why);
    }
}

fn note_in(span: &Span, kind: &str, why: &dyn fmt::Display) {
    span.record("error.type", kind);
    span.record("otel.status_description", display(why));
}

/// Whether the error says what stood in a message.
fn quotes_content(error: &anyhow::Error) -> bool {
    error
        .chain()
        .any(|cause| cause.is::<ContentError>() || cause.is::<Rejection>())
}

/// Sends a message in its span.
#[cold]
pub(super) fn send(
    mut message: Message,
    role: Role,
    give: impl FnOnce(Message) -> Sending,
) -> Sending {
    let span = sending(&mut message, role);
    let sending = span.in_scope(|| give(message));
    match sending {
        Sending::Done => Sending::Done,
        Sending::Failed(error) => {
            note_unsent(&span, &error);
            Sending::Failed(error)
        }
        Sending::Waiting(waiting) => {
            let within = span.clone();
            let noting = async move {
                let sent = waiting.await;
                if let Err(error) = &sent {
                    note_unsent(&span, error);
                }
                sent
            };
            Sending::Waiting(Box::pin(noting.instrument(within)))
        }
    }
}

/// Notes in its span that a message was not sent.
pub(super) fn note_unsent(span: &Span, error: &SendError) {
    note_in(span, "not-sent", error);
}

/// Notes in its span that a message was not answered, or that some of many were not sent.
pub(super) fn note_failed(span: &Span, kind: &str, why: &dyn fmt::Display) {
    note_in(span, kind, why);
}

/// What is done, and the performative of what it is done with.
struct Named<'a>(&'static str, &'a Message);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1.performative() {
            Some(act) => write!(f, "{} {act}", self.0),
            None => write!(f, "{} message", self.0),
        }
    }
}
