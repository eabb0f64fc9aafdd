//! A TCP connection with somebody in the middle, who can cut it.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// Leads to a port of 127.0.0.1.
#[derive(Debug)]
pub(crate) struct Proxy {
    port: u16,
    /// The latest cut.
    cuts: watch::Sender<()>,
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
        let cuts = watch::Sender::new(());
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
        self.cuts.send_replace(());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn accept(
    listener: TcpListener,
    port: u16,
    cuts: watch::Sender<()>,
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
    mut client: TcpStream,
    port: u16,
    mut cut: watch::Receiver<()>,
) -> std::io::Result<()> {
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
        _ = cut.changed() => {}
    }
    Ok(())
}
