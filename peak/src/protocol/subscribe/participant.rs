//! Subscribe as the one who publishes sees it.

use std::fmt;
use std::sync::Arc;

use super::TOKEN;
use super::publish::Desk;
use crate::agent::{Agent, Context, FromMessage, Outcome, Part, Playing, Wiring};
use crate::message::reply::{Agree, Failure, Inform, Refuse, draft};
use crate::message::{IntoBody, Message, News, Performative, Template};
use crate::network::{BoxFuture, SendError};
use crate::protocol::asked::{Asked, overdue, too_late};
use crate::protocol::conversations::Ticket;
use crate::protocol::work::tell;
use crate::protocol::{Unreachable, misfit};

/// Publishes: agrees to tell others whenever there is news, and tells them.
///
/// The agent says that it plays this part with `#[agent(plays(subscribe))]`. Its types are the contents of the
/// messages: `()`, text, or [`Json`](crate::Json). From then on [`Context::publish`] tells all who have subscribed,
/// from any function of the agent.
///
/// ```
/// use peak::prelude::*;
/// use peak::protocol::Asked;
/// use peak::protocol::subscribe::{self, Ended};
///
/// #[agent]
/// struct Sensor {
///     celsius: f64,
/// }
///
/// #[agent(plays(subscribe))]
/// impl Sensor {
///     #[behaviour(periodic = "10s")]
///     async fn measure(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
///         self.celsius += 0.1;
///         ctx.publish(Json(self.celsius)).await
///     }
/// }
///
/// impl subscribe::Participant for Sensor {
///     type Topic = Text;
///     type News = Json<f64>;
///
///     async fn subscribed(
///         &mut self,
///         _: &Context<Self>,
///         asked: &Asked<Text>,
///     ) -> Result<Option<Json<f64>>, Refuse> {
///         match asked.0.as_str() {
///             "temperature" => Ok(Some(Json(self.celsius))),
///             other => Err(Refuse::new(format!("nothing here measures {other}"))),
///         }
///     }
///
///     async fn ended(&mut self, _: &Context<Self>, asked: &Asked<Text>, why: Ended) {
///         println!("{} is not told any more: {why}", asked.initiator());
///     }
/// }
/// ```
///
/// Whoever is not reached any more, or has ended, is struck out. A `cancel` is answered `inform`. When the agent stops,
/// those who are still subscribed get a `failure`. Subscriptions whose `reply-by` is past are refused; messages that have
/// no place where a subscription stands, such as another `subscribe` in its conversation, are answered `not-understood`,
/// and end it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` plays `subscribe`, but does not implement it",
    label = "write `impl peak::protocol::subscribe::Participant for {Self} {{ … }}`"
)]
pub trait Participant: Agent + Listed {
    /// What somebody wants to be told of. A subscription without such content is answered `not-understood`.
    type Topic: for<'a> FromMessage<'a, Self> + Send + Sync + 'static;

    /// What is told.
    type News: IntoBody + Clone + Send + Sync + 'static;

    /// Somebody subscribes: agrees, and gives what they are told to begin with, if anything; or refuses.
    ///
    /// What is published while this waits they are told as well, after that.
    fn subscribed(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Self::Topic>,
    ) -> impl Future<Output = Result<Option<Self::News>, Refuse>> + Send;

    /// A subscription that was agreed has ended, and why. It is called once for each, unless the agent ends before.
    /// Unless this is written, nothing happens.
    fn ended(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Self::Topic>,
        why: Ended,
    ) -> impl Future<Output = ()> + Send {
        let _ = (ctx, asked, why);
        std::future::ready(())
    }

    /// A subscription is cancelled: lets it end, or says why that is not possible; then it goes on. Unless this is
    /// written, it ends.
    fn cancelled(
        &mut self,
        ctx: &Context<Self>,
        asked: &Asked<Self::Topic>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = (ctx, asked);
        std::future::ready(Ok(()))
    }
}

/// What `#[agent(plays(subscribe))]` implements.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` implements `subscribe::Participant`, but does not say that it plays it",
    label = "write `#[agent(plays(subscribe))]` above `impl {Self}`"
)]
pub trait Listed {}

/// Why a subscription has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ended {
    /// The subscriber has cancelled it.
    Cancelled,
    /// The subscriber was not reached any more, or has ended.
    Unreachable(Unreachable),
    /// The subscriber did not understand, or said something that has no place there.
    Broken,
    /// The answer was wanted by the time it was there: it was refused instead.
    Late,
    /// This agent has ended it with a `failure`, for this reason; see [`Context::end_subscriptions`].
    Failed(String),
}

impl Ended {
    /// The subscriber was not reached with this.
    pub(super) fn unreachable<T>(error: &SendError, asked: &Asked<T>) -> Self {
        Self::Unreachable(Unreachable::of(error).unwrap_or_else(|| Unreachable {
            jid: asked.initiator().clone(),
            reason: error.to_string(),
        }))
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cancelled => f.write_str("cancelled by the subscriber"),
            Self::Unreachable(unreachable) => unreachable.fmt(f),
            Self::Broken => f.write_str("the subscriber broke off"),
            Self::Late => f.write_str("agreed too late"),
            Self::Failed(reason) => f.write_str(reason),
        }
    }
}

/// What `#[agent(plays(subscribe))]` calls.
#[doc(hidden)]
pub fn play<A: Participant>(wiring: &mut Wiring<A>, only: Option<Template>) {
    wiring.part(Part::new(only, |ctx, only| {
        ctx.shared().inbox.keep_returned();
        Box::new(Publisher::<A> {
            only,
            desk: ctx.shared().desk(),
            ctx: ctx.clone(),
        })
    }));
}

/// The role as one agent plays it.
struct Publisher<A: Participant> {
    only: Option<Template>,
    desk: Arc<Desk<A::Topic>>,
    ctx: Context<A>,
}

impl<A: Participant> Playing<A> for Publisher<A> {
    fn name(&self) -> &'static str {
        "subscribe"
    }

    fn takes(&self, message: &Message) -> bool {
        self.desk.has(message) || self.opens(message)
    }

    fn takes_returned(&self, news: &Message) -> bool {
        self.desk.has(news)
    }

    fn handle<'a>(
        &'a mut self,
        agent: &'a mut A,
        ctx: &'a Context<A>,
        message: &'a Message,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            let Some((ticket, asked)) = self.desk.of(message) else {
                return self.subscribe(agent, ctx, message).await;
            };
            if let Some(News::Undelivered(why)) = message.news() {
                let jid = message.sender().unwrap_or(asked.initiator()).clone();
                let reason = why.to_string();
                let why = Ended::Unreachable(Unreachable { jid, reason });
                self.end(agent, ctx, &ticket, why).await;
                return Outcome::default();
            }
            if message.performative() == Some(Performative::Cancel) {
                return self.cancel(agent, ctx, &ticket, &asked).await;
            }
            self.end(agent, ctx, &ticket, Ended::Broken).await;
            misfit::end(ctx, message)
        })
    }
}

impl<A: Participant> Publisher<A> {
    fn opens(&self, message: &Message) -> bool {
        message.performative() == Some(Performative::Subscribe)
            && message.protocol() == Some(TOKEN)
            && self.only.as_ref().is_none_or(|only| only.matches(message))
    }

    /// Agrees, or refuses.
    async fn subscribe(&mut self, agent: &mut A, ctx: &Context<A>, message: &Message) -> Outcome {
        let asked = match Asked::take(ctx, message) {
            Ok(asked) => asked,
            Err(answer) => return answer,
        };
        let Some(opening) = self.desk.open(&asked) else {
            return Outcome::reply(Refuse::new("there is no room for this conversation"));
        };
        let first = match A::subscribed(agent, ctx, &asked).await {
            Ok(first) => first,
            Err(refusal) => return Outcome::negative(refusal),
        };
        if let Some(due) = overdue(ctx, message) {
            drop(opening);
            A::ended(agent, ctx, &asked, Ended::Late).await;
            return Outcome::reply(too_late(due));
        }
        let first = first.map(|first| draft(Inform(first)));
        let Err(error) = opening
            .begin(ctx, [draft(Agree)].into_iter().chain(first))
            .await
        else {
            return Outcome::default();
        };
        let (why, outcome) = match error {
            error @ SendError::Invalid { .. } => {
                (Ended::Failed(error.to_string()), Outcome::failed(error))
            }
            error => (Ended::unreachable(&error, &asked), Outcome::default()),
        };
        A::ended(agent, ctx, &asked, why).await;
        outcome
    }

    /// Lets a subscription end, if that can be.
    async fn cancel(
        &mut self,
        agent: &mut A,
        ctx: &Context<A>,
        ticket: &Ticket,
        asked: &Asked<A::Topic>,
    ) -> Outcome {
        if let Err(failure) = A::cancelled(agent, ctx, asked).await {
            return Outcome::negative(failure);
        }
        self.end(agent, ctx, ticket, Ended::Cancelled).await;
        Outcome::reply(Inform(()))
    }

    /// Ends a subscription, unless it has ended meanwhile.
    async fn end(&mut self, agent: &mut A, ctx: &Context<A>, ticket: &Ticket, why: Ended) {
        if let Some(asked) = self.desk.end(ticket) {
            A::ended(agent, ctx, &asked, why).await;
        }
    }
}

impl<A: Participant> Drop for Publisher<A> {
    fn drop(&mut self) {
        for asked in self.desk.end_all() {
            tell(
                &self.ctx,
                asked.message(),
                Failure::new("the agent has stopped"),
            );
        }
    }
}
