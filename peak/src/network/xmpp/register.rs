//! Making an account (XEP-0077), before logging in.

use tokio_xmpp::minidom::Element;

use super::connect::Opened;
use super::error::ConnectError;
use super::stanza::{iq, ns};
use super::stream::{Talk, iq_error};
use crate::message::Jid;

/// What became of it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Registered {
    Done,
    /// There is such an account already.
    Exists,
}

/// Has the server make an account on a stream on which nobody has logged in yet.
pub(super) async fn register(
    opened: &mut Opened,
    jid: &Jid,
    password: &str,
) -> Result<Registered, ConnectError> {
    let place = opened.place.clone();
    let refused = |reason: String| ConnectError::NoRegistration {
        place: place.clone(),
        jid: jid.bare(),
        reason,
    };
    let mut talk = Talk::new(&mut opened.stream, &place);
    let query = Element::builder("query", ns::REGISTER)
        .append(text("username", jid.local().unwrap_or_default()))
        .append(text("password", password));
    let request = iq(ns::CLIENT, "set", "register").append(query).build();
    match talk.ask("register", request).await? {
        Ok(_) => Ok(Registered::Done),
        Err(answer) => match iq_error(&answer) {
            (condition, _) if condition == "conflict" => Ok(Registered::Exists),
            (condition, _) if condition == "service-unavailable" => {
                Err(refused("registration is closed there".to_owned()))
            }
            (condition, words) if condition == "resource-constraint" => Err(refused(format!(
                "too many accounts in a short time, says the server: {words}"
            ))),
            (_, words) => Err(refused(words)),
        },
    }
}

fn text(name: &str, text: &str) -> Element {
    Element::builder(name, ns::REGISTER).append(text).build()
}
