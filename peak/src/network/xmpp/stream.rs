//! Talking on an XML stream while a session is set up.

use std::collections::VecDeque;
use std::time::Duration;

use futures::{SinkExt as _, StreamExt as _};
use tokio_xmpp::minidom::Element;
use tokio_xmpp::xmlstream::{ReadError, Timeouts, XmlStream};

use super::error::ConnectError;
use super::io::Buffered;
use super::stanza::{Incoming, ns};

/// A stream while its session is being set up. Then it becomes a [`Wire`](super::wire::Wire).
pub(super) type Stream = XmlStream<Buffered, Incoming>;

/// After how long a silence the other side is asked for a sign of life, and how long it has for
/// one.
pub(super) fn timeouts(keepalive: Duration) -> Timeouts {
    Timeouts {
        read_timeout: keepalive,
        response_timeout: RESPONSE,
    }
}

pub(super) const RESPONSE: Duration = Duration::from_secs(20);

/// A stream while its session is being set up: one thing is said, and one is answered.
pub(super) struct Talk<'a> {
    pub(super) stream: &'a mut Stream,
    /// Host and port, for the words of errors.
    pub(super) place: &'a str,
    /// What came before the session was set up, and is for the session.
    early: VecDeque<Incoming>,
}

impl<'a> Talk<'a> {
    pub(super) fn new(stream: &'a mut Stream, place: &'a str) -> Self {
        Self {
            stream,
            place,
            early: VecDeque::new(),
        }
    }

    /// What came that was no answer, in order.
    pub(super) fn into_early(self) -> VecDeque<Incoming> {
        self.early
    }

    pub(super) async fn say(&mut self, element: &Element) -> Result<(), ConnectError> {
        let said = self.stream.send(element).await;
        said.map_err(|error| ConnectError::broken(self.place, &error))
    }

    /// The next element that is an answer to something; others are put aside.
    pub(super) async fn hear_if(
        &mut self,
        is_answer: impl Fn(&Element) -> bool,
    ) -> Result<Element, ConnectError> {
        loop {
            let element = self.hear().await?;
            if is_answer(&element) {
                return Ok(element);
            }
            self.early.push_back(Incoming::Element(element));
        }
    }

    /// The next element. A message that comes so early is put aside.
    pub(super) async fn hear(&mut self) -> Result<Element, ConnectError> {
        loop {
            match self.stream.next().await {
                Some(Ok(Incoming::Element(element))) => {
                    return match stream_error(&element) {
                        None => Ok(element),
                        Some((condition, reason)) => Err(ConnectError::Stream {
                            place: self.place.to_owned(),
                            reason,
                            condition,
                        }),
                    };
                }
                Some(Ok(message @ Incoming::Message(_))) => self.early.push_back(message),
                Some(Ok(Incoming::Odd(_)) | Err(ReadError::SoftTimeout)) => {}
                Some(Err(ReadError::HardError(error))) => {
                    return Err(ConnectError::broken(self.place, &error));
                }
                Some(Err(ReadError::ParseError(error))) => {
                    return Err(ConnectError::protocol(self.place, error.to_string()));
                }
                Some(Err(ReadError::StreamFooterReceived)) | None => {
                    return Err(ConnectError::Broken {
                        place: self.place.to_owned(),
                        reason: "it closed the stream".to_owned(),
                    });
                }
            }
        }
    }

    /// Asks, and hears the answer: the payload of the result, or the error.
    pub(super) async fn ask(
        &mut self,
        id: &str,
        request: Element,
    ) -> Result<Result<Element, Element>, ConnectError> {
        self.say(&request).await?;
        let is_answer = |element: &Element| {
            element.name() == "iq"
                && element.attr("id") == Some(id)
                && matches!(element.attr("type"), Some("result" | "error"))
        };
        let answer = self.hear_if(is_answer).await?;
        Ok(match answer.attr("type") {
            Some("result") => Ok(answer),
            _ => Err(answer),
        })
    }
}

/// The condition and the words of a stream error (RFC 6120, section 4.9), if it is one.
pub(super) fn stream_error(element: &Element) -> Option<(String, String)> {
    if !element.is("error", ns::STREAM) {
        return None;
    }
    Some(condition_and_words(element, ns::STREAM_ERRORS, UNDEFINED))
}

/// The condition and the words of an error that answers an `iq`.
pub(super) fn iq_error(answer: &Element) -> (String, String) {
    match answer.children().find(|child| child.name() == "error") {
        Some(error) => condition_and_words(error, ns::STANZA_ERRORS, UNDEFINED),
        None => (UNDEFINED.to_owned(), UNDEFINED.to_owned()),
    }
}

/// What an error is that names no condition.
const UNDEFINED: &str = "undefined-condition";

/// What an error of XMPP says: its condition, an element of this namespace, and that with a text if
/// it has one; `undefined` if it names none.
pub(super) fn condition_and_words(
    error: &Element,
    space: &str,
    undefined: &str,
) -> (String, String) {
    let condition = error
        .children()
        .find(|child| child.ns() == space && child.name() != "text")
        .map_or(undefined, Element::name)
        .to_owned();
    let text = error.get_child("text", space).map(Element::text);
    let words = match text.filter(|text| !text.is_empty()) {
        Some(text) => format!("{text} ({condition})"),
        None => condition.clone(),
    };
    (condition, words)
}
