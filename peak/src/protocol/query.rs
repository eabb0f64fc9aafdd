//! FIPA's Query (SC00027): is this so? What is that?
//!
//! [`Context::achieve`](crate::Context::achieve) is the initiator; [`Participant`] is the other side.

use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use super::performing::{self, Performing};
use super::{Asked, QUERY};
use crate::agent::{Agent, Context, FromMessage, Wiring};
use crate::message::reply::{Failure, Refuse};
use crate::message::{IntoBody, Performative, Template};

/// Answers questions: agrees or refuses, finds the answer, and tells it.
///
/// The agent says that it plays this part with `#[agent(plays(query))]`. Its types are the contents of the messages:
/// `()`, text, or [`Json`](crate::Json).
///
/// ```
/// use peak::prelude::*;
/// use peak::protocol::query::{self, Query};
/// use serde_json::{Value, json};
///
/// #[agent]
/// struct Thermometer {
///     celsius: i32,
/// }
///
/// #[agent(plays(query))]
/// impl Thermometer {}
///
/// impl query::Participant for Thermometer {
///     type Question = Text;
///     type Answer = Json<Value>;
///
///     async fn queried(&mut self, _: &Context<Self>, query: &Query<Text>) -> Result<(), Refuse> {
///         match query.0.as_str() {
///             "warm" | "temperature" => Ok(()),
///             _ => Err(Refuse::new("it measures temperatures")),
///         }
///     }
///
///     async fn answer(ctx: Context<Self>, query: Query<Text>) -> Result<Json<Value>, Failure> {
///         let celsius = ctx.with(|me| me.celsius).await;
///         match query.asks_whether() {
///             true => Ok(Json(json!(celsius > 20))),
///             false => Ok(Json(json!(celsius))),
///         }
///     }
/// }
/// ```
///
/// The initiator is told `agree`, and then `inform` with the answer, or `failure`. Questions whose `reply-by` is past
/// are refused, and so is one that it takes longer than that to decide about. A message that has no place where a
/// conversation stands is answered `not-understood`, and ends it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` plays `query`, but does not implement it",
    label = "write `impl peak::protocol::query::Participant for {Self} {{ … }}`"
)]
pub trait Participant: Agent + Listed {
    /// The question, as it stands in the message. A message without such content is answered `not-understood`.
    type Question: for<'a> FromMessage<'a, Self> + Send + Sync + 'static;

    /// What is told.
    type Answer: IntoBody + Send + 'static;

    /// A question has come: agrees to answer it, or refuses.
    fn queried(
        &mut self,
        ctx: &Context<Self>,
        query: &Query<Self::Question>,
    ) -> impl Future<Output = Result<(), Refuse>> + Send;

    /// Finds the answer, beside the agent. Ended where it waits if the initiator cancels it.
    fn answer(
        ctx: Context<Self>,
        query: Query<Self::Question>,
    ) -> impl Future<Output = Result<Self::Answer, Failure>> + Send;

    /// The question is withdrawn: undoes what was begun, or says why that is not possible; then it goes on. Unless
    /// this is written, it is ended where it waits, and nothing else happens.
    ///
    /// It is called, too, if the agent has agreed too late, or cannot tell the initiator so: then nothing has begun.
    fn cancelled(
        &mut self,
        ctx: &Context<Self>,
        query: &Query<Self::Question>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = (ctx, query);
        std::future::ready(Ok(()))
    }
}

/// What `#[agent(plays(query))]` implements.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` implements `query::Participant`, but does not say that it plays it",
    label = "write `#[agent(plays(query))]` above `impl {Self}`"
)]
pub trait Listed {}

/// What `#[agent(plays(query))]` calls.
#[doc(hidden)]
pub fn play<A: Participant>(wiring: &mut Wiring<A>, only: Option<Template>) {
    performing::play::<Queried<A>>(wiring, only);
}

/// A question, and the message that asks it.
pub struct Query<T> {
    asked: Asked<T>,
}

impl<T> Query<T> {
    fn of(asked: &Asked<T>) -> Self {
        let asked = asked.clone();
        Self { asked }
    }

    /// Whether it asks if something is so (`query-if`), and not what something is (`query-ref`).
    pub fn asks_whether(&self) -> bool {
        self.message().performative() == Some(Performative::QueryIf)
    }
}

impl<T> Deref for Query<T> {
    type Target = Asked<T>;

    fn deref(&self) -> &Asked<T> {
        &self.asked
    }
}

impl<T> Clone for Query<T> {
    fn clone(&self) -> Self {
        Self::of(&self.asked)
    }
}

impl<T: fmt::Debug> fmt::Debug for Query<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Query").field("asked", &self.asked).finish()
    }
}

/// The role.
struct Queried<A>(PhantomData<fn() -> A>);

impl<A> Default for Queried<A> {
    fn default() -> Self {
        Self(PhantomData)
    }
}

impl<A: Participant> Performing for Queried<A> {
    type Agent = A;
    type Content = A::Question;
    type Plan = ();
    type Done = A::Answer;

    const NAME: &'static str = "query";
    const TOKENS: &'static [&'static str] = &[QUERY];
    const ACTS: &'static [Performative] = &[Performative::QueryIf, Performative::QueryRef];

    async fn decide(
        &self,
        agent: &mut A,
        ctx: &Context<A>,
        asked: &Asked<A::Question>,
    ) -> Result<(), Refuse> {
        agent.queried(ctx, &Query::of(asked)).await
    }

    fn perform(
        ctx: Context<A>,
        asked: Asked<A::Question>,
        (): (),
    ) -> impl Future<Output = Result<A::Answer, Failure>> + Send + 'static {
        A::answer(ctx, Query { asked })
    }

    async fn cancelled(
        agent: &mut A,
        ctx: &Context<A>,
        asked: &Asked<A::Question>,
    ) -> Result<(), Failure> {
        agent.cancelled(ctx, &Query::of(asked)).await
    }
}
