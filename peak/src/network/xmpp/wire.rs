//! A stream at work: stanzas in, stanzas out.
//!
//! The library sets a stream up ([`stream`](super::stream)). Once the session stands, what is left of
//! XML streams is little, and doing that here takes half of the processor's time that the library's
//! type takes: it sets a timer for each piece of XML, and reads every text by the character.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::BufMut as _;
use tokio::io::AsyncWrite as _;
use tokio::time::Instant;
use tokio_xmpp::minidom::Element;

use super::io::Buffered;
use super::stanza::{Frame, Incoming, MessageOut, next_frame, write_message};
use super::stream::Stream;

/// A stream whose session stands. One task owns it.
#[derive(Debug)]
pub(super) struct Wire {
    bytes: Buffered,
    /// The namespace of its stanzas.
    namespace: &'static str,
    /// So many bytes of the input are no stanza yet, as was seen.
    incomplete: usize,
    /// When something came last.
    heard: Instant,
}

/// How reading ended.
#[derive(Debug)]
pub(super) enum ReadEnd {
    /// The other side has closed the stream.
    Closed,
    Broken(io::Error),
}

/// A stanza that is longer is an attack: servers take a quarter of a mebibyte.
const MAX_STANZA: usize = 2 * 1024 * 1024;

/// More than this servers do not take in one stanza.
const MAX_WRITTEN: usize = 250_000;

impl Wire {
    /// Takes over a stream between two stanzas.
    pub(super) fn new(stream: Stream, namespace: &'static str) -> Self {
        Self {
            bytes: stream.into_inner(),
            namespace,
            incomplete: 0,
            heard: Instant::now(),
        }
    }

    /// When something came last.
    pub(super) fn heard(&self) -> Instant {
        self.heard
    }

    /// The next stanza.
    pub(super) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Result<Incoming, ReadEnd>> {
        loop {
            // Without the end of a tag nothing can have become complete.
            let news = &self.bytes.input[self.incomplete..];
            if news.contains(&b'>') || self.incomplete == 0 && !news.is_empty() {
                match next_frame(&self.bytes.input, self.namespace) {
                    Ok(Frame::Stanza(length, incoming)) => {
                        self.bytes.used(length);
                        self.incomplete = 0;
                        return Poll::Ready(Ok(incoming));
                    }
                    Ok(Frame::Blank(length)) => {
                        self.bytes.used(length);
                        self.incomplete = 0;
                        continue;
                    }
                    Ok(Frame::Incomplete) => self.incomplete = self.bytes.input.len(),
                    Ok(Frame::End) => return Poll::Ready(Err(ReadEnd::Closed)),
                    Err(reason) => {
                        return broken(format!("what the server says makes no sense: {reason}"));
                    }
                }
            }
            if self.bytes.input.len() > MAX_STANZA {
                return broken("the server sends a stanza without an end".to_owned());
            }
            match ready!(self.bytes.poll_more(cx)) {
                Ok(0) => {
                    let end = io::ErrorKind::UnexpectedEof.into();
                    return Poll::Ready(Err(ReadEnd::Broken(end)));
                }
                Ok(_) => self.heard = Instant::now(),
                Err(error) => return Poll::Ready(Err(ReadEnd::Broken(error))),
            }
        }
    }

    /// Whether more can be written: if not now, the task is woken when it can.
    pub(super) fn is_ready(&mut self, cx: &mut Context<'_>) -> io::Result<bool> {
        if self.bytes.has_room() {
            return Ok(true);
        }
        match self.bytes.poll_output(cx) {
            Poll::Ready(written) => written.map(|()| true),
            Poll::Pending => Ok(false),
        }
    }

    /// Adds a message to what is to be written.
    pub(super) fn write_message(&mut self, message: &MessageOut<'_>) {
        write_message(message, &mut self.bytes.output);
    }

    /// Adds an element. One that cannot be written, or is longer than servers take, is left out as a
    /// whole: they would end the stream for it.
    pub(super) fn write(&mut self, element: &Element) -> bool {
        let before = self.bytes.output.len();
        let written = element.write_to(&mut (&mut self.bytes.output).writer());
        let length = self.bytes.output.len() - before;
        if written.is_ok() && length <= MAX_WRITTEN {
            return true;
        }
        self.bytes.output.truncate(before);
        tracing::warn!(
            "a stanza `{}` was not written: {length} bytes, {written:?}",
            element.name()
        );
        false
    }

    /// Nothing has come because nobody listened.
    pub(super) fn listened(&mut self, now: Instant) {
        self.heard = now;
    }

    /// Has it all go out.
    pub(super) fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.bytes).poll_flush(cx)
    }

    /// Ends the stream in order.
    pub(super) async fn close(mut self) {
        use tokio::io::AsyncWriteExt as _;
        self.bytes.output.extend_from_slice(b"</stream:stream>");
        let closing = async {
            self.bytes.shutdown().await?;
            // Whatever still comes is not for anybody.
            while std::future::poll_fn(|cx| self.bytes.poll_more(cx)).await? > 0 {
                self.bytes.input.clear();
            }
            io::Result::Ok(())
        };
        // A server that does not answer knows by the end of the connection.
        let _ = tokio::time::timeout(LAST_WORDS, closing).await;
    }
}

/// How long the other side has to close its half.
const LAST_WORDS: Duration = Duration::from_millis(1500);

fn broken<T>(reason: String) -> Poll<Result<T, ReadEnd>> {
    let error = io::Error::new(io::ErrorKind::InvalidData, reason);
    Poll::Ready(Err(ReadEnd::Broken(error)))
}
