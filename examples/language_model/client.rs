//! A call of the endpoint: `POST {base}/chat/completions`, as OpenAI has it, and many others.
//!
//! The HTTP client is ureq: five crates, itself among them, that nothing else here needs, and TLS by the
//! rustls and ring that XMPP uses, too. reqwest would bring hyper and tower along. It waits on a thread
//! rather than as a future; how many calls there are at once is bounded anyway, and so are the threads.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use ureq::http::{Response, Uri};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::{Agent, Body};

use crate::history::Said;
use crate::key::Key;
use crate::trouble::Trouble;

/// What the client must know.
pub(crate) struct Endpoint {
    pub(crate) base: String,
    pub(crate) model: String,
    pub(crate) key: Option<Key>,
    pub(crate) timeout: Duration,
    /// How many calls there may be at once.
    pub(crate) calls: usize,
    /// How many more may wait for that.
    pub(crate) waiting: usize,
}

/// Calls an endpoint.
pub(crate) struct Client {
    http: Agent,
    url: Uri,
    endpoint: Endpoint,
    calls: Arc<Semaphore>,
    /// Those at once and those that wait.
    places: Semaphore,
}

/// More than this is not the answer to a question.
const LONGEST_ANSWER: u64 = 256 * 1024;

/// More of what the endpoint says is wrong is not told.
const LONGEST_REASON: usize = 200;

/// How long to wait if the endpoint wants it, but does not say how long. It doubles each time.
const WAIT: Duration = Duration::from_secs(1);

#[derive(Serialize)]
struct Question<'a> {
    model: &'a str,
    messages: &'a [Said],
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Answer,
}

#[derive(Deserialize)]
struct Answer {
    content: Option<String>,
}

/// What an attempt came to.
enum Attempt {
    Done(String),
    /// The endpoint wants to be asked again, after what its header says.
    Later(Option<String>),
}

impl Client {
    pub(crate) fn new(endpoint: Endpoint) -> peak::Result<Self> {
        let url = url(&endpoint.base)?;
        let is_secure = url.scheme_str() == Some("https");
        if endpoint.key.is_some() && !is_secure && !is_here(&url) {
            return Err(peak::Error::msg(
                "the key would go over the network for everybody to read: `base` must begin with \
                 https://",
            ));
        }
        let mut config = Agent::config_builder()
            .http_status_as_error(false)
            // A question is for one server, and so is the key.
            .max_redirects(0)
            .max_redirects_will_error(false);
        if is_secure {
            config = config.tls_config(tls()?);
        }
        Ok(Self {
            http: config.build().new_agent(),
            url,
            calls: Arc::new(Semaphore::new(endpoint.calls)),
            places: Semaphore::new(endpoint.calls + endpoint.waiting),
            endpoint,
        })
    }

    /// What the model says to that.
    pub(crate) async fn ask(self: &Arc<Self>, messages: &[Said]) -> Result<String, Trouble> {
        let _place = self.places.try_acquire().map_err(|_| Trouble::Busy)?;
        let timeout = self.endpoint.timeout;
        let deadline = Instant::now() + timeout;
        match tokio::time::timeout_at(deadline.into(), self.ask_until(deadline, messages)).await {
            Ok(answer) => answer,
            Err(_) => Err(Trouble::Time(timeout)),
        }
    }

    /// Asks until there is an answer, or no time is left to ask again.
    async fn ask_until(
        self: &Arc<Self>,
        deadline: Instant,
        messages: &[Said],
    ) -> Result<String, Trouble> {
        let model = &self.endpoint.model;
        let question = serde_json::to_vec(&Question { model, messages })
            .map_err(|error| Trouble::Malformed(error.to_string()))?;
        let mut wait = WAIT;
        loop {
            let calls = Arc::clone(&self.calls);
            let permit = calls.acquire_owned().await.map_err(|_| Trouble::Busy)?;
            let after = match self.attempt(permit, deadline, question.clone()).await? {
                Attempt::Done(answer) => return Ok(answer),
                Attempt::Later(after) => after,
            };
            // Seconds, or a date, which whoever has asked may wait for.
            let pause = match &after {
                Some(after) => after.parse().ok().map(Duration::from_secs),
                None => Some(wait),
            };
            let left = deadline.saturating_duration_since(Instant::now());
            match pause {
                Some(pause) if pause < left => tokio::time::sleep(pause).await,
                _ => return Err(Trouble::Wait { after }),
            }
            wait *= 2;
        }
    }

    /// One call, on a thread of its own. It counts as one until the thread is done with it.
    async fn attempt(
        self: &Arc<Self>,
        permit: OwnedSemaphorePermit,
        deadline: Instant,
        question: Vec<u8>,
    ) -> Result<Attempt, Trouble> {
        let client = Arc::clone(self);
        let call = tokio::task::spawn_blocking(move || {
            let attempt = client.call(deadline, &question);
            drop(permit);
            attempt
        });
        call.await
            .unwrap_or_else(|error| Err(Trouble::Unreachable(error.to_string())))
    }

    fn call(&self, deadline: Instant, question: &[u8]) -> Result<Attempt, Trouble> {
        let left = deadline.saturating_duration_since(Instant::now());
        let mut request = self
            .http
            .post(&self.url)
            .header("Content-Type", "application/json");
        if let Some(key) = &self.endpoint.key {
            request = request.header("Authorization", key.header());
        }
        let request = request.config().timeout_global(Some(left)).build();
        let mut response = request.send(question).map_err(|error| self.about(error))?;
        let bytes = response
            .body_mut()
            .with_config()
            .limit(LONGEST_ANSWER)
            .read_to_vec()
            .map_err(|error| self.about(error))?;
        self.read(&response, &bytes)
    }

    fn read(&self, response: &Response<Body>, body: &[u8]) -> Result<Attempt, Trouble> {
        let status = response.status().as_u16();
        match status {
            200..=299 => answer(body).map(Attempt::Done),
            // Not now, both of them.
            429 | 503 => {
                let after = response.headers().get("Retry-After");
                let after = after.and_then(|after| after.to_str().ok());
                Ok(Attempt::Later(after.map(|after| after.trim().to_owned())))
            }
            401 | 403 => Err(Trouble::Key {
                status,
                reason: self.reason(body),
            }),
            _ => Err(Trouble::Status {
                status,
                reason: self.reason(body),
            }),
        }
    }

    /// What the endpoint says is wrong: `error.message`, or the text as it is.
    fn reason(&self, body: &[u8]) -> String {
        let json: Option<serde_json::Value> = serde_json::from_slice(body).ok();
        let message = json
            .as_ref()
            .and_then(|json| json.pointer("/error/message")?.as_str());
        let text = match message {
            Some(message) => message.to_owned(),
            None => String::from_utf8_lossy(body).into_owned(),
        };
        let text = match &self.endpoint.key {
            Some(key) => key.hide_in(&text),
            None => text,
        };
        if text.trim().is_empty() {
            return "it does not say why".to_owned();
        }
        let plain = |char: char| if char.is_control() { ' ' } else { char };
        text.chars().take(LONGEST_REASON).map(plain).collect()
    }

    fn about(&self, error: ureq::Error) -> Trouble {
        let place = self.url.authority().map_or("", |place| place.as_str());
        match error {
            ureq::Error::Timeout(_) => Trouble::Time(self.endpoint.timeout),
            ureq::Error::BodyExceedsLimit(most) => Trouble::Answer { most },
            ureq::Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                Trouble::Unreachable(format!("nobody listens at {place}"))
            }
            ureq::Error::HostNotFound => Trouble::Unreachable(format!("there is no {place}")),
            error => Trouble::Unreachable(format!("{place}: {error}")),
        }
    }
}

/// The answer in what the endpoint sent.
fn answer(body: &[u8]) -> Result<String, Trouble> {
    let completion: Completion =
        serde_json::from_slice(body).map_err(|error| Trouble::Malformed(error.to_string()))?;
    let choice = completion.choices.into_iter().next();
    choice
        .and_then(|choice| choice.message.content)
        .ok_or_else(|| Trouble::Malformed("there is no text in it".to_owned()))
}

/// Where to call. A key in the address would be seen by everybody who reads the file.
fn url(base: &str) -> peak::Result<Uri> {
    if base.contains(['@', '?', '#']) {
        return Err(peak::Error::msg(
            "`base` has more in it than a place: write it as https://api.example.org/v1, and the \
             key into the variable that `key_env` names",
        ));
    }
    let url = format!("{}/chat/completions", base.trim_end_matches('/'));
    match url.parse::<Uri>() {
        Ok(url) if matches!(url.scheme_str(), Some("http" | "https")) => Ok(url),
        _ => Err(peak::Error::msg(format!(
            "`base` is `{base}`, and must begin with https:// or http://"
        ))),
    }
}

/// Whether it is on this machine.
fn is_here(url: &Uri) -> bool {
    matches!(url.host(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Whoever the system trusts may vouch for the endpoint.
fn tls() -> peak::Result<TlsConfig> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        return Err(peak::Error::msg(
            "the system has no certificates to trust: install ca-certificates",
        ));
    }
    let roots = found.certs.iter();
    let roots = roots.map(|root| Certificate::from_der(root).to_owned());
    Ok(TlsConfig::builder()
        .root_certs(RootCerts::Specific(Arc::new(roots.collect())))
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(base: &str, key: bool) -> Endpoint {
        // Every program that cargo starts has this one.
        let key = key.then(|| Key::from_env("CARGO_PKG_NAME").unwrap());
        Endpoint {
            base: base.to_owned(),
            model: "m".to_owned(),
            key,
            timeout: WAIT,
            calls: 1,
            waiting: 0,
        }
    }

    #[test]
    fn a_key_goes_only_where_nobody_else_reads_it() {
        for (base, key, words) in [
            ("http://localhost:1/v1", true, None),
            ("http://api.example.org/v1", false, None),
            ("https://api.example.org/v1/", true, None),
            (
                "http://api.example.org/v1",
                true,
                Some("for everybody to read"),
            ),
            (
                "https://me:secret@example.org",
                false,
                Some("more in it than a place"),
            ),
            (
                "https://example.org/v1?key=secret",
                false,
                Some("more in it than a place"),
            ),
            ("ftp://example.org", false, Some("must begin with https://")),
            ("example.org", false, Some("must begin with https://")),
        ] {
            let error = Client::new(endpoint(base, key))
                .err()
                .map(|error| error.to_string());
            match words {
                None => assert_eq!(error, None, "{base}"),
                Some(words) => {
                    let error = error.unwrap();
                    assert!(
                        error.contains(words) && !error.contains("secret"),
                        "{error}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_key_is_not_repeated() {
        let client = Client::new(endpoint("http://localhost:1", true)).unwrap();
        let body = br#"{"error": {"message": "no such key: peak-examples"}}"#;
        assert_eq!(client.reason(body), "no such key: …");
        assert_eq!(client.reason(b" "), "it does not say why");
        assert_eq!(client.reason(&[b'x'; 1000]).len(), LONGEST_REASON);
    }

    #[test]
    fn an_answer_is_taken_out_of_what_came() {
        let body = br#"{"choices": [{"message": {"role": "assistant", "content": "42"}}]}"#;
        assert_eq!(answer(body), Ok("42".to_owned()));
        for body in [
            "",
            "{}",
            "[1",
            r#"{"choices": []}"#,
            r#"{"choices": [{"message": {}}]}"#,
        ] {
            assert!(
                matches!(answer(body.as_bytes()), Err(Trouble::Malformed(_))),
                "{body}"
            );
        }
    }
}
