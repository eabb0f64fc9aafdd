//! What becomes of spans: they wait in a bounded queue for the one thread that sends them, and whoever
//! runs the program learns once if they do not get through.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry_otlp::SpanExporter as Otlp;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, Span, SpanData, SpanExporter, SpanProcessor};

use super::client::Trouble;
use crate::launch::plan::counted;

/// How many spans have gone which way.
#[derive(Debug, Default)]
pub(super) struct Fate {
    ended: AtomicU64,
    /// Taken out of the queue.
    taken: AtomicU64,
    lost: AtomicU64,
    /// Whether it was said that none get through.
    is_told: AtomicBool,
}

impl Fate {
    /// How many found the queue full. Asked when all that was in it is taken out.
    pub(super) fn without_room(&self) -> u64 {
        let ended = self.ended.load(Ordering::Relaxed);
        ended.saturating_sub(self.taken.load(Ordering::Relaxed))
    }

    /// Whether the user has not been told yet that none get through. They are from now on.
    pub(super) fn is_news(&self) -> bool {
        !self.is_told.swap(true, Ordering::Relaxed)
    }
}

/// Sends spans, and says if it cannot.
#[derive(Debug)]
pub(super) struct Exporter {
    pub(super) otlp: Otlp,
    /// Where to, as it may be shown.
    pub(super) endpoint: String,
    pub(super) trouble: Trouble,
    pub(super) fate: Arc<Fate>,
}

impl SpanExporter for Exporter {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let count = batch.len() as u64;
        self.fate.taken.fetch_add(count, Ordering::Relaxed);
        let sent = self.otlp.export(batch).await;
        match &sent {
            Ok(()) => self.reached(),
            Err(error) => {
                let why = self.trouble.take().unwrap_or_else(|| error.to_string());
                self.missed(count, &why);
            }
        }
        sent
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.otlp.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.otlp.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.otlp.set_resource(resource);
    }
}

impl Exporter {
    fn reached(&self) {
        let lost = self.fate.lost.swap(0, Ordering::Relaxed);
        if lost > 0 {
            let lost = counted(lost, "span");
            tracing::info!(
                "the collector at {} has lost {lost} and takes them again",
                self.endpoint
            );
        }
    }

    fn missed(&self, count: u64, why: &str) {
        let endpoint = &self.endpoint;
        let lost = self.fate.lost.fetch_add(count, Ordering::Relaxed) + count;
        if self.fate.is_news() {
            tracing::warn!(
                "traces do not reach the collector at {endpoint}: {why}; the agents go on without"
            );
        } else {
            let lost = counted(lost, "span");
            tracing::debug!("{lost} did not reach the collector at {endpoint}: {why}");
        }
    }
}

/// The queue before the exporter, which counts what goes in.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) batches: BatchSpanProcessor,
    pub(super) fate: Arc<Fate>,
}

impl SpanProcessor for Queue {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.batches.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if span.span_context.is_sampled() {
            self.fate.ended.fetch_add(1, Ordering::Relaxed);
        }
        self.batches.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.batches.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.batches.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.batches.set_resource(resource);
    }
}
