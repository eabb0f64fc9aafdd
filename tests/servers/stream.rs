//! XMPP by hand: enough to see what a server offers.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::{COMPONENT, DOMAIN};

/// How long a server may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A connection to a server of a test.
#[derive(Debug)]
pub struct Stream {
    socket: Socket,
    /// What has come and was not yet read.
    come: String,
    /// How the server opened the stream.
    opening: String,
}

#[derive(Debug)]
enum Socket {
    Plain(TcpStream),
    Tls(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Stream {
    /// Connects as a client, and waits for the server's features.
    pub fn client(port: u16) -> Result<Self> {
        let mut stream = Self::connect(port)?;
        stream.open("jabber:client", DOMAIN, "</stream:features>")?;
        Ok(stream)
    }

    /// Connects with TLS as a client, and waits for the server's features.
    pub fn client_tls(port: u16, ca: &Path) -> Result<Self> {
        let mut stream = Self::connect(port)?.encrypted(ca)?;
        stream.open("jabber:client", DOMAIN, "</stream:features>")?;
        Ok(stream)
    }

    /// Connects as a component.
    pub fn component(port: u16) -> Result<Self> {
        let mut stream = Self::connect(port)?;
        stream.open("jabber:component:accept", COMPONENT, ">")?;
        Ok(stream)
    }

    fn connect(port: u16) -> Result<Self> {
        let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        socket.set_read_timeout(Some(PATIENCE))?;
        socket.set_nodelay(true)?;
        Ok(Self {
            socket: Socket::Plain(socket),
            come: String::new(),
            opening: String::new(),
        })
    }

    /// Opens the stream, and reads the answer until something has come.
    fn open(&mut self, namespace: &str, domain: &str, until: &str) -> Result<()> {
        self.send(&format!(
            "<?xml version='1.0'?><stream:stream to='{domain}' version='1.0' xmlns='{namespace}' \
             xmlns:stream='http://etherx.jabber.org/streams'>"
        ))?;
        let header = self.read_until("<stream:stream ")?;
        self.opening = header + &self.read_until(until)?;
        Ok(())
    }

    /// The server's header, and its features.
    pub fn opening(&self) -> &str {
        &self.opening
    }

    /// Asks for encryption and opens the stream anew. An authority that did not sign the server's certificate
    /// is an error.
    pub fn starttls(mut self, ca: &Path) -> Result<Self> {
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")?;
        self.read_until("<proceed ")?;
        self.read_until(">")?;
        let mut stream = self.encrypted(ca)?;
        stream.open("jabber:client", DOMAIN, "</stream:features>")?;
        Ok(stream)
    }

    fn encrypted(self, ca: &Path) -> Result<Self> {
        let Socket::Plain(mut socket) = self.socket else {
            return Err(Error::other("it is encrypted already"));
        };
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_file(ca).map_err(Error::other)?;
        roots.add(ca).map_err(Error::other)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::other)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = ServerName::try_from(DOMAIN).map_err(Error::other)?;
        let mut connection = ClientConnection::new(Arc::new(config), name).map_err(Error::other)?;
        while connection.is_handshaking() {
            connection.complete_io(&mut socket)?;
        }
        Ok(Self {
            socket: Socket::Tls(Box::new(StreamOwned::new(connection, socket))),
            come: String::new(),
            opening: String::new(),
        })
    }

    /// Registers an account (XEP-0077), and gives the server's answer.
    pub fn register(&mut self, name: &str, password: &str) -> Result<String> {
        self.ask(&format!(
            "<iq type='set' id='register'><query xmlns='jabber:iq:register'>\
             <username>{name}</username><password>{password}</password></query></iq>"
        ))
    }

    /// Logs in with PLAIN, opens the stream anew, and takes a resource. A wrong password is an error.
    pub fn log_in(&mut self, name: &str, password: &str) -> Result<()> {
        let secret = BASE64_STANDARD.encode(format!("\0{name}\0{password}"));
        self.send(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>"
        ))?;
        let answer = self.read_until(">")?;
        if !answer.starts_with("<success") {
            return Err(Error::new(ErrorKind::PermissionDenied, answer));
        }
        // It may be one tag or two.
        if !answer.ends_with("/>") {
            self.read_until(">")?;
        }
        self.open("jabber:client", DOMAIN, "</stream:features>")?;
        self.ask(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>\
             <resource>test</resource></bind></iq>",
        )?;
        Ok(())
    }

    /// Sends a request, and gives what comes up to the end of the answer.
    pub fn ask(&mut self, request: &str) -> Result<String> {
        self.send(request)?;
        let header = self.read_until("<iq ")?;
        let first = header + &self.read_until(">")?;
        if first.ends_with("/>") {
            return Ok(first);
        }
        Ok(first + &self.read_until("</iq>")?)
    }

    /// Sends text.
    pub fn send(&mut self, text: &str) -> Result<()> {
        match &mut self.socket {
            Socket::Plain(socket) => socket.write_all(text.as_bytes()),
            Socket::Tls(socket) => {
                socket.write_all(text.as_bytes())?;
                socket.flush()
            }
        }
    }

    /// Reads until something has come, and gives all up to its end.
    pub fn read_until(&mut self, what: &str) -> Result<String> {
        loop {
            if let Some(at) = self.come.find(what) {
                let rest = self.come.split_off(at + what.len());
                return Ok(std::mem::replace(&mut self.come, rest));
            }
            let mut bytes = [0; 4096];
            let count = match &mut self.socket {
                Socket::Plain(socket) => socket.read(&mut bytes)?,
                Socket::Tls(socket) => socket.read(&mut bytes)?,
            };
            if count == 0 {
                let said = format!("it closed the stream without {what}: {}", self.come);
                return Err(Error::new(ErrorKind::UnexpectedEof, said));
            }
            // What servers say of themselves is ASCII.
            self.come
                .push_str(&String::from_utf8_lossy(&bytes[..count]));
        }
    }
}
