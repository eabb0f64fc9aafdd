//! Roles that decide about what they are asked, agree or refuse, and then do it beside the agent.

use std::sync::Arc;

use super::asked::{Asked, overdue, too_late};
use super::conversations::{Conversations, names_conversation};
use super::misfit;
use super::work::{self, Work};
use crate::agent::{Agent, Context, FromMessage, Outcome, Part, Playing, Wiring};
use crate::message::reply::{Agree, Failure, Refuse};
use crate::message::{IntoBody, Message, Performative, Template};
use crate::network::BoxFuture;

/// What tells one such role from another.
pub(super) trait Performing: Send + Sync + 'static {
    type Agent: Agent;
    /// What is asked.
    type Content: for<'a> FromMessage<'a, Self::Agent> + Send + Sync + 'static;
    /// What the decision hands to the work.
    type Plan: Send + 'static;
    /// What is told when it is done.
    type Done: IntoBody + Send + 'static;

    /// The name in logs.
    const NAME: &'static str;
    /// The protocols, and the acts that open their conversations.
    const TOKENS: &'static [&'static str];
    const ACTS: &'static [Performative];

    /// Agrees, or refuses.
    fn decide(
        &self,
        agent: &mut Self::Agent,
        ctx: &Context<Self::Agent>,
        asked: &Asked<Self::Content>,
    ) -> impl Future<Output = Result<Self::Plan, Refuse>> + Send;

    /// Does it.
    fn perform(
        ctx: Context<Self::Agent>,
        asked: Asked<Self::Content>,
        plan: Self::Plan,
    ) -> impl Future<Output = Result<Self::Done, Failure>> + Send + 'static;

    /// Undoes what was agreed, or says why that is not possible.
    fn cancelled(
        agent: &mut Self::Agent,
        ctx: &Context<Self::Agent>,
        asked: &Asked<Self::Content>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;
}

/// Has an agent play such a role.
pub(super) fn play<P: Performing + Default>(wiring: &mut Wiring<P::Agent>, only: Option<Template>) {
    wiring.part(Part::new(only, |_, only| {
        Box::new(Performer::new(P::default(), only))
    }));
}

/// The role as one agent plays it.
pub(super) struct Performer<P: Performing> {
    role: P,
    only: Option<Template>,
    all: Arc<Conversations<Doing<P>>>,
}

/// A conversation that goes on: it is agreed, and the agent does it.
struct Doing<P: Performing> {
    asked: Asked<P::Content>,
    work: Work,
}

impl<P: Performing> Playing<P::Agent> for Performer<P> {
    fn name(&self) -> &'static str {
        P::NAME
    }

    fn takes(&self, message: &Message) -> bool {
        self.continues(message) || self.opens(message)
    }

    fn handle<'a>(
        &'a mut self,
        agent: &'a mut P::Agent,
        ctx: &'a Context<P::Agent>,
        message: &'a Message,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            if !self.continues(message) {
                return self.decide(agent, ctx, message).await;
            }
            if message.performative() == Some(Performative::Cancel) {
                return self.cancel(agent, ctx, message).await;
            }
            self.break_off(message);
            misfit::end(ctx, message)
        })
    }
}

impl<P: Performing> Performer<P> {
    pub(super) fn new(role: P, only: Option<Template>) -> Self {
        let all = Arc::default();
        Self { role, only, all }
    }

    pub(super) fn role(&self) -> &P {
        &self.role
    }

    fn opens(&self, message: &Message) -> bool {
        let act = message.performative();
        act.is_some_and(|act| P::ACTS.contains(&act))
            && message
                .protocol()
                .is_some_and(|protocol| P::TOKENS.contains(&protocol))
            && self.only.as_ref().is_none_or(|only| only.matches(message))
    }

    /// Whether the message belongs to a conversation that goes on.
    ///
    /// One that names no conversation may be about anything else, unless it is of those that only mean something
    /// within one.
    fn continues(&self, message: &Message) -> bool {
        let act = message.performative();
        let needs_one = [Performative::Cancel, Performative::NotUnderstood];
        (names_conversation(message) || act.is_some_and(|act| needs_one.contains(&act)))
            && self.all.has(message)
    }

    /// Agrees and begins, or refuses.
    async fn decide(
        &self,
        agent: &mut P::Agent,
        ctx: &Context<P::Agent>,
        message: &Message,
    ) -> Outcome {
        let asked = match Asked::take(ctx, message) {
            Ok(asked) => asked,
            Err(answer) => return answer,
        };
        if self.all.has(message) {
            return Outcome::reply(Refuse::new(
                "what was asked before is not done, and neither names a conversation; give each a conversation-id",
            ));
        }
        let plan = match self.role.decide(agent, ctx, &asked).await {
            Ok(plan) => plan,
            Err(refusal) => return Outcome::negative(refusal),
        };
        if let Some(due) = overdue(ctx, message) {
            withdraw::<P>(agent, ctx, &asked).await;
            return Outcome::reply(too_late(due));
        }
        let work = Work::default();
        let doing = Doing {
            asked: asked.clone(),
            work: work.clone(),
        };
        let Ok(ticket) = self.all.begin(message, doing) else {
            withdraw::<P>(agent, ctx, &asked).await;
            return Outcome::reply(Refuse::new("there is no room for this conversation"));
        };
        // Sent before it begins, so that no result comes before it.
        if let Err(error) = ctx.reply(message, Agree).await {
            tracing::warn!(agent = %ctx.jid(), "nothing is done, the `agree` was not delivered: {error}");
            self.all.end(&ticket);
            withdraw::<P>(agent, ctx, &asked).await;
            return Outcome::default();
        }
        let performing = P::perform(ctx.clone(), asked, plan);
        work.begin(ctx, P::NAME, &self.all, ticket, message, performing);
        Outcome::default()
    }

    /// Ends what it does, if that can be.
    async fn cancel(
        &self,
        agent: &mut P::Agent,
        ctx: &Context<P::Agent>,
        message: &Message,
    ) -> Outcome {
        let doing = self.all.look(message, |doing| doing.asked.clone());
        let Some((ticket, asked)) = doing else {
            // It has been done since it was looked at.
            return work::done_before();
        };
        if let Err(failure) = P::cancelled(agent, ctx, &asked).await {
            return Outcome::negative(failure);
        }
        work::cancel(&self.all, &ticket, |doing| Some(doing.work))
    }

    /// Ends the conversation of this message, if one goes on, and what is done in it.
    pub(super) fn break_off(&self, message: &Message) {
        if let Some(doing) = self.all.take(message) {
            doing.work.end();
        }
    }
}

/// What the agent has decided to do is not to be done after all. Nothing has begun, so it cannot go on.
async fn withdraw<P: Performing>(
    agent: &mut P::Agent,
    ctx: &Context<P::Agent>,
    asked: &Asked<P::Content>,
) {
    if let Err(failure) = P::cancelled(agent, ctx, asked).await {
        tracing::warn!(agent = %ctx.jid(), "not undone: {}", failure.reason());
    }
}
