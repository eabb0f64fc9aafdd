//! A broker: finds who can do what is asked, and passes it on.

use std::sync::Arc;
use std::time::Duration;

use serde::de::DeserializeOwned;

use super::answers::{NO_MATCH, Report};
use super::passing::Passing;
use super::proxy::Proxy;
use super::recruits::Recruits;
use super::{BROKERING, RECRUITING};
use crate::agent::{Agent, Context, Outcome, Part, Playing, Wiring};
use crate::message::reply::{Failure, Refuse};
use crate::message::{Jid, Json, Message, Performative, Template};
use crate::network::BoxFuture;
use crate::protocol::Asked;
use crate::protocol::performing::{Performer, Performing};

/// Passes on what others give it to those who can do it: a broker, and a recruiter.
///
/// The agent says that it plays this part with `#[agent(plays(brokering))]`.
///
/// ```
/// use std::collections::HashMap;
///
/// use peak::prelude::*;
/// use peak::protocol::Asked;
/// use peak::protocol::brokering::{self, Proxy};
///
/// #[agent]
/// struct Broker {
///     shops: HashMap<String, Vec<Jid>>,
/// }
///
/// #[agent(plays(brokering))]
/// impl Broker {}
///
/// impl brokering::Participant for Broker {
///     type Description = String;
///
///     async fn find(&mut self, _: &Context<Self>, asked: &Asked<Proxy<String>>) -> Result<Vec<Jid>, Refuse> {
///         Ok(self.shops.get(&asked.description).cloned().unwrap_or_default())
///     }
/// }
/// ```
///
/// It passes on `request`, `request-when`, `query-if` and `query-ref`, each by its protocol, and `inform`; anything else
/// is refused. By Brokering (SC00033), it asks those it has found itself, waits for what they make of it, and tells the
/// initiator: one `inform` with all answers, or a `failure` if nobody has done it. By Recruiting (SC00034), it passes the
/// message on with the initiator, or who the initiator says, as `reply-to`, and tells to whom (`inform`). What was
/// passed on is cancelled with those who have it when the initiator cancels.
#[diagnostic::on_unimplemented(
    message = "`{Self}` plays `brokering`, but does not implement it",
    label = "write `impl peak::protocol::brokering::Participant for {Self} {{ … }}`"
)]
pub trait Participant: Agent + Listed {
    /// How initiators describe whom a message is for; in JSON, as part of the content of the `proxy`. What is not
    /// described so is answered `not-understood`.
    type Description: DeserializeOwned + Clone + Send + Sync + 'static;

    /// How long those who are found have for their first answer; they are told so (`reply-by`).
    const ANSWER: Duration = Duration::from_secs(10);

    /// How long they have for the result after an `agree`.
    const RESULT: Duration = Duration::from_secs(60);

    /// Finds those to whom the message shall be passed on, or refuses. If there are none, the initiator is told that
    /// nobody matches. Whoever is named twice has it once; the broker itself never has it.
    fn find(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Proxy<Self::Description>>,
    ) -> impl Future<Output = Result<Vec<Jid>, Refuse>> + Send;

    /// The initiator cancels it: says why that is not possible, and it goes on; or lets those who have the message be
    /// told so. Unless this is written, they are.
    ///
    /// It is called, too, if the broker has agreed too late, or cannot tell the initiator so: then nothing has begun.
    fn cancelled(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Proxy<Self::Description>>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = (ctx, asked);
        std::future::ready(Ok(()))
    }
}

/// What `#[agent(plays(brokering))]` implements.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` implements `brokering::Participant`, but does not say that it plays it",
    label = "write `#[agent(plays(brokering))]` above `impl {Self}`"
)]
pub trait Listed {}

/// What `#[agent(plays(brokering))]` calls.
#[doc(hidden)]
pub fn play<A: Participant>(wiring: &mut Wiring<A>, only: Option<Template>) {
    wiring.part(Part::new(only, |_, only| {
        let recruits = Arc::new(Recruits::default());
        let brokering = Brokering { recruits };
        Box::new(Broker {
            performer: Performer::new(brokering, only),
        })
    }));
}

/// The role as one agent plays it.
struct Broker<A: Participant> {
    performer: Performer<Brokering<A>>,
}

impl<A: Participant> Playing<A> for Broker<A> {
    fn name(&self) -> &'static str {
        self.performer.name()
    }

    fn takes(&self, message: &Message) -> bool {
        self.recalls(message) || self.performer.takes(message)
    }

    fn handle<'a>(
        &'a mut self,
        agent: &'a mut A,
        ctx: &'a Context<A>,
        message: &'a Message,
    ) -> BoxFuture<'a, Outcome> {
        match self.recalls(message) {
            true => Box::pin(self.recall(agent, ctx, message)),
            false => self.performer.handle(agent, ctx, message),
        }
    }
}

impl<A: Participant> Broker<A> {
    /// Whether the message cancels what others have been recruited for.
    fn recalls(&self, message: &Message) -> bool {
        message.performative() == Some(Performative::Cancel)
            && self.performer.role().recruits.has(message)
    }

    async fn recall(&self, agent: &mut A, ctx: &Context<A>, message: &Message) -> Outcome {
        let recruits = &self.performer.role().recruits;
        if let Some(asked) = recruits.asked(message)
            && let Err(failure) = A::cancelled(agent, ctx, &asked).await
        {
            return Outcome::negative(failure);
        }
        // It may be that some have it only after this; those do not know yet what is cancelled.
        self.performer.break_off(message);
        recruits.recall(ctx, message);
        Outcome::default()
    }
}

/// What brokers do.
struct Brokering<A: Participant> {
    recruits: Arc<Recruits<A::Description>>,
}

impl<A: Participant> Performing for Brokering<A> {
    type Agent = A;
    type Content = Proxy<A::Description>;
    type Plan = Passing<A::Description>;
    type Done = Json<Report>;

    const NAME: &'static str = "brokering";
    const TOKENS: &'static [&'static str] = &[BROKERING, RECRUITING];
    const ACTS: &'static [Performative] = &[Performative::Proxy];

    async fn decide(
        &self,
        agent: &mut A,
        ctx: &Context<A>,
        asked: &Asked<Proxy<A::Description>>,
    ) -> Result<Passing<A::Description>, Refuse> {
        let by = asked.enclosed.passed_by();
        // Its error is none of this agent.
        let by = by.map_err(|error| Refuse::new(error.to_string()))?;
        let found = agent.find(ctx, asked).await?;
        Ok(Passing {
            by,
            found,
            answer: A::ANSWER,
            result: A::RESULT,
            recruits: Arc::clone(&self.recruits),
        })
    }

    async fn perform(
        ctx: Context<A>,
        asked: Asked<Proxy<A::Description>>,
        passing: Passing<A::Description>,
    ) -> Result<Json<Report>, Failure> {
        if passing.found.is_empty() {
            let reason = format!("{NO_MATCH}: nobody matches the description");
            return Err(Failure::new(reason));
        }
        let report = match asked.message().protocol() {
            Some(RECRUITING) => passing.recruit(&ctx, &asked).await?,
            _ => passing.broker(&ctx, &asked).await?,
        };
        Ok(Json(report))
    }

    fn cancelled(
        agent: &mut A,
        ctx: &Context<A>,
        asked: &Asked<Proxy<A::Description>>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        agent.cancelled(ctx, asked)
    }
}
