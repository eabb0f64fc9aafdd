//! Traces for OpenTelemetry: a conversation is a trace.
//!
//! The spans are the runtime's (`agent/spans.rs`) and the user's own. [`settings`] is what the
//! environment says, [`carry`] decides which trace a span belongs to and takes it from message to
//! message, [`ids`] names traces, [`export`] and [`client`] bring spans to the collector.
//!
//! Only spans: what is logged stays where it is, so nothing of it, and no body, gets to a collector.

mod carry;
mod client;
mod export;
mod ids;
mod settings;

use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{BatchConfigBuilder, BatchSpanProcessor, SdkTracerProvider};
use tracing::level_filters::LevelFilter;
use tracing::subscriber::{Interest, set_global_default};
use tracing::{Level, Metadata};
use tracing_subscriber::layer::{Context, Filter, Layer, SubscriberExt as _};
use tracing_subscriber::registry::{LookupSpan, Registry};

use super::logs::layer::is_library;
use super::plan::counted;
use crate::agent::carry;
use client::{Client, Trouble};
use export::{Exporter, Fate, Queue};
use settings::Settings;

/// How long the end of the program waits for the last spans.
const PATIENCE: Duration = Duration::from_secs(2);

/// The traces of this process, if there are any.
static TRACES: OnceLock<Traces> = OnceLock::new();

#[derive(Debug)]
struct Traces {
    provider: SdkTracerProvider,
    endpoint: String,
    fate: Arc<Fate>,
}

/// Sends what is logged to the log, and spans to the collector if the environment names one. `false`
/// if the program has a subscriber of its own.
pub(super) fn subscribe<L>(log: L) -> bool
where
    L: Layer<Registry> + Send + Sync,
{
    let mut warnings = Vec::new();
    let variable = |name: &str| Some(std::env::var_os(name)?.to_string_lossy().into_owned());
    let settings = settings::read(variable, &mut warnings);
    let traces = settings.and_then(|settings| {
        let traces = Traces::new(settings);
        traces
            .map_err(|error| warnings.push(format!("no traces: {error}")))
            .ok()
    });
    let is_ours = match &traces {
        Some(traces) => {
            let subscriber = Registry::default().with(log);
            set_global_default(subscriber.with(traces.layer())).is_ok()
        }
        None => set_global_default(Registry::default().with(log)).is_ok(),
    };
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    match traces {
        Some(traces) if is_ours => {
            tracing::debug!("traces go to {}", traces.endpoint);
            carry(&carry::Traces);
            // There are none yet, or there would be a subscriber.
            let _ = TRACES.set(traces);
        }
        Some(_) => tracing::warn!("no traces: the program has a subscriber of its own"),
        None => {}
    }
    is_ours
}

/// Waits, not for long, until the last spans are sent.
pub(super) fn finish() {
    let Some(Traces {
        provider,
        endpoint,
        fate,
    }) = TRACES.get()
    else {
        return;
    };
    match provider.shutdown_with_timeout(PATIENCE) {
        Err(_) if fate.is_news() => {
            let patience = humantime::format_duration(PATIENCE);
            tracing::warn!(
                "the last traces have not reached the collector at {endpoint} within {patience}"
            );
        }
        Err(_) => {}
        Ok(()) => match fate.without_room() {
            0 => {}
            count => tracing::warn!(
                "{} came faster than the collector took them, and are lost; \
                 OTEL_BSP_MAX_QUEUE_SIZE says how many may wait",
                counted(count, "span")
            ),
        },
    }
}

impl Traces {
    fn new(settings: Settings) -> Result<Self, ExporterBuildError> {
        let trouble = Trouble::default();
        let client = Client::new(settings.timeout, trouble.clone());
        let otlp = SpanExporter::builder()
            .with_http()
            .with_http_client(client)
            .build()?;
        let fate = Arc::new(Fate::default());
        let exporter = Exporter {
            otlp,
            endpoint: settings.endpoint.clone(),
            trouble,
            fate: Arc::clone(&fate),
        };
        let config = BatchConfigBuilder::default().with_max_queue_size(settings.queue);
        let queue = Queue {
            batches: BatchSpanProcessor::builder(exporter)
                .with_batch_config(config.build())
                .build(),
            fate: Arc::clone(&fate),
        };
        let provider = SdkTracerProvider::builder()
            .with_id_generator(ids::Ids::default())
            .with_resource(resource(settings.names_service))
            .with_span_processor(queue)
            .build();
        Ok(Self {
            provider,
            endpoint: settings.endpoint,
            fate,
        })
    }

    /// Makes OpenTelemetry's spans of `tracing`'s.
    fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: tracing::Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
    {
        let scope = InstrumentationScope::builder("peak").with_version(env!("CARGO_PKG_VERSION"));
        let tracer = self.provider.tracer_with_scope(scope.build());
        tracing_opentelemetry::layer()
            .with_tracer(tracer)
            .with_location(false)
            .with_threads(false)
            .with_target(false)
            .with_tracked_inactivity(false)
            .with_filter(Spans)
    }
}

/// Who sends the traces: what the environment says, else the name of the program.
fn resource(names_service: bool) -> Resource {
    let resource = Resource::builder()
        .with_attribute(KeyValue::new("process.pid", i64::from(std::process::id())));
    if names_service {
        return resource.build();
    }
    let program = std::env::args_os().next().unwrap_or_default();
    let name = Path::new(&program).file_stem().unwrap_or_default();
    resource
        .with_service_name(name.to_string_lossy().into_owned())
        .build()
}

/// The spans that are traced: the runtime's and the user's, of libraries those that are worth a line
/// in a log.
#[derive(Debug)]
struct Spans;

impl Spans {
    fn wants(metadata: &Metadata<'_>) -> bool {
        let level = *metadata.level();
        let is_heard = level <= Level::WARN || !is_library(metadata.target());
        metadata.is_span() && level <= Level::DEBUG && is_heard
    }
}

impl<S> Filter<S> for Spans {
    fn enabled(&self, metadata: &Metadata<'_>, _: &Context<'_, S>) -> bool {
        Self::wants(metadata)
    }

    fn callsite_enabled(&self, metadata: &'static Metadata<'static>) -> Interest {
        match Self::wants(metadata) {
            true => Interest::always(),
            false => Interest::never(),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::DEBUG)
    }
}
