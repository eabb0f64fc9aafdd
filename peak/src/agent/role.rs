//! Roles: what an agent plays in conversations that take several messages, see [`protocol`](crate::protocol).
//!
//! The agent's own task asks its roles first, then its handlers: a message that belongs to a conversation
//! of a role is the role's, whatever else it may look like.

use std::fmt;

use tokio::time::Instant;

use super::{Agent, Context, Outcome};
use crate::message::{Message, Template};
use crate::network::BoxFuture;

/// One role of one agent, with the conversations in which it is played.
///
/// Everything runs on the agent's own task, where panics are caught and stops interrupt what waits.
pub(crate) trait Playing<A: Agent>: Send {
    /// The name in logs.
    fn name(&self) -> &'static str;

    /// Whether the message opens a conversation of this role, or belongs to one.
    fn takes(&self, message: &Message) -> bool;

    /// Whether something that this agent has said, and that has come back, was said in a conversation of this role.
    /// It is asked only if [`keep_returned`](crate::network::Inbox::keep_returned) was called.
    fn takes_returned(&self, news: &Message) -> bool {
        let _ = news;
        false
    }

    /// Plays on, with a message that it takes, or the news of one that has come back.
    fn handle<'a>(
        &'a mut self,
        agent: &'a mut A,
        ctx: &'a Context<A>,
        message: &'a Message,
    ) -> BoxFuture<'a, Outcome>;

    /// When the next conversation lapses, if one may.
    fn due(&self) -> Option<Instant> {
        None
    }

    /// Ends a conversation that has lapsed; whether there was one.
    fn lapse<'a>(
        &'a mut self,
        agent: &'a mut A,
        ctx: &'a Context<A>,
        now: Instant,
    ) -> Option<BoxFuture<'a, Outcome>> {
        let _ = (agent, ctx, now);
        None
    }
}

/// A role as a type lists it, for each agent of that type to play.
pub(crate) struct Part<A> {
    /// Which of the messages that open a conversation it is for.
    only: Option<Template>,
    play: Play<A>,
}

/// Begins to play a part, with the messages that open a conversation limited to these.
pub(crate) type Play<A> = fn(&Context<A>, Option<Template>) -> Box<dyn Playing<A>>;

impl<A> Part<A> {
    pub(crate) fn new(only: Option<Template>, play: Play<A>) -> Self {
        Self { only, play }
    }

    /// Begins to play it.
    pub(super) fn role(&self, ctx: &Context<A>) -> Box<dyn Playing<A>> {
        (self.play)(ctx, self.only.clone())
    }
}

impl<A> fmt::Debug for Part<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
}
