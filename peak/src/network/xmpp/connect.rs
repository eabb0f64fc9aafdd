//! From a domain to an encrypted stream, ready to log in.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use sasl::common::ChannelBinding;
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, ProtocolVersion};
use tokio_xmpp::minidom::Element;
use tokio_xmpp::xmlstream::{PendingFeaturesRecv, StreamHeader, Timeouts, initiate_stream};
use xso::exports::rxml;

use super::error::ConnectError;
use super::features::Features;
use super::io::{Buffered, Io};
use super::places::{self, Place, Places};
use super::settings::server::Tls;
use super::settings::{Settings, Trust};
use super::stanza::{Incoming, ns};
use super::stream::{Stream, Talk, timeouts};
use super::tls;
use super::versioned::Versioned;

/// Where and how to connect.
#[derive(Debug, Clone)]
pub(super) struct Endpoint {
    /// In place of what the domain says.
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) direct_tls: bool,
    pub(super) tls: Arc<ClientConfig>,
    /// Whether a server without encryption, or with any certificate, will do.
    pub(super) insecure: bool,
    pub(super) timeouts: Timeouts,
}

/// A stream that is ready to log in.
pub(super) struct Opened {
    pub(super) stream: Stream,
    pub(super) features: Features,
    /// Host and port, for the words of errors.
    pub(super) place: String,
    pub(super) is_encrypted: bool,
    /// What ties a login to this very connection.
    pub(super) binding: ChannelBinding,
}

/// How long a server may take for one step towards a session.
const PATIENCE: Duration = Duration::from_secs(8);

/// How long one of its addresses may take, before the next is tried.
const ADDRESS_PATIENCE: Duration = Duration::from_secs(3);

impl Endpoint {
    /// What the settings say, with these certificates.
    pub(super) fn new(settings: &Settings, trust: &Trust) -> Result<Self, ConnectError> {
        Ok(Self {
            host: settings.server.host.clone(),
            port: settings.server.port,
            direct_tls: settings.server.tls == Tls::Direct,
            tls: tls::config(trust.ca.as_deref(), trust.insecure)
                .map_err(ConnectError::Settings)?,
            insecure: trust.insecure,
            timeouts: timeouts(settings.keepalive),
        })
    }

    /// Where to try, the best first.
    pub(super) async fn places(&self, domain: &str) -> Result<Places, ConnectError> {
        match &self.host {
            Some(host) => Ok(Places {
                list: vec![Place {
                    host: host.clone(),
                    port: self
                        .port
                        .unwrap_or_else(|| places::default_port(self.direct_tls)),
                    direct_tls: self.direct_tls,
                }],
                in_dns: false,
            }),
            None => {
                let mut places = places::of_domain(domain, self.direct_tls).await?;
                if let Some(port) = self.port {
                    places.list.iter_mut().for_each(|place| place.port = port);
                }
                Ok(places)
            }
        }
    }

    /// Opens a stream to the server of this domain.
    pub(super) async fn open(&self, domain: &str) -> Result<Opened, ConnectError> {
        let mut last = None;
        for place in self.places(domain).await?.list {
            let name = place.to_string();
            match in_time(&name, self.open_at(&place, &name, domain)).await {
                Ok(opened) => return Ok(opened),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| ConnectError::UnknownHost {
            host: domain.to_owned(),
            reason: "it has no addresses".to_owned(),
        }))
    }

    /// Opens a stream to the server of this domain at this place; waits for as long as that takes.
    pub(super) async fn open_at(
        &self,
        place: &Place,
        name: &str,
        domain: &str,
    ) -> Result<Opened, ConnectError> {
        let tcp = tcp(place, name).await?;
        if place.direct_tls {
            let (io, binding) = self.encrypt(tcp, name, domain).await?;
            return self.negotiated(io, binding, name, domain).await;
        }
        let opened = self
            .negotiated(Io::Plain(tcp), ChannelBinding::None, name, domain)
            .await?;
        if !opened.features.starttls {
            return match self.insecure {
                true => Ok(opened),
                false => Err(ConnectError::NoTls {
                    place: name.to_owned(),
                }),
            };
        }
        let mut stream = opened.stream;
        let mut talk = Talk::new(&mut stream, name);
        talk.say(&Element::bare("starttls", ns::TLS)).await?;
        let answer = talk.hear().await?;
        if !answer.is("proceed", ns::TLS) {
            return Err(ConnectError::protocol(
                name,
                "it offers STARTTLS and refuses it",
            ));
        }
        let Io::Plain(tcp) = stream.into_inner().io else {
            return Err(ConnectError::protocol(name, "it offers STARTTLS twice"));
        };
        let (io, binding) = self.encrypt(tcp, name, domain).await?;
        self.negotiated(io, binding, name, domain).await
    }

    async fn encrypt(
        &self,
        tcp: TcpStream,
        name: &str,
        domain: &str,
    ) -> Result<(Io, ChannelBinding), ConnectError> {
        let server = ServerName::try_from(domain.to_owned()).map_err(|error| {
            ConnectError::Settings(format!(
                "`{domain}` cannot stand in a certificate ({error}), so no connection to it can \
                 be checked"
            ))
        })?;
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let tls = connector
            .connect(server, tcp)
            .await
            .map_err(|error| refused_by_tls(&error, name, domain))?;
        let (_, session) = tls.get_ref();
        // What TLS 1.3 has for this (RFC 9266).
        let binding = match session.protocol_version() {
            Some(ProtocolVersion::TLSv1_3) => session
                .export_keying_material(vec![0; 32], b"EXPORTER-Channel-Binding", None)
                .map_or(ChannelBinding::None, ChannelBinding::TlsExporter),
            _ => ChannelBinding::None,
        };
        Ok((Io::Tls(Box::new(tls)), binding))
    }

    /// Exchanges the heads of the stream and reads the features.
    async fn negotiated(
        &self,
        io: Io,
        binding: ChannelBinding,
        name: &str,
        domain: &str,
    ) -> Result<Opened, ConnectError> {
        let is_encrypted = matches!(io, Io::Tls(_));
        let pending = initiate_stream(Buffered::new(io), ns::CLIENT, head(domain), self.timeouts)
            .await
            .map_err(|error| not_xmpp(name, &error))?;
        let (features, stream) = features(pending, name).await?;
        Ok(Opened {
            stream,
            features,
            place: name.to_owned(),
            is_encrypted,
            binding,
        })
    }

    /// Opens the stream of a component (XEP-0114); gives the id of the stream with it.
    pub(super) async fn open_component(
        &self,
        domain: &str,
    ) -> Result<(Stream, String, String), ConnectError> {
        let place = Place {
            host: self.host.clone().unwrap_or_else(|| "localhost".to_owned()),
            port: self.port.unwrap_or(COMPONENT_PORT),
            direct_tls: false,
        };
        let name = place.to_string();
        let opened = in_time(&name, async {
            let tcp = tcp(&place, &name).await?;
            let io = Buffered::new(Io::Component(Box::new(Versioned::new(tcp))));
            let mut pending = initiate_stream(io, ns::COMPONENT, head(domain), self.timeouts)
                .await
                .map_err(|error| not_xmpp(&name, &error))?;
            let id = pending.take_header().id.unwrap_or_default().into_owned();
            Ok((pending.skip_features::<Incoming>(), id))
        })
        .await;
        let (stream, id) = opened?;
        Ok((stream, id, name))
    }
}

/// Takes a step towards a session, for which the server has not for ever.
pub(super) async fn in_time<T>(
    place: &str,
    step: impl Future<Output = Result<T, ConnectError>>,
) -> Result<T, ConnectError> {
    match tokio::time::timeout(PATIENCE, step).await {
        Ok(taken) => taken,
        Err(_) => Err(ConnectError::Timeout {
            place: place.to_owned(),
            seconds: PATIENCE.as_secs(),
        }),
    }
}

/// The port of components that servers use.
const COMPONENT_PORT: u16 = 5347;

/// Begins the stream anew, as after a login.
pub(super) async fn restarted(
    stream: Stream,
    place: &str,
    domain: &str,
) -> Result<(Features, Stream), ConnectError> {
    let pending = stream
        .initiate_reset()
        .send_header(head(domain))
        .await
        .map_err(|error| ConnectError::broken(place, &error))?;
    features(pending, place).await
}

fn head(domain: &str) -> StreamHeader<'_> {
    StreamHeader {
        to: Some(Cow::Borrowed(domain)),
        ..StreamHeader::default()
    }
}

/// Reads what the server offers. The library's own type for it fails at what it does not know.
async fn features(
    pending: PendingFeaturesRecv<Buffered>,
    place: &str,
) -> Result<(Features, Stream), ConnectError> {
    let mut stream = pending.skip_features::<Incoming>();
    let mut talk = Talk::new(&mut stream, place);
    let first = talk.hear().await?;
    match Features::read(&first) {
        Some(features) => Ok((features, stream)),
        None => Err(ConnectError::protocol(
            place,
            format!(
                "it begins with `{}` and not with its features",
                first.name()
            ),
        )),
    }
}

/// A TCP connection to the first address that answers.
pub(super) async fn tcp(place: &Place, name: &str) -> Result<TcpStream, ConnectError> {
    let addresses = tokio::net::lookup_host((place.host.as_str(), place.port))
        .await
        .map_err(|error| ConnectError::UnknownHost {
            host: place.host.clone(),
            reason: error.to_string(),
        })?;
    let mut last = None;
    for address in addresses {
        let connecting = tokio::time::timeout(ADDRESS_PATIENCE, TcpStream::connect(address));
        let connected = connecting
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()));
        match connected {
            Ok(tcp) => {
                // Small stanzas must not wait for the one before them to be acknowledged.
                if let Err(error) = tcp.set_nodelay(true) {
                    tracing::debug!("TCP_NODELAY cannot be set for {name}: {error}");
                }
                return Ok(tcp);
            }
            Err(error) => last = Some(error),
        }
    }
    match last {
        Some(error) => Err(ConnectError::Unreachable {
            place: name.to_owned(),
            reason: error.to_string(),
        }),
        None => Err(ConnectError::UnknownHost {
            host: place.host.clone(),
            reason: "it has no addresses".to_owned(),
        }),
    }
}

/// What it means that the first words of the other side cannot be read.
fn not_xmpp(place: &str, error: &io::Error) -> ConnectError {
    let xml = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rxml::Error>());
    match error.kind() {
        _ if matches!(xml, Some(rxml::Error::InvalidEof(_))) => ConnectError::Broken {
            place: place.to_owned(),
            reason: "without a word".to_owned(),
        },
        io::ErrorKind::InvalidData => ConnectError::protocol(
            place,
            format!("{error}; is another service, or another protocol, on that port?"),
        ),
        _ => ConnectError::broken(place, error),
    }
}

fn refused_by_tls(error: &io::Error, place: &str, domain: &str) -> ConnectError {
    use tokio_rustls::rustls::Error as Tls;
    let tls = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<Tls>());
    match tls {
        Some(Tls::InvalidCertificate(reason)) => ConnectError::Certificate {
            place: place.to_owned(),
            domain: domain.to_owned(),
            reason: in_words(reason),
        },
        Some(other) => ConnectError::Broken {
            place: place.to_owned(),
            reason: format!("no TLS with it: {other}"),
        },
        None => ConnectError::broken(place, error),
    }
}

fn in_words(reason: &tokio_rustls::rustls::CertificateError) -> String {
    use tokio_rustls::rustls::CertificateError as Reason;
    match reason {
        Reason::UnknownIssuer => "nobody that is trusted here has signed it".to_owned(),
        Reason::Expired | Reason::ExpiredContext { .. } => "it has expired".to_owned(),
        Reason::NotValidYet | Reason::NotValidYetContext { .. } => {
            "it is not valid yet; is the clock right?".to_owned()
        }
        Reason::NotValidForName => "it is for another name".to_owned(),
        Reason::NotValidForNameContext { presented, .. } => {
            format!("it is for {}", names(presented).join(", "))
        }
        other => other.to_string(),
    }
}

/// Names in a certificate. The library writes them as `DnsName("example.org")`.
fn names(presented: &[String]) -> Vec<&str> {
    let names = presented.iter().map(|name| match name.split_once("(\"") {
        Some((_, rest)) => rest.trim_end_matches("\")"),
        None => name.as_str(),
    });
    names.collect()
}
