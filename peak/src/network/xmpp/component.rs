//! A component (XEP-0114): one connection for all agents of a domain.

use std::time::Duration;

use sha1::{Digest as _, Sha1};
use tokio_xmpp::minidom::Element;

use super::connect::{Endpoint, in_time};
use super::credentials::Secret;
use super::error::ConnectError;
use super::stanza::ns;
use super::stream::{Stream, Talk};

/// How often, and after which pause, a server is asked that knows another connection of ours.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);

/// How a component is reached.
#[derive(Debug, Clone)]
pub(super) struct ComponentAccess {
    pub(super) domain: String,
    pub(super) secret: Secret,
    pub(super) endpoint: Endpoint,
}

impl ComponentAccess {
    /// Connects and shows that the secret is known. A server may not have noticed yet that the last
    /// connection of this component has ended: it is asked again, for a moment.
    pub(super) async fn establish(&self) -> Result<Stream, ConnectError> {
        let mut tries = 0;
        loop {
            match self.establish_once().await {
                Err(ConnectError::Component { reason, .. })
                    if reason.contains("conflict") && tries < TRIES =>
                {
                    tries += 1;
                    tokio::time::sleep(PAUSE).await;
                }
                result => return result,
            }
        }
    }

    async fn establish_once(&self) -> Result<Stream, ConnectError> {
        let (mut stream, id, place) = self.endpoint.open_component(&self.domain).await?;
        let refused = |reason: String| ConnectError::Component {
            place: place.clone(),
            domain: self.domain.clone(),
            reason,
        };
        let mut talk = Talk::new(&mut stream, &place);
        let proof = proof(&id, self.secret.expose());
        let handshake = Element::builder("handshake", ns::COMPONENT)
            .append(proof)
            .build();
        let answer = in_time(&place, async {
            talk.say(&handshake).await?;
            talk.hear().await
        });
        match answer.await {
            Ok(answer) if answer.name() == "handshake" => Ok(stream),
            Ok(answer) => Err(refused(format!("it answers `{}`", answer.name()))),
            Err(ConnectError::Stream { reason, .. }) => Err(refused(reason)),
            Err(error) => Err(error),
        }
    }
}

/// The stream's id and the secret, hashed (XEP-0114, section 3).
fn proof(id: &str, secret: &str) -> String {
    let mut hash = Sha1::new();
    hash.update(id.as_bytes());
    hash.update(secret.as_bytes());
    let digest = hash.finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_proof_is_the_one_of_the_specification() {
        // Of the examples in XEP-0114: id 3BF96D32, secret `test`.
        assert_eq!(
            proof("3BF96D32", "test"),
            "aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e"
        );
    }
}
