//! The head of a component's stream, as our XML stream wants it.
//!
//! XEP-0114 is older than version 1.0 of XMPP, so servers answer a component with a head that names
//! no version. The library reads such heads only in a build in which no client can log in. Here the
//! version is put in on the way.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, ReadBuf};
use tokio::net::TcpStream;

/// What is put into the head.
const VERSION: &[u8] = b" version='1.0'";

/// A head is not as long as this.
const MAX_HEAD: usize = 8192;

/// A connection of which the head of the stream has not passed yet, or has.
#[derive(Debug)]
pub(super) struct Versioned {
    pub(super) tcp: TcpStream,
    head: Head,
}

#[derive(Debug)]
enum Head {
    /// What came so far.
    Coming(Vec<u8>),
    /// The head with the version, and what came behind it; so much of it has been read.
    Read(Vec<u8>, usize),
    /// Everything passes as it is.
    Passed,
}

impl Versioned {
    pub(super) fn new(tcp: TcpStream) -> Self {
        Self {
            tcp,
            head: Head::Coming(Vec::new()),
        }
    }

    pub(super) fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        loop {
            match &mut self.head {
                Head::Passed => return Pin::new(&mut self.tcp).poll_read(cx, buffer),
                Head::Read(bytes, from) => {
                    let rest = &bytes[*from..];
                    let now = rest.len().min(buffer.remaining());
                    buffer.put_slice(&rest[..now]);
                    *from += now;
                    if *from == bytes.len() {
                        self.head = Head::Passed;
                    }
                    return Poll::Ready(Ok(()));
                }
                Head::Coming(bytes) => {
                    let mut more = [0; 1024];
                    let mut more = ReadBuf::new(&mut more);
                    ready!(Pin::new(&mut self.tcp).poll_read(cx, &mut more))?;
                    bytes.extend_from_slice(more.filled());
                    let is_end = more.filled().is_empty();
                    if let Some(place) = place_of_version(bytes) {
                        bytes.splice(place..place, VERSION.iter().copied());
                    } else if !is_end && !has_head(bytes) && bytes.len() < MAX_HEAD {
                        continue;
                    }
                    self.head = Head::Read(std::mem::take(bytes), 0);
                }
            }
        }
    }
}

/// Where the head of the stream ends, if it has come.
fn end_of_head(bytes: &[u8]) -> Option<(usize, usize)> {
    let start = find(bytes, b"<stream:stream")?;
    let mut quote = None;
    for (place, byte) in bytes.iter().enumerate().skip(start) {
        match (quote, byte) {
            (None, b'>') => return Some((start, place)),
            (None, b'\'' | b'"') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    None
}

fn has_head(bytes: &[u8]) -> bool {
    end_of_head(bytes).is_some()
}

/// Where the version belongs, if the head has come and lacks it.
fn place_of_version(bytes: &[u8]) -> Option<usize> {
    let (start, end) = end_of_head(bytes)?;
    match find(&bytes[start..end], b" version=") {
        Some(_) => None,
        None => Some(start + b"<stream:stream".len()),
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    use super::*;

    async fn read(pieces: &[&str]) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let tcp = TcpStream::connect(listener.local_addr().unwrap())
            .await
            .unwrap();
        let (mut server, _) = listener.accept().await.unwrap();
        let mut io = Versioned::new(tcp);
        for piece in pieces {
            server.write_all(piece.as_bytes()).await.unwrap();
            server.flush().await.unwrap();
            tokio::task::yield_now().await;
        }
        drop(server);
        let mut text = Vec::new();
        loop {
            let mut bytes = [0; 7];
            let mut buffer = ReadBuf::new(&mut bytes);
            std::future::poll_fn(|cx| io.poll_read(cx, &mut buffer))
                .await
                .unwrap();
            match buffer.filled() {
                [] => return String::from_utf8(text).unwrap(),
                more => text.extend_from_slice(more),
            }
        }
    }

    #[tokio::test]
    async fn a_head_without_a_version_gets_one_and_the_rest_stays() {
        assert_eq!(
            read(&[
                "<?xml version='1.0'?><stream:stream id='a>b' ",
                "from='x'><handshake/>"
            ])
            .await,
            "<?xml version='1.0'?><stream:stream version='1.0' id='a>b' from='x'><handshake/>"
        );
    }

    #[tokio::test]
    async fn whatever_else_comes_passes_as_it_is() {
        for text in [
            "<stream:stream version='1.0'><x/>",
            "SSH-2.0 not what you think\r\n",
            "<stream:stream broken",
            "",
        ] {
            assert_eq!(read(&[text]).await, text);
        }
    }
}
