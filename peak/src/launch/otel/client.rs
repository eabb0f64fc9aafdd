//! One request to the collector, over HTTP. Whoever calls waits: it is the thread that sends spans, and
//! no agent.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use ureq::Agent;

use crate::network::BoxFuture;

/// More than this of what a collector answers is not read.
const LONGEST_ANSWER: u64 = 64 * 1024;

/// Sends requests, one after the other.
#[derive(Debug)]
pub(super) struct Client {
    http: Agent,
    trouble: Trouble,
}

/// Why the last request did not get through, in words: the exporter forgets it.
#[derive(Debug, Clone, Default)]
pub(super) struct Trouble(Arc<Mutex<Option<String>>>);

impl Trouble {
    fn set(&self, why: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = why;
    }

    pub(super) fn take(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Client {
    /// A client whose requests take this long at most.
    pub(super) fn new(timeout: Duration, trouble: Trouble) -> Self {
        let config = Agent::config_builder()
            .timeout_global(Some(timeout))
            .http_status_as_error(false)
            // Spans are for one collector, and so is what its headers have of keys.
            .max_redirects(0)
            .max_redirects_will_error(false);
        Self {
            http: config.build().new_agent(),
            trouble,
        }
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (head, body) = request.into_parts();
        let answer = self.http.run(Request::from_parts(head, body.to_vec()))?;
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(LONGEST_ANSWER).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}

impl HttpClient for Client {
    fn send_bytes<'life0, 'async_trait>(
        &'life0 self,
        request: Request<Bytes>,
    ) -> BoxFuture<'async_trait, Result<Response<Bytes>, HttpError>>
    where
        'life0: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(async {
            let answer = self.send(request);
            self.trouble.set(match &answer {
                Ok(answer) if answer.status().is_success() => None,
                Ok(answer) => Some(format!("it answers {}", answer.status())),
                Err(error) => Some(words(error)),
            });
            Ok(answer?)
        })
    }
}

fn words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            "nobody listens there".to_owned()
        }
        ureq::Error::HostNotFound => "there is no such host".to_owned(),
        ureq::Error::Timeout(_) => "it does not answer in time".to_owned(),
        error => error.to_string(),
    }
}
