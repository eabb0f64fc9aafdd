//! Logging in: SASL (RFC 6120, section 6), SCRAM where the server has it, PLAIN over TLS only.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sasl::client::Mechanism;
use sasl::client::mechanisms::{Plain, Scram};
use sasl::common::scram::{Sha1, Sha256};
use sasl::common::{ChannelBinding, Credentials};
use tokio_xmpp::minidom::Element;
use xso::exports::rxml::xml_ncname;

use super::connect::{Opened, restarted};
use super::error::ConnectError;
use super::features::Features;
use super::stanza::ns;
use super::stream::{Stream, Talk, condition_and_words};
use crate::message::Jid;

type BoxMechanism = Box<dyn Mechanism + Send + Sync>;

/// More rounds of hashing than this are an attack on our processor.
const MAX_ITERATIONS: u32 = 500_000;

/// Logs in. The stream begins anew, with the features of those who are known.
pub(super) async fn log_in(
    opened: Opened,
    jid: &Jid,
    password: &str,
) -> Result<(Features, Stream), ConnectError> {
    let Opened {
        mut stream,
        features,
        place,
        is_encrypted,
        binding,
    } = opened;
    let binding = match features.tls_exporter {
        true => binding,
        false => ChannelBinding::None,
    };
    let local = jid.local().unwrap_or_default();
    let offers = |name: &str| features.mechanisms.iter().any(|offered| offered == name);
    let Some(mechanism) = mechanism(local, password, binding, is_encrypted, offers) else {
        return Err(ConnectError::NoMechanism {
            place,
            offered: features.mechanisms,
        });
    };
    let mut talk = Talk::new(&mut stream, &place);
    exchange(&mut talk, mechanism, jid).await?;
    restarted(stream, &place, jid.domain()).await
}

/// The name of the best way to log in that both sides know.
#[cfg(feature = "cli")]
pub(super) fn way_to_log_in(opened: &Opened) -> Option<String> {
    let features = &opened.features;
    let binding = match features.tls_exporter {
        true => opened.binding.clone(),
        false => ChannelBinding::None,
    };
    let offers = |name: &str| features.mechanisms.iter().any(|offered| offered == name);
    let way = mechanism("", "", binding, opened.is_encrypted, offers)?;
    Some(way.name().to_owned())
}

/// The best way to log in that both sides know.
fn mechanism(
    local: &str,
    password: &str,
    binding: ChannelBinding,
    is_encrypted: bool,
    offers: impl Fn(&str) -> bool,
) -> Option<BoxMechanism> {
    // The name stands among commas and equal signs (RFC 5802, section 5.1).
    let escaped = local.replace('=', "=3D").replace(',', "=2C");
    let credentials = |binding: ChannelBinding| {
        Credentials::default()
            .with_username(escaped.as_str())
            .with_password(password)
            .with_channel_binding(binding)
    };
    let mut ways: Vec<Option<BoxMechanism>> = Vec::new();
    let mut bindings = vec![ChannelBinding::None];
    if binding != ChannelBinding::None {
        bindings.insert(0, binding);
    }
    for binding in bindings {
        ways.push(boxed(Scram::<Sha256>::from_credentials(credentials(
            binding.clone(),
        ))));
        ways.push(boxed(Scram::<Sha1>::from_credentials(credentials(binding))));
    }
    if is_encrypted {
        ways.push(Some(Box::new(Plain::new(local, password))));
    }
    ways.into_iter().flatten().find(|way| offers(way.name()))
}

fn boxed<M: Mechanism + Send + Sync + 'static, E>(made: Result<M, E>) -> Option<BoxMechanism> {
    made.ok()
        .map(|mechanism| Box::new(mechanism) as BoxMechanism)
}

async fn exchange(
    talk: &mut Talk<'_>,
    mut mechanism: BoxMechanism,
    jid: &Jid,
) -> Result<(), ConnectError> {
    let initial = mechanism.initial();
    let auth = Element::builder("auth", ns::SASL)
        .attr(xml_ncname!("mechanism").to_owned(), mechanism.name())
        .append(encoded(&initial))
        .build();
    talk.say(&auth).await?;
    loop {
        let answer = talk.hear().await?;
        if answer.ns() != ns::SASL {
            continue;
        }
        let untrue = |what: &dyn std::fmt::Display| {
            ConnectError::protocol(
                talk.place,
                format!("its part of the login is wrong: {what}"),
            )
        };
        let data = match answer.text().as_str() {
            "" | "=" => Vec::new(),
            text => BASE64_STANDARD
                .decode(text)
                .map_err(|error| untrue(&error))?,
        };
        match answer.name() {
            "challenge" => {
                if iterations(&data).is_some_and(|rounds| rounds > MAX_ITERATIONS) {
                    return Err(untrue(&"it asks for too many rounds of hashing"));
                }
                let response = mechanism.response(&data).map_err(|error| untrue(&error))?;
                let response = Element::builder("response", ns::SASL)
                    .append(encoded(&response))
                    .build();
                talk.say(&response).await?;
            }
            "success" => {
                // It shows that the server, too, knows the password.
                return mechanism.success(&data).map_err(|error| untrue(&error));
            }
            "failure" => {
                let (_, reason) = condition_and_words(&answer, ns::SASL, "no reason given");
                let is_temporary = answer.has_child("temporary-auth-failure", ns::SASL);
                return Err(match is_temporary {
                    true => ConnectError::Broken {
                        place: talk.place.to_owned(),
                        reason: format!("it cannot let anybody log in just now: {reason}"),
                    },
                    false => ConnectError::WrongPassword {
                        jid: jid.bare(),
                        reason,
                    },
                });
            }
            _ => {}
        }
    }
}

fn encoded(data: &[u8]) -> String {
    match data {
        [] => "=".to_owned(),
        data => BASE64_STANDARD.encode(data),
    }
}

/// The rounds that a challenge of SCRAM asks for.
fn iterations(challenge: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(challenge).ok()?;
    let rounds = text.split(',').find_map(|part| part.strip_prefix("i="))?;
    Some(rounds.parse().unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(offered: &[&str], binding: ChannelBinding, is_encrypted: bool) -> Option<String> {
        let offers = |name: &str| offered.contains(&name);
        mechanism("bob", "secret", binding, is_encrypted, offers).map(|way| way.name().to_owned())
    }

    #[test]
    fn the_strongest_way_is_chosen_and_plain_only_when_encrypted() {
        let all = [
            "PLAIN",
            "SCRAM-SHA-1",
            "SCRAM-SHA-256",
            "SCRAM-SHA-256-PLUS",
        ];
        let exporter = ChannelBinding::TlsExporter(vec![1]);
        assert_eq!(
            chosen(&all, exporter.clone(), true).unwrap(),
            "SCRAM-SHA-256-PLUS"
        );
        assert_eq!(
            chosen(&all, ChannelBinding::None, true).unwrap(),
            "SCRAM-SHA-256"
        );
        assert_eq!(chosen(&all[..2], exporter, true).unwrap(), "SCRAM-SHA-1");
        assert_eq!(
            chosen(&all[..1], ChannelBinding::None, true).unwrap(),
            "PLAIN"
        );
        assert_eq!(chosen(&all[..1], ChannelBinding::None, false), None);
        assert_eq!(chosen(&[], ChannelBinding::None, true), None);
    }

    #[test]
    fn too_many_rounds_are_seen() {
        assert_eq!(iterations(b"r=abc,s=c2FsdA==,i=4096"), Some(4096));
        assert_eq!(iterations(b"r=abc,i=99999999999999"), Some(u32::MAX));
        assert_eq!(iterations(b"r=abc"), None);
        assert_eq!(iterations(&[0xFF]), None);
    }
}
