//! A TCP connection with somebody in the middle, who can cut it.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Leads to a port of 127.0.0.1.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    /// The latest cut.
    cuts: watch::Sender<Cut>,
    connections: Arc<AtomicUsize>,
    accepting: JoinHandle<()>,
}

impl Proxy {
    /// Opens one.
    pub(crate) async fn to(port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        Self::at(listener.expect("a port is free"), port)
    }

    /// Opens one at `::1`, if this system has that.
    pub(crate) async fn over_ipv6(port: u16) -> Option<Self> {
        let listener = TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).await.ok()?;
        Some(Self::at(listener, port))
    }

    fn at(listener: TcpListener, port: u16) -> Self {
        let own = listener.local_addr().expect("it is bound").port();
        let cuts = watch::Sender::new(Cut::AtOnce);
        let connections = Arc::new(AtomicUsize::new(0));
        let accepting = tokio::spawn(accept(
            listener,
            port,
            cuts.clone(),
            Arc::clone(&connections),
        ));
        Self {
            port: own,
            cuts,
            connections,
            accepting,
        }
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// How many connections were made over it.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }

    /// Breaks all connections that there are, wherever they are; new ones can be made.
    pub(crate) fn cut(&self) {
        self.break_all(Cut::AtOnce);
    }

    /// Breaks all connections that there are: what comes from the server is lost from now on, and
    /// what goes to it ends with a whole stanza. A server that keeps the half of one over a resumed
    /// session (Prosody 0.12 does) cannot go on otherwise.
    pub(crate) fn cut_between_stanzas(&self) {
        self.break_all(Cut::AtRest);
    }

    fn break_all(&self, cut: Cut) {
        self.cuts.send_replace(cut);
    }
}

/// How connections are broken.
#[derive(Debug, Clone, Copy)]
enum Cut {
    AtOnce,
    /// When the client has nothing more to say.
    AtRest,
}

/// After so long a silence a client has nothing more to say.
const AT_REST: Duration = Duration::from_secs(2);

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(
    listener: TcpListener,
    port: u16,
    cuts: watch::Sender<Cut>,
    connections: Arc<AtomicUsize>,
) {
    loop {
        let (client, _) = listener.accept().await.expect("it accepts");
        connections.fetch_add(1, Ordering::Relaxed);
        let cut = cuts.subscribe();
        tokio::spawn(async move {
            // How it ends is no concern of ours: both sides see that it has.
            let _ = through(client, port, cut).await;
        });
    }
}

async fn through(
    client: TcpStream,
    port: u16,
    mut cut: watch::Receiver<Cut>,
) -> std::io::Result<()> {
    let server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (from_client, mut to_client) = client.into_split();
    let (mut from_server, to_server) = server.into_split();
    let up = tokio::spawn(up(from_client, to_server, cut.clone()));
    tokio::select! {
        _ = tokio::io::copy(&mut from_server, &mut to_client) => up.abort(),
        _ = cut.changed() => {}
    }
    // To drop our half is to tell the client, who has its last say first.
    let _ = up.await;
    Ok(())
}

async fn up(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut cut: watch::Receiver<Cut>,
) -> std::io::Result<()> {
    let mut bytes = vec![0; 16 * 1024];
    let mut is_cut = false;
    loop {
        let silence = async {
            match is_cut {
                true => tokio::time::sleep(AT_REST).await,
                false => std::future::pending().await,
            }
        };
        tokio::select! {
            count = from.read(&mut bytes) => match count? {
                0 => return Ok(()),
                count => to.write_all(&bytes[..count]).await?,
            },
            changed = cut.changed(), if !is_cut => {
                if changed.is_err() || matches!(*cut.borrow(), Cut::AtOnce) {
                    return Ok(());
                }
                is_cut = true;
            }
            () = silence => return Ok(()),
        }
    }
}
