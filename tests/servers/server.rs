//! A server that runs.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use tempfile::TempDir;

use super::certificates::{self, Files};
use super::process::{Process, until};
use super::stream::Stream;
use super::{Builder, COMPONENT, DOMAIN, Kind, ejabberd, ports, prosody, secret};

/// An XMPP server on 127.0.0.1; killed when this value goes.
#[derive(Debug)]
pub struct Server {
    // Ends before its folder goes.
    process: Option<Process>,
    place: Place,
}

/// All that a server has besides its process, and that survives a restart.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) builder: Builder,
    pub(super) folder: TempDir,
    pub(super) ports: Ports,
    pub(super) files: Files,
    pub(super) secret: String,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    pub(super) client: u16,
    pub(super) tls: u16,
    pub(super) component: u16,
}

impl Ports {
    fn free() -> Self {
        Self {
            client: ports::free(),
            tls: ports::free(),
            component: ports::free(),
        }
    }
}

/// What came of a start.
enum Start {
    Up,
    /// Somebody else was faster.
    PortTaken,
    Failed(&'static str),
}

impl Place {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The SQLite file, if that is its storage.
    pub(super) fn sqlite(&self) -> PathBuf {
        self.path("accounts.sqlite")
    }

    fn log(&self) -> String {
        let bytes = fs::read(self.path("log")).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Server {
    /// Prosody, to be started with [`Builder::start`].
    pub fn prosody() -> Builder {
        Builder::new(Kind::Prosody)
    }

    /// ejabberd, to be started with [`Builder::start`].
    pub fn ejabberd() -> Builder {
        Builder::new(Kind::Ejabberd)
    }

    pub(super) fn start(builder: Builder) -> Self {
        let folder = TempDir::with_prefix("peak-").expect("there is a place for temporary files");
        let place = Place {
            files: certificates::make(folder.path(), builder.wrong),
            builder,
            folder,
            ports: Ports::free(),
            secret: secret(),
        };
        let mut server = Self {
            process: None,
            place,
        };
        let mut attempts = 0;
        loop {
            match server.launch() {
                Start::Up => return server,
                Start::PortTaken if attempts < 5 => {
                    attempts += 1;
                    server.process = None;
                    server.place.ports = Ports::free();
                    fs::remove_file(server.place.path("log")).expect("it has a log");
                }
                Start::PortTaken => server.failed("found no free port"),
                Start::Failed(how) => server.failed(how),
            }
        }
    }

    fn failed(&self, how: &str) -> ! {
        panic!("{:?} {how}:\n{}", self.place.builder.kind, self.log());
    }

    fn launch(&mut self) -> Start {
        let before = self.log().len();
        let process = match self.place.builder.kind {
            Kind::Prosody => prosody::start(&self.place),
            Kind::Ejabberd => ejabberd::start(&self.place),
        };
        let process = self.process.insert(process);
        let place = &self.place;
        until(|| {
            // In this order: what an ended process has said is complete.
            let runs = process.runs();
            let log = place.log();
            let log = &log[before..];
            if [
                "port is in use",
                "in use by another",
                "eaddrinuse",
                "address already in use",
            ]
            .iter()
            .any(|sign| log.contains(sign))
            {
                return Some(Start::PortTaken);
            }
            if !runs {
                return Some(Start::Failed("ended by itself"));
            }
            let listens = match place.builder.kind {
                Kind::Prosody => prosody::listens(place, log),
                Kind::Ejabberd => ejabberd::listens(place, log),
            };
            // Another server may answer at that port, so the log is asked first.
            (listens && Stream::client(place.ports.client).is_ok()).then_some(Start::Up)
        })
        .unwrap_or(Start::Failed("did not come up"))
    }

    /// The domain of its addresses: `localhost`.
    pub fn domain(&self) -> &str {
        DOMAIN
    }

    /// Where clients connect, to begin without encryption.
    pub fn port(&self) -> u16 {
        self.place.ports.client
    }

    /// Where clients connect that begin with TLS.
    pub fn tls_port(&self) -> u16 {
        self.place.ports.tls
    }

    /// Where components connect.
    pub fn component_port(&self) -> u16 {
        self.place.ports.component
    }

    /// The domain of the component: `agents.localhost`.
    pub fn component(&self) -> &str {
        COMPONENT
    }

    /// The secret that the component shares with the server.
    pub fn component_secret(&self) -> &str {
        &self.place.secret
    }

    /// The authority that signed the server's certificate, in PEM.
    pub fn ca(&self) -> &Path {
        &self.place.files.ca
    }

    /// The address and port of [`port`](Self::port).
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port()).into()
    }

    /// The folder of its configuration and data, for tests that look at either.
    pub fn folder(&self) -> &Path {
        self.place.folder.path()
    }

    /// Its database, if that is [`Storage::Sqlite`](super::Storage::Sqlite).
    pub fn sqlite(&self) -> PathBuf {
        self.place.sqlite()
    }

    /// The number of its process, for those who measure what it costs.
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub fn process_id(&self) -> u32 {
        self.process.as_ref().expect("the server runs").id()
    }

    /// Makes an account, not as a client would, but by the server's own means.
    ///
    /// # Panics
    ///
    /// If the server does not run, or does not take the account.
    pub fn add_account(&self, name: &str, password: &str) {
        assert!(self.process.is_some(), "the server runs");
        match self.place.builder.kind {
            Kind::Prosody => prosody::add_account(&self.place, name, password),
            Kind::Ejabberd => ejabberd::add_account(&self.place, name, password),
        }
    }

    /// Runs `prosodyctl` on the server's configuration, and gives what it said.
    ///
    /// # Panics
    ///
    /// If the server is not Prosody, and with what the program said if it failed.
    pub fn prosodyctl(&self, args: &[&str]) -> String {
        assert_eq!(self.place.builder.kind, Kind::Prosody);
        prosody::control(&self.place, args)
    }

    /// Has it end in order: clients are told.
    ///
    /// # Panics
    ///
    /// With its log, if it does not.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take()
            && !process.end(Signal::TERM)
        {
            self.failed("did not stop");
        }
    }

    /// Ends it at once, as a power failure would.
    pub fn kill(&mut self) {
        self.process = None;
    }

    /// Starts it again, after a stop if it runs, with the same ports and data.
    ///
    /// # Panics
    ///
    /// With its log, if it does not come up.
    pub fn restart(&mut self) {
        self.stop();
        match self.launch() {
            Start::Up => {}
            Start::PortTaken => self.failed("lost its port"),
            Start::Failed(how) => self.failed(how),
        }
    }

    /// Has it stand still: connections stay open, and nobody answers.
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub fn freeze(&self) {
        let process = self.process.as_ref().expect("the server runs");
        process.signal(Signal::STOP);
    }

    /// Lets it go on after [`freeze`](Self::freeze).
    ///
    /// # Panics
    ///
    /// If it does not run.
    pub fn thaw(&self) {
        let process = self.process.as_ref().expect("the server runs");
        process.signal(Signal::CONT);
    }

    /// What it has said since it was started first.
    pub fn log(&self) -> String {
        self.place.log()
    }

    /// Whether anybody listens at its port for clients.
    pub fn answers(&self) -> bool {
        TcpStream::connect(self.address()).is_ok()
    }
}
