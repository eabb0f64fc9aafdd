//! What is logged of messages: at debug level who sends what to whom, at trace level also what it
//! says. Bodies are nowhere else in a log: they may be large, or private.

use tracing::Level;
use tracing::level_filters::LevelFilter;

use super::{Jid, Message};

/// Whether anybody wants to know of messages; a look at one number if not.
#[inline]
pub(crate) fn is_wanted() -> bool {
    // Nearly always this is all there is to it.
    LevelFilter::current() >= LevelFilter::DEBUG && is_enabled()
}

#[cold]
fn is_enabled() -> bool {
    tracing::enabled!(Level::DEBUG)
}

/// Logs a message that its sender, which is filled in, gives to the network.
#[inline]
pub(crate) fn sending(message: &Message) {
    if is_wanted() {
        sent(message);
    }
}

#[cold]
fn sent(message: &Message) {
    tracing::debug!(
        agent = message.sender().map(tracing::field::display),
        to = message.to().map(tracing::field::display),
        performative = message.performative().map(tracing::field::display),
        "conversation-id" = message.conversation_id(),
        size = size(message),
        "sending"
    );
    body(message.sender(), message, "what is sent");
}

/// Logs a message that has reached an agent.
#[cold]
pub(crate) fn received(by: &Jid, message: &Message) {
    tracing::debug!(
        agent = %by,
        from = message.sender().map(tracing::field::display),
        performative = message.performative().map(tracing::field::display),
        "conversation-id" = message.conversation_id(),
        size = size(message),
        "received"
    );
    body(Some(by), message, "what is received");
}

/// The bytes of the body. A value is written as JSON for this, as it will be for most receivers.
fn size(message: &Message) -> usize {
    message.body().map_or(0, str::len)
}

fn body(agent: Option<&Jid>, message: &Message, what: &str) {
    let agent = agent.map(tracing::field::display);
    tracing::trace!(agent, body = message.body(), "{what}");
}
