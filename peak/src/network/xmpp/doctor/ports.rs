//! What else listens on the server's host: TLS from the first byte on, and components.

use tokio::time::timeout;

use super::close::close;
use super::findings::{Check, Findings};
use super::{PATIENCE, Patient, Ways, reach};
use crate::network::xmpp::component::ComponentAccess;
use crate::network::xmpp::connect::tcp;
use crate::network::xmpp::error::ConnectError;
use crate::network::xmpp::places::Place;

/// Looks at both, beside the place for clients.
pub(super) async fn look(patient: &Patient, ways: &Ways, place: &Place, findings: &mut Findings) {
    if !place.direct_tls {
        direct_tls(patient, ways, &place.host, findings).await;
    }
    component(patient, ways, &place.host, findings).await;
}

async fn direct_tls(patient: &Patient, ways: &Ways, host: &str, findings: &mut Findings) {
    let place = Place {
        host: host.to_owned(),
        port: patient.tls_port,
        direct_tls: true,
    };
    let name = place.to_string();
    // Who vouches for the server is the matter of another check.
    match listening(&place, &name).await {
        Err(why) => findings.missing(Check::DirectTls, why),
        Ok(()) => match reach::open(&ways.lax, &place, &patient.domain).await {
            Ok(opened) => {
                close(opened.stream).await;
                findings.present(Check::DirectTls, name);
            }
            Err(error) => findings.broken(Check::DirectTls, error.to_string()),
        },
    }
}

async fn component(patient: &Patient, ways: &Ways, host: &str, findings: &mut Findings) {
    let place = Place {
        host: host.to_owned(),
        port: patient.component_port,
        direct_tls: false,
    };
    let name = place.to_string();
    if let Err(why) = listening(&place, &name).await {
        return findings.missing(Check::Component, why);
    }
    let mut endpoint = ways.told.clone();
    (endpoint.host, endpoint.port) = (Some(place.host), Some(place.port));
    let ended = match &patient.component {
        Some(component) => {
            let access = ComponentAccess {
                domain: component.domain.clone(),
                secret: component.secret.clone(),
                endpoint,
            };
            let detail = format!("{name} takes `{}`", component.domain);
            let established = timeout(PATIENCE, access.establish()).await;
            established.map(|stream| stream.map(|stream| (stream, detail)))
        }
        None => {
            let detail = format!("{name} is open; `--component DOMAIN` tries a login");
            let opened = timeout(PATIENCE, endpoint.open_component(&patient.domain)).await;
            opened.map(|opened| opened.map(|(stream, ..)| (stream, detail)))
        }
    };
    match ended {
        Ok(Ok((stream, detail))) => {
            close(stream).await;
            findings.present(Check::Component, detail);
        }
        Ok(Err(error)) => findings.broken(Check::Component, error.to_string()),
        Err(_) => findings.broken(Check::Component, silence(&name)),
    }
}

/// Whether anybody listens there; else why not.
async fn listening(place: &Place, name: &str) -> Result<(), String> {
    match timeout(PATIENCE, tcp(place, name)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(ConnectError::Unreachable { reason, .. })) => {
            Err(format!("nobody answers at {name}: {reason}"))
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(silence(name)),
    }
}

fn silence(name: &str) -> String {
    ConnectError::Timeout {
        place: name.to_owned(),
        seconds: PATIENCE.as_secs(),
    }
    .to_string()
}
