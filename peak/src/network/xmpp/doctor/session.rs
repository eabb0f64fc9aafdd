//! A talk with a server after the login: questions, and what else comes.

use std::future::poll_fn;

use tokio::time::timeout;
use tokio_xmpp::minidom::{Element, ElementBuilder};
use xso::exports::rxml::xml_ncname;

use super::PATIENCE;
use crate::message::{Jid, Message};
use crate::network::xmpp::error::ConnectError;
use crate::network::xmpp::setup;
use crate::network::xmpp::stanza::{Incoming, MessageIn, MessageOut, iq, ns};
use crate::network::xmpp::stream::{Stream, iq_error, stream_error};
use crate::network::xmpp::wire::{ReadEnd, Wire};

/// A stream on which somebody has logged in.
pub(super) struct Session {
    wire: Wire,
    place: String,
    pub(super) jid: Jid,
    /// How many stanzas have come, if the server wants to know.
    come: Option<u32>,
    asked: u32,
}

/// How stream management stands (XEP-0198).
pub(super) enum Managed {
    No,
    Acknowledged,
    Resumable,
}

/// A refusal: its condition, and the words for it.
pub(super) type Refusal = (String, String);

impl Session {
    pub(super) fn new(stream: Stream, place: &str, jid: Jid, session: &setup::Session) -> Self {
        let acknowledged = matches!(
            session,
            setup::Session::New {
                acknowledged: true,
                ..
            }
        );
        Self {
            wire: Wire::new(stream, ns::CLIENT),
            place: place.to_owned(),
            jid,
            come: acknowledged.then_some(0),
            asked: 0,
        }
    }

    /// Asks (`get`) or tells (`set`) an address, or the server if it is none; gives the answer.
    pub(super) async fn ask(
        &mut self,
        to: Option<&str>,
        kind: &str,
        payload: ElementBuilder,
    ) -> Result<Result<Element, Refusal>, ConnectError> {
        self.asked += 1;
        let id = format!("doctor{}", self.asked);
        let mut request = iq(ns::CLIENT, kind, &id);
        if let Some(to) = to {
            request = request.attr(xml_ncname!("to").to_owned(), to);
        }
        self.say(&request.append(payload).build()).await?;
        self.wait(|incoming| match incoming {
            Incoming::Element(iq) if iq.name() == "iq" && iq.attr("id") == Some(&id) => {
                Some(match iq.attr("type") {
                    Some("result") => Ok(iq),
                    _ => Err(iq_error(&iq)),
                })
            }
            _ => None,
        })
        .await
    }

    pub(super) async fn say(&mut self, element: &Element) -> Result<(), ConnectError> {
        // What cannot be written gets no answer.
        self.wire.write(element);
        self.flush().await
    }

    async fn flush(&mut self) -> Result<(), ConnectError> {
        let flushed = poll_fn(|cx| self.wire.poll_flush(cx)).await;
        flushed.map_err(|error| ConnectError::broken(&self.place, &error))
    }

    /// Sends a message, and gives what comes back under its name.
    pub(super) async fn send(
        &mut self,
        id: &str,
        message: &Message,
    ) -> Result<MessageIn, ConnectError> {
        self.wire.write_message(&MessageOut { id, message });
        self.flush().await?;
        self.wait(|incoming| match incoming {
            Incoming::Message(message) if message.id.as_deref() == Some(id) => Some(*message),
            _ => None,
        })
        .await
    }

    /// The presence that comes from one of these addresses.
    pub(super) async fn presence_of(
        &mut self,
        addresses: &[&str],
    ) -> Result<Element, ConnectError> {
        self.wait(|incoming| match incoming {
            Incoming::Element(presence) if presence.name() == "presence" => {
                let from = presence.attr("from").unwrap_or_default();
                addresses.contains(&from).then_some(presence)
            }
            _ => None,
        })
        .await
    }

    /// Waits for what `take` takes, as long as patience lasts.
    async fn wait<T>(
        &mut self,
        mut take: impl FnMut(Incoming) -> Option<T>,
    ) -> Result<T, ConnectError> {
        let waiting = async {
            loop {
                if let Some(taken) = take(self.hear().await?) {
                    return Ok(taken);
                }
            }
        };
        timeout(PATIENCE, waiting).await.unwrap_or_else(|_| {
            Err(ConnectError::Timeout {
                place: self.place.clone(),
                seconds: PATIENCE.as_secs(),
            })
        })
    }

    /// The next stanza. The server's question how many have come is answered on the way.
    async fn hear(&mut self) -> Result<Incoming, ConnectError> {
        loop {
            let incoming = match poll_fn(|cx| self.wire.poll_next(cx)).await {
                Ok(incoming) => incoming,
                Err(ReadEnd::Broken(error)) => {
                    return Err(ConnectError::broken(&self.place, &error));
                }
                Err(ReadEnd::Closed) => {
                    return Err(ConnectError::Broken {
                        place: self.place.clone(),
                        reason: "it closed the stream".to_owned(),
                    });
                }
            };
            if let Incoming::Element(element) = &incoming {
                if let Some((condition, reason)) = stream_error(element) {
                    return Err(ConnectError::Stream {
                        place: self.place.clone(),
                        reason,
                        condition,
                    });
                }
                if element.ns() == ns::SM {
                    self.acknowledge(element).await?;
                    continue;
                }
            }
            self.come = self.come.map(|count| count.wrapping_add(1));
            return Ok(incoming);
        }
    }

    async fn acknowledge(&mut self, element: &Element) -> Result<(), ConnectError> {
        if let (Some(come), "r") = (self.come, element.name()) {
            let answer = Element::builder("a", ns::SM)
                .attr(xml_ncname!("h").to_owned(), come)
                .build();
            self.say(&answer).await?;
        }
        Ok(())
    }

    pub(super) async fn close(self) {
        self.wire.close().await;
    }
}

/// What the server does for sessions.
pub(super) fn managed(session: &setup::Session) -> Managed {
    match session {
        setup::Session::New {
            resumable: Some(_), ..
        } => Managed::Resumable,
        setup::Session::New {
            acknowledged: true, ..
        } => Managed::Acknowledged,
        _ => Managed::No,
    }
}
