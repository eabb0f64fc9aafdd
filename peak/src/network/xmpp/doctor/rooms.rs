//! Rooms (XEP-0045): one is made, entered by a second session, and destroyed.

use tokio_xmpp::minidom::Element;
use xso::exports::rxml::xml_ncname;

use super::account::Account;
use super::basics::{Services, is_nobody};
use super::findings::{Check, Findings};
use super::session::{Refusal, Session};
use super::throw_away;
use crate::network::xmpp::error::ConnectError;
use crate::network::xmpp::stanza::ns;
use crate::network::xmpp::stream::iq_error;

pub(super) async fn look(
    session: &mut Session,
    account: &Account<'_>,
    services: &Services,
    findings: &mut Findings,
) -> Result<(), ConnectError> {
    findings.begin(Check::Rooms);
    let Some(service) = &services.rooms else {
        findings.missing(Check::Rooms, "the server has no service for them");
        return Ok(());
    };
    let room = format!("{}@{service}", throw_away());
    match enter(session, &room, "host").await? {
        Ok(()) => {}
        Err((condition, _)) if is_nobody(&condition) => {
            findings.missing(Check::Rooms, format!("nobody answers as {service}"));
            return Ok(());
        }
        Err((_, words)) => {
            let words = format!("{service} lets nobody make one: {words}");
            findings.broken(Check::Rooms, words);
            return Ok(());
        }
    }
    // A room may stay locked until whoever has made it has said how it is to be.
    let entered = match account.log_in_again(&throw_away()).await {
        Ok(mut guest) => {
            let entered = enter(&mut guest, &room, "guest").await;
            guest.close().await;
            entered
        }
        Err(error) => Err(error),
    };
    let end =
        Element::builder("query", ns::MUC_OWNER).append(Element::bare("destroy", ns::MUC_OWNER));
    let destroyed = session.ask(Some(&room), "set", end).await?;
    match (entered, destroyed) {
        (Ok(Ok(())), Ok(_)) => findings.present(
            Check::Rooms,
            format!("{service}: one was made, was open at once, and was destroyed"),
        ),
        (Ok(Err((condition, words))), _) => {
            let why = match condition.as_str() {
                "item-not-found" => "a new room is locked, and nobody can come in",
                _ => "nobody can come into a new room",
            };
            findings.broken(Check::Rooms, format!("{service}: {why}: {words}"));
        }
        (Err(error), _) => findings.broken(Check::Rooms, format!("{service}: {error}")),
        (Ok(Ok(())), Err((_, words))) => findings.broken(
            Check::Rooms,
            format!("{service}: a room cannot be destroyed: {words}"),
        ),
    }
    Ok(())
}

/// Enters a room under this name; makes it if there is none.
async fn enter(
    session: &mut Session,
    room: &str,
    nick: &str,
) -> Result<Result<(), Refusal>, ConnectError> {
    let address = format!("{room}/{nick}");
    let presence = Element::builder("presence", ns::CLIENT)
        .attr(xml_ncname!("to").to_owned(), address.as_str())
        .append(Element::bare("x", ns::MUC))
        .build();
    session.say(&presence).await?;
    // A refusal may come from the room itself.
    let answer = session.presence_of(&[&address, room]).await?;
    Ok(match answer.attr("type") {
        None => Ok(()),
        Some(_) => Err(iq_error(&answer)),
    })
}
