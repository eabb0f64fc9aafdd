//! Who has been recruited, for as long as that may have to be cancelled.

use std::sync::Arc;
use std::time::Duration;

use smol_str::SmolStr;

use super::proxy::Proxy;
use crate::agent::{Agent, Context, Outcome};
use crate::behaviour::compose;
use crate::message::reply::{Failure, Inform};
use crate::message::{Field, Jid, Message};
use crate::protocol::conversations::Conversations;
use crate::protocol::work::tell;
use crate::protocol::{Asked, Cancelled};

/// How long those have who are told that it is cancelled to answer that; less than initiators wait for it if they do not
/// say otherwise.
const CANCELLED: Duration = Duration::from_secs(5);

/// Messages that others have been recruited for, by the conversations of those who wanted that.
pub(super) struct Recruits<D> {
    all: Conversations<Recruited<D>>,
}

/// A message, and who has been recruited for it.
pub(super) struct Recruited<D> {
    asked: Asked<Proxy<D>>,
    protocol: &'static str,
    /// The initiator's conversation; one of its own if the initiator names none.
    id: SmolStr,
    to: Vec<Jid>,
}

impl<D> Recruited<D> {
    pub(super) fn new<A: Agent>(
        ctx: &Context<A>,
        asked: &Asked<Proxy<D>>,
        protocol: &'static str,
        to: Vec<Jid>,
    ) -> Self {
        let id = asked.message().field(Field::ConversationId).cloned();
        Self {
            asked: asked.clone(),
            protocol,
            id: id.unwrap_or_else(|| ctx.shared().services.new_id()),
            to,
        }
    }

    /// The message as one of that conversation.
    pub(super) fn of(&self, message: Message) -> Message {
        message
            .with_protocol(self.protocol)
            .with_conversation_id(&self.id)
    }

    /// Tells them that it is cancelled; what is told the initiator.
    async fn cancel<A: Agent>(&self, ctx: &Context<A>) -> Result<Inform, Failure> {
        let told = self.to.iter().map(async |jid| {
            let cancel = self.of(Message::cancel(jid.clone()));
            Cancelled::of(jid, ctx.request(cancel, CANCELLED).await)
        });
        let told = compose::all(told).await;
        // Who does not understand it has done it, or has not begun.
        let goes_on = |said: &Cancelled| matches!(said, Cancelled::Failed(_) | Cancelled::Late);
        let all = self.to.iter().zip(&told);
        let go_on = all.filter(|(_, said)| goes_on(said));
        let go_on: Vec<&str> = go_on.map(|(jid, _)| jid.as_str()).collect();
        match go_on.as_slice() {
            [] => Ok(Inform(())),
            go_on => Err(Failure::new(format!("these go on: {}", go_on.join(", ")))),
        }
    }
}

impl<D: Send + Sync + 'static> Recruits<D> {
    /// Keeps for so long that they have been recruited.
    ///
    /// # Errors
    ///
    /// If there are too many.
    pub(super) fn keep<A: Agent>(
        self: &Arc<Self>,
        ctx: &Context<A>,
        recruited: Recruited<D>,
        until: Duration,
    ) -> Result<(), Failure> {
        let asked = recruited.asked.clone();
        let begun = self.all.begin(asked.message(), recruited);
        let ticket = begun.map_err(|_| Failure::new("there is no room for this conversation"))?;
        let recruits = Arc::clone(self);
        ctx.spawn_named("recruits", async move {
            tokio::time::sleep(until).await;
            recruits.all.end(&ticket);
            Outcome::default()
        });
        Ok(())
    }

    /// Whether others have been recruited in the conversation of this message.
    pub(super) fn has(&self, message: &Message) -> bool {
        self.all.has(message)
    }

    /// What was asked in the conversation of this message.
    pub(super) fn asked(&self, message: &Message) -> Option<Asked<Proxy<D>>> {
        let asked = self.all.look(message, |recruited| recruited.asked.clone());
        asked.map(|(_, asked)| asked)
    }

    /// Tells those who have been recruited in the conversation of this `cancel` that it is cancelled, and the initiator
    /// what they say to that; beside the agent.
    pub(super) fn recall<A: Agent>(&self, ctx: &Context<A>, message: &Message) {
        let Some(recruited) = self.all.take(message) else {
            return tell(ctx, message, Inform(()));
        };
        let (own, message) = (ctx.clone(), message.clone());
        ctx.spawn_named("recall", async move {
            match recruited.cancel(&own).await {
                Ok(done) => tell(&own, &message, done),
                Err(failure) => tell(&own, &message, failure),
            }
            Outcome::default()
        });
    }
}

impl<D> Default for Recruits<D> {
    fn default() -> Self {
        let all = Conversations::default();
        Self { all }
    }
}
