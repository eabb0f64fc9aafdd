//! FIPA's Request (SC00026): do this.
//!
//! [`Context::achieve`](crate::Context::achieve) is the initiator; [`Participant`] is the other side.

use std::marker::PhantomData;

use super::performing::{self, Performing};
use super::{Asked, REQUEST};
use crate::agent::{Agent, Context, FromMessage, Wiring};
use crate::message::reply::{Failure, Refuse};
use crate::message::{IntoBody, Performative, Template};

/// Does what others request: agrees or refuses, does it, and tells what came of it.
///
/// The agent says that it plays this part with `#[agent(plays(request))]`. Its types are the contents of the
/// messages: `()`, text, or [`Json`](crate::Json).
///
/// ```
/// use peak::prelude::*;
/// use peak::protocol::{Asked, request};
///
/// #[agent]
/// struct Oven {
///     is_hot: bool,
/// }
///
/// #[agent(plays(request))]
/// impl Oven {}
///
/// impl request::Participant for Oven {
///     type Task = Json<u32>;
///     type Outcome = String;
///
///     async fn requested(&mut self, _: &Context<Self>, asked: &Asked<Json<u32>>) -> Result<(), Refuse> {
///         match asked.0 {
///             0..=250 => Ok(()),
///             _ => Err(Refuse::new("250 degrees at most")),
///         }
///     }
///
///     async fn perform(ctx: Context<Self>, asked: Asked<Json<u32>>) -> Result<String, Failure> {
///         ctx.sleep("10m").await?;
///         ctx.with(|me| me.is_hot = true).await;
///         Ok(format!("{} degrees", asked.0))
///     }
/// }
/// ```
///
/// The initiator is told `agree`, and then `inform` or `failure`. Requests whose `reply-by` is past are refused, and
/// so is one that it takes longer than that to decide about. A message that has no place where a conversation stands is
/// answered `not-understood`, and ends it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` plays `request`, but does not implement it",
    label = "write `impl peak::protocol::request::Participant for {Self} {{ … }}`"
)]
pub trait Participant: Agent + Listed {
    /// What is requested, as it stands in the message. A request without such content is answered `not-understood`.
    type Task: for<'a> FromMessage<'a, Self> + Send + Sync + 'static;

    /// What is told when it is done.
    type Outcome: IntoBody + Send + 'static;

    /// A request has come: agrees, or refuses.
    fn requested(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Self::Task>,
    ) -> impl Future<Output = Result<(), Refuse>> + Send;

    /// Does it, beside the agent. Ended where it waits if the initiator cancels it.
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

/// What `#[agent(plays(request))]` implements.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` implements `request::Participant`, but does not say that it plays it",
    label = "write `#[agent(plays(request))]` above `impl {Self}`"
)]
pub trait Listed {}

/// What `#[agent(plays(request))]` calls.
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

    const NAME: &'static str = "request";
    const TOKENS: &'static [&'static str] = &[REQUEST];
    const ACTS: &'static [Performative] = &[Performative::Request];

    fn decide(
        &self,
        agent: &mut A,
        ctx: &Context<A>,
        asked: &Asked<A::Task>,
    ) -> impl Future<Output = Result<(), Refuse>> + Send {
        agent.requested(ctx, asked)
    }

    fn perform(
        ctx: Context<A>,
        asked: Asked<A::Task>,
        (): (),
    ) -> impl Future<Output = Result<A::Outcome, Failure>> + Send + 'static {
        A::perform(ctx, asked)
    }

    fn cancelled(
        agent: &mut A,
        ctx: &Context<A>,
        asked: &Asked<A::Task>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        agent.cancelled(ctx, asked)
    }
}
