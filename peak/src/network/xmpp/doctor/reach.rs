//! From a domain to a stream: the DNS, TCP, encryption, the certificate, and the ways to log in.

use std::time::{Duration, SystemTime};

use tokio::time::timeout;
use tokio_rustls::rustls::ProtocolVersion;

use super::certificate::Certificate;
use super::close::close;
use super::findings::{Check, Findings, Importance};
use super::{PATIENCE, Patient, Ways};
use crate::network::xmpp::connect::{Endpoint, Opened, tcp};
use crate::network::xmpp::error::ConnectError;
use crate::network::xmpp::io::Io;
use crate::network::xmpp::login::way_to_log_in;
use crate::network::xmpp::places::{Place, may_be_in_dns};

/// A server that answers.
pub(super) struct Reached {
    pub(super) place: Place,
    /// None if it does not speak XMPP.
    pub(super) opened: Option<Opened>,
    /// Whether agents would log in there.
    pub(super) is_trusted: bool,
}

/// How long all the places of a domain may take together.
const ALL_PLACES: Duration = Duration::from_secs(8);

/// Finds the server and opens a stream; an error if nobody answers anywhere.
pub(super) async fn reach(
    patient: &Patient,
    ways: &Ways,
    findings: &mut Findings,
) -> Result<Reached, ConnectError> {
    let place = find(patient, &ways.told, findings).await?;
    weigh(patient, &place, findings);
    let name = place.to_string();
    findings.present(Check::Tcp, name.as_str());
    let told = open(&ways.told, &place, &patient.domain).await;
    let (opened, is_trusted) = match told {
        Ok(opened) => (Ok(opened), true),
        // Such a server can still be looked at.
        Err(ConnectError::NoTls { .. }) => (open(&ways.lax, &place, &patient.domain).await, false),
        Err(ConnectError::Certificate { reason, .. }) => {
            findings.broken(Check::Certificate, reason);
            (open(&ways.lax, &place, &patient.domain).await, false)
        }
        Err(error) => (Err(error), false),
    };
    match &opened {
        Ok(opened) => {
            findings.present(Check::Stream, "");
            encryption(patient, ways, &place, opened, findings).await;
            offer(opened, findings);
        }
        Err(error) => findings.broken(Check::Stream, error.to_string()),
    }
    Ok(Reached {
        place,
        opened: opened.ok(),
        is_trusted,
    })
}

/// What depends on how the user wants it.
fn weigh(patient: &Patient, place: &Place, findings: &mut Findings) {
    let encryption = match patient.settings.trust.insecure {
        true => Importance::Optional,
        false => Importance::Required,
    };
    let way = match place.direct_tls {
        true => Check::DirectTls,
        false => Check::StartTls,
    };
    findings.weigh(way, encryption);
    findings.weigh(Check::Certificate, encryption);
    if patient.account.is_some() {
        findings.weigh(Check::Account, Importance::Required);
    }
}

/// The first place that answers.
async fn find(
    patient: &Patient,
    endpoint: &Endpoint,
    findings: &mut Findings,
) -> Result<Place, ConnectError> {
    let domain = &patient.domain;
    let unknown = |reason: &str| ConnectError::UnknownHost {
        host: domain.clone(),
        reason: reason.to_owned(),
    };
    let places = timeout(PATIENCE, endpoint.places(domain)).await;
    let places = places.map_err(|_| unknown("the DNS does not answer"))??;
    let names: Vec<String> = places.list.iter().map(Place::to_string).collect();
    let names = names.join(", ");
    if endpoint.host.is_some() {
        findings.not_checked(Check::Dns, "`--xmpp` says where the server is");
    } else if places.in_dns {
        findings.present(Check::Dns, format!("SRV records name {names}"));
    } else if may_be_in_dns(domain) {
        findings.missing(
            Check::Dns,
            format!("no SRV records, so it is the domain itself: {names}"),
        );
    } else {
        findings.not_checked(Check::Dns, format!("`{domain}` cannot be in the DNS"));
    }
    let mut last = None;
    let first = timeout(ALL_PLACES, async {
        for place in places.list {
            let name = place.to_string();
            match timeout(PATIENCE, tcp(&place, &name)).await {
                Ok(Ok(_)) => return Some(place),
                Ok(Err(error)) => last = Some(error),
                Err(_) => {
                    last = Some(ConnectError::Timeout {
                        place: name,
                        seconds: PATIENCE.as_secs(),
                    });
                }
            }
        }
        None
    });
    match first.await {
        Ok(Some(place)) => Ok(place),
        _ => Err(last.unwrap_or_else(|| unknown("it has no addresses"))),
    }
}

/// Opens a stream, in a time that can be waited for.
pub(super) async fn open(
    endpoint: &Endpoint,
    place: &Place,
    domain: &str,
) -> Result<Opened, ConnectError> {
    let name = place.to_string();
    let opened = timeout(PATIENCE, endpoint.open_at(place, &name, domain)).await;
    opened.unwrap_or_else(|_| {
        Err(ConnectError::Timeout {
            place: name.clone(),
            seconds: PATIENCE.as_secs(),
        })
    })
}

async fn encryption(
    patient: &Patient,
    ways: &Ways,
    place: &Place,
    opened: &Opened,
    findings: &mut Findings,
) {
    let Io::Tls(tls) = &opened.stream.get_stream().io else {
        findings.missing(Check::StartTls, "nothing is encrypted");
        findings.not_checked(Check::TlsVersion, "no TLS");
        findings.not_checked(Check::Certificate, "no TLS");
        return;
    };
    if place.direct_tls {
        findings.present(Check::DirectTls, place.to_string());
        findings.not_checked(Check::StartTls, "TLS begins with the first byte there");
    } else {
        findings.present(Check::StartTls, "");
    }
    let (_, session) = tls.get_ref();
    match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => findings.present(Check::TlsVersion, "TLS 1.3"),
        Some(ProtocolVersion::TLSv1_2) => {
            findings.present(Check::TlsVersion, "TLS 1.2");
            findings.caution(
                Check::TlsVersion,
                "TLS 1.3 is quicker to begin, and logins can be tied to it",
            );
        }
        other => findings.broken(Check::TlsVersion, format!("{other:?}")),
    }
    let certificate = session.peer_certificates().and_then(<[_]>::first);
    let certificate = certificate.and_then(|bytes| Certificate::read(bytes));
    trust(patient, ways, place, certificate.as_ref(), findings).await;
}

/// Less than this, and somebody should think of a new certificate.
const SOON: Duration = Duration::from_secs(30 * DAY);

const DAY: u64 = 24 * 60 * 60;

async fn trust(
    patient: &Patient,
    ways: &Ways,
    place: &Place,
    certificate: Option<&Certificate>,
    findings: &mut Findings,
) {
    let words = certificate.map_or_else(String::new, ToString::to_string);
    if findings.has(Check::Certificate) {
        return findings.append(Check::Certificate, &words);
    }
    if patient.settings.trust.insecure {
        // Agents take it as it is; but is there need to?
        match open(&ways.strict, place, &patient.domain).await {
            Ok(opened) => close(opened.stream).await,
            Err(ConnectError::Certificate { reason, .. }) => {
                let detail = format!("taken all the same, as `--insecure` says: {reason}");
                findings.not_checked(Check::Certificate, detail);
                return findings.append(Check::Certificate, &words);
            }
            Err(error) => return findings.broken(Check::Certificate, error.to_string()),
        }
    }
    findings.present(
        Check::Certificate,
        format!("valid for `{}`", patient.domain),
    );
    findings.append(Check::Certificate, &words);
    let left = certificate.map(|it| it.until.duration_since(SystemTime::now()));
    if let Some(Ok(left)) = left
        && let Some(words) = ends_soon(left)
    {
        findings.caution(Check::Certificate, words);
    }
}

/// What to say of a certificate that is good for so long, if there is need.
fn ends_soon(left: Duration) -> Option<String> {
    let when = match left.as_secs() / DAY {
        _ if left >= SOON => return None,
        0 => "within a day".to_owned(),
        1 => "tomorrow".to_owned(),
        days => format!("in {days} days"),
    };
    Some(format!("it ends {when}: renew it"))
}

/// What the server offers to whoever has not logged in.
fn offer(opened: &Opened, findings: &mut Findings) {
    let offered = opened.features.mechanisms.join(", ");
    match way_to_log_in(opened) {
        Some(way) => {
            findings.present(Check::Login, format!("{way}, of {offered}"));
            if way.ends_with("-PLUS") {
                findings.present(Check::ChannelBinding, "tls-exporter");
            } else if opened.features.tls_exporter {
                findings.missing(Check::ChannelBinding, "only with TLS 1.3");
            } else {
                findings.missing(Check::ChannelBinding, "the server does not offer it");
            }
        }
        None if offered.is_empty() => findings.missing(Check::Login, "the server offers none"),
        None => findings.missing(Check::Login, format!("the server offers only {offered}")),
    }
    match opened.features.register {
        true => findings.present(Check::Registration, "offered, not tried"),
        false => findings.missing(Check::Registration, "the server makes no accounts"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_that_ends_soon_is_told_of() {
        let days = |days: u64| ends_soon(Duration::from_secs(days * DAY));
        assert_eq!(days(30), None);
        assert_eq!(days(29).unwrap(), "it ends in 29 days: renew it");
        assert_eq!(days(1).unwrap(), "it ends tomorrow: renew it");
        assert_eq!(days(0).unwrap(), "it ends within a day: renew it");
    }
}
