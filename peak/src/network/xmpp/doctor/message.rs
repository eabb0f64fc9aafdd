//! A message to oneself, which must come back as it was.

use super::findings::{Check, Findings};
use super::session::Session;
use crate::message::{Message, Performative};
use crate::network::xmpp::error::ConnectError;
use crate::network::xmpp::stanza::MessageKind;

/// What is easily lost on the way.
const BODY: &str = "to < be & \"not\" to be\n  – ångström, 気, 🦀";

pub(super) async fn to_oneself(
    session: &mut Session,
    findings: &mut Findings,
) -> Result<(), ConnectError> {
    findings.begin(Check::Message);
    let sent = Message::new(session.jid.clone())
        .with_performative(Performative::Inform)
        .with_ontology("peak-doctor")
        .with_conversation_id("a<b>&c")
        .with_thread("thread of the doctor")
        .with_metadata("doctor", BODY)
        .text(BODY);
    let back = session.send(&super::throw_away(), &sent).await?;
    if back.kind == MessageKind::Error {
        let why = back.error.unwrap_or_default();
        findings.broken(Check::Message, format!("it comes back: {why}"));
        return Ok(());
    }
    match difference(&sent, &back.message) {
        None => findings.present(Check::Message, "it arrives as it was sent"),
        Some(part) => findings.broken(
            Check::Message,
            format!("it arrives, but its {part} is another"),
        ),
    }
    Ok(())
}

/// The part of a message that is not what it was.
fn difference(sent: &Message, back: &Message) -> Option<&'static str> {
    let parts = [
        ("body", sent.body() == back.body()),
        ("performative", sent.performative() == back.performative()),
        ("ontology", sent.ontology() == back.ontology()),
        (
            "conversation",
            sent.conversation_id() == back.conversation_id(),
        ),
        ("thread", sent.thread() == back.thread()),
        (
            "metadata",
            sent.metadata_entries().eq(back.metadata_entries()),
        ),
        ("sender", back.sender() == sent.to()),
    ];
    let mut parts = parts.into_iter();
    parts.find_map(|(part, same)| (!same).then_some(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_lost_on_the_way_is_named() {
        let message = |body: &str| {
            let mut message = Message::inform("a@b/c").with_ontology("x").text(body);
            message.set_sender("a@b/c".parse().unwrap());
            message
        };
        assert_eq!(difference(&message("x"), &message("x")), None);
        assert_eq!(difference(&message("x"), &message("y")), Some("body"));
        let plain = message("x").with_ontology("y");
        assert_eq!(difference(&message("x"), &plain), Some("ontology"));
    }
}
