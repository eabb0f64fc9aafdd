//! From a name to a session, as a straightforward program would get there: STARTTLS, SASL, a
//! resource, presence.

use std::borrow::Cow;
use std::sync::Arc;

use futures::{SinkExt, StreamExt};
use sasl::common::{ChannelBinding, Credentials};
use tokio::io::BufStream;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};
use tokio_xmpp::client_login;
use tokio_xmpp::jid::FullJid;
use tokio_xmpp::minidom::Element;
use tokio_xmpp::xmlstream::{
    StreamHeader, Timeouts, XmppStream, XmppStreamElement, initiate_stream,
};
use xmpp_parsers::bind::{BindQuery, BindResponse};
use xmpp_parsers::ibr::LegacyQuery;
use xmpp_parsers::iq::Iq;
use xmpp_parsers::message::Message;
use xmpp_parsers::presence::{Presence, Type};
use xmpp_parsers::sm::{A, Enable, Nonza as Managed, R};
use xmpp_parsers::stanza::Stanza;
use xmpp_parsers::starttls::{Nonza, Request};
use xmpp_parsers::stream_features::StreamFeatures;

use crate::place::{DOMAIN, PASSWORD, Place};

const NAMESPACE: &str = "jabber:client";

type Encrypted = XmppStream<BufStream<TlsStream<TcpStream>>>;

/// The server, and whom to trust.
#[derive(Clone)]
pub(crate) struct Gate {
    port: u16,
    tls: Arc<ClientConfig>,
}

/// A client that has logged in; whoever has it owns the stream.
pub(crate) struct Client {
    pub(crate) jid: FullJid,
    stream: Encrypted,
    /// Stanzas that have come, if the session has stream management.
    handled: Option<u32>,
}

impl Gate {
    pub(crate) fn new(place: &Place) -> Self {
        let mut roots = RootCertStore::empty();
        let certificates =
            CertificateDer::pem_file_iter(&place.ca).expect("the authority is there");
        for certificate in certificates {
            roots
                .add(certificate.expect("it is PEM"))
                .expect("it is a certificate");
        }
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let tls = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("it knows them")
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self {
            port: place.port,
            tls: Arc::new(tls),
        }
    }

    /// An encrypted stream on which nobody has logged in yet.
    async fn open(&self) -> (StreamFeatures, Encrypted) {
        let tcp = TcpStream::connect((DOMAIN, self.port))
            .await
            .expect("it listens");
        tcp.set_nodelay(true).expect("TCP has this option");
        let (_, mut stream) = begin(BufStream::new(tcp)).await;
        let request = XmppStreamElement::Starttls(Nonza::Request(Request));
        stream.send(&request).await.expect("it listens");
        let answer = next(&mut stream).await;
        assert!(matches!(
            answer,
            XmppStreamElement::Starttls(Nonza::Proceed(_))
        ));
        let tcp = stream.into_inner().into_inner();
        let name = ServerName::try_from(DOMAIN).expect("it is a name");
        let tls = TlsConnector::from(Arc::clone(&self.tls));
        let tls = tls.connect(name, tcp).await.expect("it is to be trusted");
        begin(BufStream::new(tls)).await
    }

    /// Makes an account (XEP-0077).
    pub(crate) async fn register(&self, name: &str) {
        let (_, mut stream) = self.open().await;
        let query = LegacyQuery {
            username: Some(name.to_owned()),
            password: Some(PASSWORD.to_owned()),
            ..LegacyQuery::default()
        };
        let answer = ask(&mut stream, query.into()).await;
        assert!(matches!(answer, Iq::Result { .. }), "{answer:?}");
        close(stream).await;
    }

    /// Logs in.
    pub(crate) async fn connect(&self, name: &str) -> Client {
        let (features, stream) = self.open().await;
        let credentials = Credentials::default()
            .with_username(name)
            .with_password(PASSWORD)
            .with_channel_binding(ChannelBinding::None);
        let login = client_login(stream, features.sasl_mechanisms, credentials);
        let restarted = login.await.expect("the password is right");
        let pending = restarted.send_header(header()).await.expect("it answers");
        let (_, mut stream) = pending.recv_features().await.expect("it has features");
        let query = BindQuery::new(Some("bench".to_owned()));
        let answer = ask(&mut stream, query.into()).await;
        let Iq::Result {
            payload: Some(bound),
            ..
        } = answer
        else {
            panic!("no resource: {answer:?}");
        };
        let bound = BindResponse::try_from(bound).expect("an address");
        let presence = Stanza::Presence(Presence::new(Type::None));
        let presence = XmppStreamElement::Stanza(presence);
        stream.send(&presence).await.expect("it listens");
        Client {
            jid: bound.into(),
            stream,
            handled: None,
        }
    }
}

impl Client {
    /// Turns stream management on (XEP-0198): from now on the server's questions are answered.
    pub(crate) async fn manage(&mut self) {
        let enable = XmppStreamElement::SM(Managed::Enable(Enable::new().with_resume()));
        self.stream.send(&enable).await.expect("it listens");
        loop {
            if let XmppStreamElement::SM(Managed::Enabled(_)) = next(&mut self.stream).await {
                self.handled = Some(0);
                return;
            }
        }
    }

    /// Asks the server what it has handled, if the session has stream management. The answer is passed
    /// over when it comes: nothing is kept that it would strike out.
    pub(crate) async fn feed_question(&mut self) {
        if self.handled.is_some() {
            let question = XmppStreamElement::SM(Managed::Req(R));
            self.stream.feed(&question).await.expect("it listens");
        }
    }

    /// The next message.
    pub(crate) async fn message(&mut self) -> Message {
        loop {
            let element = next(&mut self.stream).await;
            if let (XmppStreamElement::Stanza(_), Some(handled)) = (&element, &mut self.handled) {
                *handled = handled.wrapping_add(1);
            }
            match element {
                XmppStreamElement::Stanza(Stanza::Message(message)) => return message,
                XmppStreamElement::SM(Managed::Req(_)) => {
                    let answer = A::new(self.handled.unwrap_or_default());
                    let answer = XmppStreamElement::SM(Managed::Ack(answer));
                    self.stream.send(&answer).await.expect("it listens");
                }
                _ => {}
            }
        }
    }

    /// Puts a message into the stream; it goes out with others, at the latest with `flush`.
    pub(crate) async fn feed(&mut self, message: Message) {
        let stanza = XmppStreamElement::Stanza(Stanza::Message(message));
        self.stream.feed(&stanza).await.expect("it listens");
    }

    pub(crate) async fn flush(&mut self) {
        let flushed = SinkExt::<&XmppStreamElement>::flush(&mut self.stream);
        flushed.await.expect("it listens");
    }

    pub(crate) async fn close(self) {
        close(self.stream).await;
    }
}

fn header() -> StreamHeader<'static> {
    StreamHeader {
        to: Some(Cow::Borrowed(DOMAIN)),
        ..StreamHeader::default()
    }
}

async fn begin<Io>(io: Io) -> (StreamFeatures, XmppStream<Io>)
where
    Io: tokio::io::AsyncBufRead + tokio::io::AsyncWrite + Unpin,
{
    let pending = initiate_stream(io, NAMESPACE, header(), Timeouts::default()).await;
    let features = pending.expect("it speaks XMPP").recv_features().await;
    features.expect("it has features")
}

async fn next<Io>(stream: &mut XmppStream<Io>) -> XmppStreamElement
where
    Io: tokio::io::AsyncBufRead + tokio::io::AsyncWrite + Unpin,
{
    let next = stream.next().await.expect("the stream goes on");
    let element = next.expect("the stream holds");
    element.into_read_error().expect("the library knows it")
}

/// Asks the server, and awaits its answer.
async fn ask(stream: &mut Encrypted, payload: Element) -> Iq {
    let iq = Iq::Set {
        from: None,
        to: None,
        id: "ask".to_owned(),
        payload,
    };
    let iq = XmppStreamElement::Stanza(Stanza::Iq(iq));
    stream.send(&iq).await.expect("it listens");
    loop {
        if let XmppStreamElement::Stanza(Stanza::Iq(answer)) = next(stream).await {
            return answer;
        }
    }
}

/// Ends a stream in order: the server has no session left of it.
async fn close(mut stream: Encrypted) {
    stream.shutdown().await.expect("it listens");
    while let Some(Ok(_)) = stream.next().await {}
}
