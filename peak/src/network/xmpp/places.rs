//! Where a domain's XMPP server is (RFC 6120, section 3.2; XEP-0368).

use std::net::IpAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::RData;
use rand::RngExt as _;

use super::error::ConnectError;

/// A host and port to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) host: String,
    pub(super) port: u16,
    /// TLS from the first byte, and not by STARTTLS.
    pub(super) direct_tls: bool,
}

/// Where a server may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Places {
    /// The best first; at least one.
    pub(super) list: Vec<Place>,
    /// Whether the domain names them in the DNS.
    pub(super) in_dns: bool,
}

impl Places {
    fn only(place: Place) -> Self {
        Self {
            list: vec![place],
            in_dns: false,
        }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "[{}]:{}", self.host, self.port),
            false => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

/// The port of clients, and the one for TLS from the first byte.
pub(super) fn default_port(direct_tls: bool) -> u16 {
    if direct_tls { 5223 } else { 5222 }
}

/// How long the name service may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// The places that a domain names in the DNS, the best first; the domain itself if it names none.
pub(super) async fn of_domain(domain: &str, direct_tls: bool) -> Result<Places, ConnectError> {
    let itself = Place {
        host: domain.to_owned(),
        port: default_port(direct_tls),
        direct_tls,
    };
    if !may_be_in_dns(domain) {
        return Ok(Places::only(itself));
    }
    let resolver = match TokioResolver::builder_tokio().and_then(|builder| builder.build()) {
        Ok(resolver) => resolver,
        Err(error) => {
            tracing::debug!("no name server is configured ({error}): `{domain}` is tried itself");
            return Ok(Places::only(itself));
        }
    };
    let services = match direct_tls {
        true => [Some(("_xmpps-client", true)), None],
        false => [Some(("_xmpp-client", false)), Some(("_xmpps-client", true))],
    };
    let mut found = Vec::new();
    let mut refused = false;
    for (service, direct_tls) in services.into_iter().flatten() {
        let name = format!("{service}._tcp.{domain}.");
        let Ok(Ok(answer)) = tokio::time::timeout(PATIENCE, resolver.srv_lookup(name)).await else {
            continue;
        };
        for record in answer.answers() {
            let RData::SRV(srv) = &record.data else {
                continue;
            };
            let host = srv.target.to_utf8();
            let host = host.trim_end_matches('.');
            if host.is_empty() {
                // The domain says that it has no such service.
                refused = true;
                continue;
            }
            let place = Place {
                host: host.to_owned(),
                port: srv.port,
                direct_tls,
            };
            found.push((srv.priority, srv.weight, place));
        }
    }
    if found.is_empty() && refused {
        return Err(ConnectError::UnknownHost {
            host: domain.to_owned(),
            reason: "the domain says in the DNS that it has no XMPP service".to_owned(),
        });
    }
    Ok(if found.is_empty() {
        Places::only(itself)
    } else {
        Places {
            list: in_order(found),
            in_dns: true,
        }
    })
}

/// Addresses and the names of single machines are not in the DNS.
pub(super) fn may_be_in_dns(domain: &str) -> bool {
    domain.parse::<IpAddr>().is_err() && domain.contains('.')
}

/// By priority, and within one at random, the heavier the likelier (RFC 2782).
fn in_order(mut found: Vec<(u16, u16, Place)>) -> Vec<Place> {
    let mut rng = rand::rng();
    let mut keyed: Vec<(u16, f64, Place)> = found
        .drain(..)
        .map(|(priority, weight, place)| {
            let draw: f64 = rng.random_range(f64::EPSILON..1.0);
            (priority, -draw.ln() / f64::from(weight.max(1)), place)
        })
        .collect();
    keyed.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    keyed.into_iter().map(|(_, _, place)| place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(host: &str) -> Place {
        Place {
            host: host.to_owned(),
            port: 5222,
            direct_tls: false,
        }
    }

    #[test]
    fn priorities_come_first_and_weights_are_chances() {
        let mut first = 0;
        for _ in 0..1000 {
            let found = vec![
                (20, 0, place("last")),
                (10, 90, place("heavy")),
                (10, 10, place("light")),
            ];
            let order = in_order(found);
            assert_eq!(order[2].host, "last");
            first += usize::from(order[0].host == "heavy");
        }
        assert!((800..980).contains(&first), "{first}");
    }

    #[test]
    fn an_address_of_version_6_stands_in_brackets() {
        assert_eq!(place("::1").to_string(), "[::1]:5222");
        assert_eq!(place("localhost").to_string(), "localhost:5222");
    }

    #[tokio::test]
    async fn what_is_not_in_the_dns_is_taken_as_it_is() {
        for (domain, direct_tls, port) in [("localhost", false, 5222), ("127.0.0.1", true, 5223)] {
            let places = of_domain(domain, direct_tls).await.unwrap();
            let [place] = &places.list[..] else {
                panic!("{places:?}");
            };
            assert_eq!((place.host.as_str(), place.port), (domain, port));
            assert!(!places.in_dns);
        }
    }
}
