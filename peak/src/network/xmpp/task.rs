//! The task behind a line: it works on the connection, and restores it when it breaks.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use tokio::time::Instant;
use tokio_xmpp::minidom::Element;

use super::account::Account;
use super::component::ComponentAccess;
use super::error::ConnectError;
use super::line::{Line, LineEnd};
use super::outbox::Out;
use super::presence::TO_ALL;
use super::roster::Roster;
use super::serve::{Acks, End, Session};
use super::setup;
use super::stanza::ns;
use super::wire::Wire;
use crate::message::{ConnectionChange, Message, News};
use crate::network::Undelivered;

/// How a line gets its connection.
#[derive(Debug)]
pub(super) enum Access {
    Account(Box<Account>),
    Component(Box<ComponentAccess>),
}

/// The first pause between two attempts, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// A connection that stood so long was no failure.
const LASTING: Duration = Duration::from_secs(10);

/// Brings up a line; an error is one of the start, not something to be waited out.
pub(super) async fn establish(
    access: &Access,
    session: &mut Session,
) -> Result<Wire, ConnectError> {
    match access {
        Access::Component(component) => {
            let stream = component.establish().await?;
            session.begin(Acks::Ping);
            for greeting in session.line.greetings() {
                session.say(greeting);
            }
            Ok(Wire::new(stream, ns::COMPONENT))
        }
        Access::Account(account) => {
            let resume = session.resumable.clone();
            let resume = resume.as_ref().map(|it| (it, session.handled));
            let (stream, set_up) = account.establish(resume).await?;
            match set_up {
                setup::Session::Resumed { handled } => session.resume(handled),
                setup::Session::New {
                    acknowledged,
                    resumable,
                    early,
                } => {
                    session.begin(match acknowledged {
                        true => Acks::Managed,
                        false => Acks::Ping,
                    });
                    session.resumable = resumable;
                    session.early = early;
                    let line = Arc::clone(&session.line);
                    let greeting = line.roster().map(Roster::greeting);
                    for stanza in greeting.into_iter().flatten() {
                        session.say(stanza);
                    }
                }
            }
            Ok(Wire::new(stream, ns::CLIENT))
        }
    }
}

/// Works until the line is closed, or must be given up.
pub(super) async fn run(access: Access, mut session: Session, mut wire: Wire) {
    let line = Arc::clone(&session.line);
    let mut pause = FIRST_PAUSE;
    loop {
        let begin = Instant::now();
        let end = session.serve(&mut wire).await;
        if begin.elapsed() > LASTING {
            pause = FIRST_PAUSE;
        }
        line.outbox().set_online(false);
        match end {
            End::Closed => {
                // What the server thinks unhandled it gives back to the senders.
                let is_managed = session.acks == Acks::Managed;
                let last = is_managed.then(|| session.acknowledgement());
                Box::pin(say_goodbye(&line, wire, last)).await;
                give_up(&mut session, "the connection is closed");
                return;
            }
            End::Replaced => {
                let error = ConnectError::Replaced {
                    jid: line.jid().clone(),
                };
                tracing::error!(agent = %line.jid(), "{error}");
                lost(&line, error.to_string());
                give_up(&mut session, &error.to_string());
                return;
            }
            End::Lost(reason) => {
                drop(wire);
                tracing::warn!(agent = %line.jid(), "the connection is lost: {reason}");
                lost(&line, reason);
            }
        }
        // Boxed, as the goodbye above: a line that stands does not carry the room for either.
        wire = match Box::pin(restore(&access, &mut session, &mut pause)).await {
            Ok(Some(wire)) => wire,
            Ok(None) => {
                give_up(
                    &mut session,
                    "the agent ended while there was no connection",
                );
                return;
            }
            Err(error) => {
                tracing::error!(agent = %line.jid(), "the connection is given up: {error}");
                give_up(&mut session, &error.to_string());
                return;
            }
        };
        line.outbox().set_online(true);
        tracing::info!(agent = %line.jid(), "the connection is restored");
        line.tell(&News::Connection(ConnectionChange::Restored));
    }
}

fn lost(line: &Line, reason: String) {
    line.tell(&News::Connection(ConnectionChange::Lost { reason }));
}

/// Connects again, for as long as it takes; nothing if the line is closed meanwhile.
async fn restore(
    access: &Access,
    session: &mut Session,
    pause: &mut Duration,
) -> Result<Option<Wire>, ConnectError> {
    let line = Arc::clone(&session.line);
    let mut told = false;
    loop {
        // Not all at once, after a server that has many of us was away.
        let share = rand::rng().random_range(0.5..1.0);
        let now = *pause;
        *pause = (now * 2).min(LONGEST_PAUSE);
        let attempt = async {
            tokio::time::sleep(now.mul_f64(share)).await;
            establish(access, session).await
        };
        let closing = std::future::poll_fn(|cx| line.outbox().poll_closing(cx));
        let attempt = tokio::select! {
            attempt = attempt => attempt,
            () = closing => return Ok(None),
        };
        match attempt {
            Ok(wire) => return Ok(Some(wire)),
            Err(error) if error.is_final() => return Err(error),
            Err(error) => {
                // Loud once, and then in a whisper.
                if std::mem::replace(&mut told, true) {
                    tracing::debug!(agent = %line.jid(), "not connected again yet: {error}");
                } else {
                    tracing::warn!(agent = %line.jid(), "not connected again yet: {error}");
                }
            }
        }
    }
}

async fn say_goodbye(line: &Line, mut wire: Wire, last: Option<Element>) {
    // The server says that an agent goes for who does not.
    let unavailable = match line.end {
        LineEnd::Agent { .. } => Some(TO_ALL.typed("unavailable")),
        LineEnd::Component { .. } => None,
    };
    for words in last.iter().chain(&unavailable) {
        wire.write(words);
    }
    wire.close().await;
}

/// Nothing goes out any more: whoever has sent what is left learns of it.
fn give_up(session: &mut Session, reason: &str) {
    let line = Arc::clone(&session.line);
    let mut left = session.flight.give_up();
    left.extend(line.outbox().end(reason.to_owned()));
    let waiting = session.retries.give_up().into_iter();
    left.extend(waiting.map(|(number, message)| Out::Message(number, message)));
    let messages: Vec<Message> = left
        .into_iter()
        .filter_map(|out| match out {
            Out::Message(_, message) => Some(message),
            Out::Element(_) | Out::Answer(_) | Out::Returned => None,
        })
        .collect();
    if !messages.is_empty() {
        let count = messages.len();
        tracing::warn!(agent = %line.jid(), "{count} messages were not acknowledged, and may be lost: {reason}");
    }
    for message in messages {
        line.undelivered(message, Undelivered::Refused(reason.to_owned()));
    }
}
