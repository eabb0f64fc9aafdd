//! What a program's own subscriber of `tracing` gets to see of agents: spans, one inside the other.
//!
//! It is a process with one test: whether a span is wanted is remembered for all threads, so others that have no
//! subscriber would decide it, too.

use std::sync::{Arc, Mutex};

use peak::prelude::*;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context as Layered, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

/// A span: its name, the name of the one around it, and its fields.
#[derive(Debug, Clone, Default)]
struct Seen {
    id: u64,
    name: &'static str,
    inside: Option<&'static str>,
    fields: Vec<(&'static str, String)>,
}

impl Seen {
    fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(known, _)| *known == name)?;
        Some(&found.1)
    }
}

impl Visit for Seen {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.fields.push((field.name(), value.to_owned()));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.fields.push((field.name(), format!("{value:?}")));
    }
}

/// Keeps the spans of agents.
#[derive(Debug, Clone, Default)]
struct Spans(Arc<Mutex<Vec<Seen>>>);

impl<S: tracing::Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Spans {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, layered: Layered<'_, S>) {
        if attributes.metadata().target() != "peak::span" {
            return;
        }
        let span = layered.span(id).expect("it is new");
        let mut seen = Seen {
            id: id.into_u64(),
            name: attributes.metadata().name(),
            inside: span.parent().map(|parent| parent.name()),
            fields: Vec::new(),
        };
        attributes.record(&mut seen);
        self.0.lock().expect("nobody panics").push(seen);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, _: Layered<'_, S>) {
        let mut all = self.0.lock().expect("nobody panics");
        if let Some(seen) = all.iter_mut().rfind(|seen| seen.id == id.into_u64()) {
            values.record(seen);
        }
    }
}

/// Passes on what it is asked.
#[agent]
struct Clerk;

#[agent]
impl Clerk {
    #[on_start]
    async fn open(&mut self) {}

    #[on_message(performative = "request")]
    async fn ask(&mut self, ctx: &Context<Self>, Text(text): Text) -> peak::Result<Inform<String>> {
        let question = Message::query_ref("archive@localhost").text(text);
        ctx.request(question, "5s").await?;
        Err(peak::Error::msg("the archive is closed"))
    }
}

#[agent]
struct Archive;

#[agent]
impl Archive {
    #[on_message(performative = "query-ref")]
    async fn look(_: Context<Self>) -> Inform<String> {
        Inform("nothing".into())
    }
}

/// Asks, and keeps the answer.
#[agent]
#[derive(Default)]
struct Visitor {
    answer: Option<Message>,
}

#[agent]
impl Visitor {
    #[behaviour(one_shot)]
    async fn visit(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        let request = Message::request("clerk@localhost")
            .with_conversation_id("c1")
            .text("the secret");
        self.answer = Some(ctx.request(request, "5s").await?);
        Ok(())
    }
}

#[tokio::test(start_paused = true)]
async fn what_agents_do_is_seen_as_spans() {
    let spans = Spans::default();
    // On this thread, on which all agents of the test run.
    let subscriber = tracing::subscriber::set_default(Registry::default().with(spans.clone()));
    let platform = Platform::new();
    platform.spawn("archive@localhost", Archive).await.unwrap();
    platform.spawn("clerk@localhost", Clerk).await.unwrap();
    let visitor = platform
        .spawn("visitor@localhost", Visitor::default())
        .await
        .unwrap();
    let answer = loop {
        match visitor.with(|me| me.answer.take()).await.unwrap() {
            Some(answer) => break answer,
            None => tokio::task::yield_now().await,
        }
    };
    assert_eq!(answer.performative(), Some(Performative::Failure));
    // Without OpenTelemetry nobody takes a trace along.
    assert_eq!(answer.metadata("traceparent"), None);
    platform.stop().await;
    drop(subscriber);

    let seen = spans.0.lock().unwrap().clone();
    let named = |name: &str| {
        let is_it = |seen: &&Seen| seen.field("otel.name") == Some(name);
        seen.iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("{name}: {seen:#?}"))
    };
    for (name, kind, inside) in [
        ("open", "run", None),
        ("send request", "send", Some("run")),
        ("ask", "handle", None),
        ("send query-ref", "send", Some("handle")),
        ("look", "handle", None),
        ("send inform", "send", Some("handle")),
        ("send failure", "send", Some("handle")),
    ] {
        assert_eq!(
            (named(name).name, named(name).inside),
            (kind, inside),
            "{name}"
        );
    }
    let ask = named("ask");
    for (field, value) in [
        ("peak.agent", "clerk@localhost/main"),
        ("messaging.message.conversation_id", "c1"),
        ("fipa.performative", "request"),
        ("error.type", "failed"),
        ("otel.status_description", "the archive is closed"),
    ] {
        assert_eq!(ask.field(field), Some(value), "{ask:?}");
    }
    assert!(!format!("{seen:?}").contains("secret"), "{seen:?}");
}
