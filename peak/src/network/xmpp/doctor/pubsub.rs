//! Publish and subscribe (XEP-0060): a node is made, used, and removed.

use tokio_xmpp::minidom::{Element, ElementBuilder};
use xso::exports::rxml::xml_ncname;

use super::basics::{Services, is_nobody};
use super::findings::{Check, Findings};
use super::session::Session;
use super::throw_away;
use crate::network::xmpp::error::ConnectError;
use crate::network::xmpp::stanza::ns;

pub(super) async fn look(
    session: &mut Session,
    services: &Services,
    findings: &mut Findings,
) -> Result<(), ConnectError> {
    findings.begin(Check::PubSub);
    let Some(service) = &services.pubsub else {
        findings.missing(Check::PubSub, "the server has no service for it");
        return Ok(());
    };
    let node = throw_away();
    let about = |name: &str, space: &'static str| {
        Element::builder(name, space).attr(xml_ncname!("node").to_owned(), node.as_str())
    };
    let within = |act: ElementBuilder| Element::builder("pubsub", ns::PUBSUB).append(act);
    let item = Element::builder("item", ns::PUBSUB)
        .append(Element::bare("doctor", "urn:x-peak:doctor:1"))
        .build();
    let subscribe =
        about("subscribe", ns::PUBSUB).attr(xml_ncname!("jid").to_owned(), session.jid.bare_str());
    let steps = [
        ("make a node", within(about("create", ns::PUBSUB))),
        ("subscribe to a node", within(subscribe)),
        ("publish", within(about("publish", ns::PUBSUB).append(item))),
        (
            "remove its node",
            Element::builder("pubsub", ns::PUBSUB_OWNER).append(about("delete", ns::PUBSUB_OWNER)),
        ),
    ];
    let mut refused = None;
    let mut is_made = false;
    for (act, request) in steps {
        // What was made is removed in any case.
        if refused.is_some() && !(is_made && act == "remove its node") {
            continue;
        }
        match session.ask(Some(service), "set", request).await? {
            Ok(_) => is_made = true,
            Err((condition, _)) if !is_made && is_nobody(&condition) => {
                findings.missing(Check::PubSub, format!("nobody answers as {service}"));
                return Ok(());
            }
            Err((_, words)) => {
                refused.get_or_insert(format!("{service} lets nobody {act}: {words}"));
            }
        }
    }
    match refused {
        None => findings.present(
            Check::PubSub,
            format!("{service}: a node was made, used, and removed"),
        ),
        Some(why) => findings.broken(Check::PubSub, why),
    }
    Ok(())
}
