//! From a login to a session: a resource (RFC 6120, section 7), and stream management (XEP-0198).

use std::collections::VecDeque;

use tokio_xmpp::minidom::Element;
use xso::exports::rxml::xml_ncname;

use super::error::ConnectError;
use super::features::Features;
use super::stanza::{Incoming, iq, ns};
use super::stream::{Stream, Talk, iq_error};
use crate::message::Jid;

/// The server's name for a session that can be taken up again when its connection has broken.
#[derive(Debug, Clone)]
pub(super) struct Resumable(String);

/// How a session stands once it is set up.
pub(super) enum Session {
    /// It is new.
    New {
        /// Whether stanzas are acknowledged.
        acknowledged: bool,
        /// Set if it can be resumed.
        resumable: Option<Resumable>,
        /// What came while it was set up. The server does not count it.
        early: VecDeque<Incoming>,
    },
    /// It goes on; the server has handled this many stanzas of ours.
    Resumed { handled: u32 },
}

/// Takes up the session again, if there is one and the server still knows it; else begins one with
/// this very resource.
pub(super) async fn set_up(
    stream: &mut Stream,
    place: &str,
    features: &Features,
    jid: &Jid,
    resume: Option<(&Resumable, u32)>,
) -> Result<Session, ConnectError> {
    let mut talk = Talk::new(stream, place);
    if let Some((resumable, handled)) = resume
        && features.stream_management
    {
        let resume = Element::builder("resume", ns::SM)
            .attr(xml_ncname!("previd").to_owned(), resumable.0.as_str())
            .attr(xml_ncname!("h").to_owned(), handled)
            .build();
        talk.say(&resume).await?;
        let answer = talk.hear_if(is_managing).await?;
        if answer.is("resumed", ns::SM) {
            let handled = count(&answer).unwrap_or(0);
            return Ok(Session::Resumed { handled });
        }
        let reason = answer.children().next().map_or("", Element::name);
        tracing::debug!("the session of {jid} cannot be resumed ({reason}): a new one begins");
    }
    bind(&mut talk, features, jid).await?;
    let mut enabled = None;
    if features.stream_management {
        let enable = Element::builder("enable", ns::SM)
            .attr(xml_ncname!("resume").to_owned(), "true")
            .build();
        talk.say(&enable).await?;
        let answer = talk.hear_if(is_managing).await?;
        enabled = Some(answer).filter(|answer| answer.is("enabled", ns::SM));
    }
    let id = enabled.as_ref().and_then(|enabled| {
        let may_resume = matches!(enabled.attr("resume"), Some("true" | "1"));
        enabled.attr("id").filter(|_| may_resume)
    });
    Ok(Session::New {
        acknowledged: enabled.is_some(),
        resumable: id.map(|id| Resumable(id.to_owned())),
        early: talk.into_early(),
    })
}

/// Whether it is of stream management, and no question: others may already send us stanzas.
fn is_managing(element: &Element) -> bool {
    element.ns() == ns::SM && element.name() != "r"
}

/// The count in an element of stream management.
pub(super) fn count(element: &Element) -> Option<u32> {
    element.attr("h")?.parse().ok()
}

async fn bind(talk: &mut Talk<'_>, features: &Features, jid: &Jid) -> Result<(), ConnectError> {
    if !features.bind {
        return Err(ConnectError::protocol(
            talk.place,
            "it lets us log in, and gives no resource to talk from",
        ));
    }
    let resource = Element::builder("resource", ns::BIND)
        .append(jid.resource().unwrap_or_default())
        .build();
    let request = iq(ns::CLIENT, "set", "bind")
        .append(Element::builder("bind", ns::BIND).append(resource))
        .build();
    let answer = talk.ask("bind", request).await?.map_err(|answer| {
        let (condition, words) = iq_error(&answer);
        match condition.as_str() {
            "conflict" => ConnectError::Replaced { jid: jid.clone() },
            _ => ConnectError::protocol(talk.place, format!("no resource for `{jid}`: {words}")),
        }
    })?;
    let bound = answer
        .get_child("bind", ns::BIND)
        .and_then(|bind| bind.get_child("jid", ns::BIND))
        .map(Element::text);
    let bound: Option<Jid> = bound.and_then(|text| text.parse().ok());
    match bound {
        // The address is known to others before it is bound, so it must be the very one.
        Some(bound) if bound != *jid => Err(ConnectError::protocol(
            talk.place,
            format!("it gives the address `{bound}` where `{jid}` was asked for"),
        )),
        _ => Ok(()),
    }
}
