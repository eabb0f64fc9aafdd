//! FIPA's Request-When (SC00028): do this once that is so.
//!
//! [`Context::achieve`](crate::Context::achieve) is the initiator; [`Participant`] is the other side.

use std::marker::PhantomData;

use super::performing::{self, Performing};
use super::{Asked, REQUEST_WHEN};
use crate::agent::{Agent, Context, FromMessage, Wiring};
use crate::message::reply::{Failure, Refuse};
use crate::message::{IntoBody, Performative, Template};

/// Does what others request as soon as a condition holds: agrees or refuses, waits for it, does it once, and tells what
/// came of it.
///
/// The agent says that it plays this part with `#[agent(plays(request_when))]`. The task has both, the condition and
/// what shall be done then; the types are the contents of the messages: `()`, text, or [`Json`](crate::Json).
///
/// ```
/// use peak::prelude::*;
/// use peak::protocol::{Asked, request_when};
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Clone, Serialize, Deserialize)]
/// struct Watering {
///     below: f64,
///     litres: f64,
/// }
///
/// #[agent]
/// struct Sprinkler {
///     moisture: f64,
/// }
///
/// #[agent(plays(request_when))]
/// impl Sprinkler {
///     #[on_message(performative = "inform", ontology = "moisture")]
///     async fn measured(&mut self, Json(moisture): Json<f64>) {
///         self.moisture = moisture;
///     }
/// }
///
/// impl request_when::Participant for Sprinkler {
///     type Task = Json<Watering>;
///     type Outcome = Json<f64>;
///
///     async fn requested(&mut self, _: &Context<Self>, asked: &Asked<Json<Watering>>) -> Result<(), Refuse> {
///         match asked.0.litres {
///             0.0..100.0 => Ok(()),
///             _ => Err(Refuse::new("the tank holds 100 litres")),
///         }
///     }
///
///     async fn condition(ctx: Context<Self>, asked: Asked<Json<Watering>>) -> Result<(), Failure> {
///         while ctx.with(|me| me.moisture).await >= asked.0.below {
///             ctx.sleep("1m").await?;
///         }
///         Ok(())
///     }
///
///     async fn perform(ctx: Context<Self>, asked: Asked<Json<Watering>>) -> Result<Json<f64>, Failure> {
///         ctx.sleep("5m").await?;
///         Ok(Json(asked.0.litres))
///     }
/// }
/// ```
///
/// The initiator is told `agree`, and then `inform` or `failure`. Requests whose `reply-by` is past are refused, and
/// so is one that it takes longer than that to decide about. A message that has no place where a conversation stands is
/// answered `not-understood`, and ends it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` plays `request_when`, but does not implement it",
    label = "write `impl peak::protocol::request_when::Participant for {Self} {{ … }}`"
)]
pub trait Participant: Agent + Listed {
    /// What is requested, and when, as it stands in the message. A request without such content is answered
    /// `not-understood`.
    type Task: for<'a> FromMessage<'a, Self> + Send + Sync + 'static;

    /// What is told when it is done.
    type Outcome: IntoBody + Send + 'static;

    /// A request has come: agrees, or refuses.
    fn requested(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Self::Task>,
    ) -> impl Future<Output = Result<(), Refuse>> + Send;

    /// Waits, beside the agent, until the condition holds; if it cannot any more, that is a failure. Ended where it
    /// waits if the initiator cancels it.
    fn condition(
        ctx: Context<Self>,
        asked: Asked<Self::Task>,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The condition holds: does it, beside the agent. Ended where it waits if the initiator cancels it.
    fn perform(
        ctx: Context<Self>,
        asked: Asked<Self::Task>,
    ) -> impl Future<Output = Result<Self::Outcome, Failure>> + Send;

    /// What was agreed is cancelled: undoes it, or says why that is not possible; then it goes on. Unless this is
    /// written, it is ended where it waits, and nothing else happens.
    ///
    /// It is called, too, if the agent has agreed too late, or cannot tell the initiator so: then nothing has begun.
    fn cancelled(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Self::Task>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = (ctx, asked);
        std::future::ready(Ok(()))
    }
}

/// What `#[agent(plays(request_when))]` implements.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` implements `request_when::Participant`, but does not say that it plays it",
    label = "write `#[agent(plays(request_when))]` above `impl {Self}`"
)]
pub trait Listed {}

/// What `#[agent(plays(request_when))]` calls.
#[doc(hidden)]
pub fn play<A: Participant>(wiring: &mut Wiring<A>, only: Option<Template>) {
    performing::play::<Requested<A>>(wiring, only);
}

/// The role.
struct Requested<A>(PhantomData<fn() -> A>);

impl<A> Default for Requested<A> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<A: Participant> Performing for Requested<A> {
    type Agent = A;
    type Content = A::Task;
    type Plan = ();
    type Done = A::Outcome;

    const NAME: &'static str = "request_when";
    const TOKENS: &'static [&'static str] = &[REQUEST_WHEN];
    const ACTS: &'static [Performative] = &[Performative::RequestWhen];

    fn decide(
        &self,
        agent: &mut A,
        ctx: &Context<A>,
        asked: &Asked<A::Task>,
    ) -> impl Future<Output = Result<(), Refuse>> + Send {
        agent.requested(ctx, asked)
    }

    async fn perform(
        ctx: Context<A>,
        asked: Asked<A::Task>,
        (): (),
    ) -> Result<A::Outcome, Failure> {
        A::condition(ctx.clone(), asked.clone()).await?;
        A::perform(ctx, asked).await
    }

    fn cancelled(
        agent: &mut A,
        ctx: &Context<A>,
        asked: &Asked<A::Task>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        agent.cancelled(ctx, asked)
    }
}
