//! A collector on this machine: takes traces as OpenTelemetry's do, and shows them to a test.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::common::v1::{AnyValue, KeyValue};
use opentelemetry_proto::tonic::trace::v1::Span as Sent;
use prost::Message as _;

/// A span as it came.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    /// What its resource says of the service.
    pub(crate) service: String,
    span: Sent,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    /// The first line, and the headers with names in lower case.
    pub(crate) head: Vec<String>,
    pub(crate) body: Vec<u8>,
}

/// Listens, and keeps what it gets.
pub(crate) struct Collector {
    pub(crate) port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Collector {
    /// Starts one that answers with this status.
    pub(crate) fn start(status: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let list = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (stream, list) = (stream.unwrap(), Arc::clone(&list));
                thread::spawn(move || serve(&stream, status, &list));
            }
        });
        Self { port, asked }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// All spans so far.
    pub(crate) fn spans(&self) -> Vec<Span> {
        let mut spans = Vec::new();
        for asked in self.asked() {
            let request = ExportTraceServiceRequest::decode(&*asked.body).unwrap();
            for resource in request.resource_spans {
                let attributes = resource.resource.unwrap().attributes;
                let service = text(&attributes, "service.name").unwrap();
                let sent = resource
                    .scope_spans
                    .into_iter()
                    .flat_map(|scope| scope.spans);
                spans.extend(sent.map(|span| Span {
                    service: service.clone(),
                    span,
                }));
            }
        }
        spans
    }
}

/// Takes the requests of a connection, until it ends.
fn serve(mut stream: &TcpStream, status: &str, list: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or_default() == 0 {
                return;
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let lower = |(name, value): (&str, &str)| format!("{}:{value}", name.to_lowercase());
            head.push(line.split_once(':').map_or_else(|| line.to_owned(), lower));
        }
        let length = head
            .iter()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.unwrap().parse().unwrap()];
        reader.read_exact(&mut body).unwrap();
        list.lock().unwrap().push(Asked { head, body });
        let answer = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        // Whoever has waited too long has gone.
        let _ = stream.write_all(answer.as_bytes());
    }
}

fn text(attributes: &[KeyValue], name: &str) -> Option<String> {
    let found = attributes.iter().find(|attribute| attribute.key == name)?;
    Some(match found.value.as_ref()? {
        AnyValue {
            value: Some(Value::StringValue(text)),
        } => text.clone(),
        AnyValue {
            value: Some(Value::IntValue(number)),
        } => number.to_string(),
        other => format!("{other:?}"),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Span {
    pub(crate) fn name(&self) -> &str {
        &self.span.name
    }

    pub(crate) fn trace(&self) -> String {
        hex(&self.span.trace_id)
    }

    pub(crate) fn id(&self) -> String {
        hex(&self.span.span_id)
    }

    /// The span above it; empty if it is a root.
    pub(crate) fn parent(&self) -> String {
        hex(&self.span.parent_span_id)
    }

    /// Trace and span of each link.
    pub(crate) fn links(&self) -> Vec<(String, String)> {
        let links = self.span.links.iter();
        links
            .map(|link| (hex(&link.trace_id), hex(&link.span_id)))
            .collect()
    }

    pub(crate) fn kind(&self) -> &'static str {
        self.span
            .kind()
            .as_str_name()
            .trim_start_matches("SPAN_KIND_")
    }

    /// What failed, if something did.
    pub(crate) fn failure(&self) -> Option<&str> {
        let status = self.span.status.as_ref()?;
        (status.code == 2).then_some(&*status.message)
    }

    /// An attribute.
    pub(crate) fn get(&self, name: &str) -> Option<String> {
        text(&self.span.attributes, name)
    }

    /// How long it took, in nanoseconds.
    pub(crate) fn took(&self) -> u64 {
        self.span.end_time_unix_nano - self.span.start_time_unix_nano
    }

    /// What happened in it.
    pub(crate) fn events(&self) -> usize {
        self.span.events.len()
    }
}
