//! FIPA's Request (SC00026), Query (SC00027) and Request-When (SC00028) as the initiator sees them: one
//! act, and what came of it.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::Instant;

use super::talk::{Heard, Talk};
use super::{Cancelled, QUERY, REQUEST, REQUEST_WHEN, Unreachable};
use crate::agent::{Agent, Context};
use crate::message::{Jid, Message, Performative};
use crate::network::BoxFuture;
use crate::time::{DurationError, IntoDuration, after, later};

/// How long the first answer is waited for if nothing is said, and how long the result after it.
const ANSWER: Duration = Duration::from_secs(10);
const RESULT: Duration = Duration::from_secs(60);

impl<A: Agent> Context<A> {
    /// Has another agent do something, or tell something, by FIPA's Request, Query or Request-When: which of
    /// them, the performative of the message says.
    ///
    /// Awaited, it gives what came of it. [`Context::request`] gives the first answer, whatever that is; this
    /// also waits, after an `agree`, for what is promised by it.
    ///
    /// ```
    /// use peak::prelude::*;
    /// use peak::protocol::Achieved;
    ///
    /// #[agent]
    /// struct Cook;
    ///
    /// #[agent]
    /// impl Cook {
    ///     #[behaviour(one_shot)]
    ///     async fn bake(ctx: Context<Self>) -> peak::Result<()> {
    ///         let heat = Message::request("oven@localhost").text("180 degrees");
    ///         match ctx.achieve(heat).answer_within("5s").done_within("15m").await? {
    ///             Achieved::Done(_) => println!("the oven is hot"),
    ///             Achieved::Refused(why) => println!("{}", why.body().unwrap_or_default()),
    ///             other => println!("{other:?}"),
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    pub fn achieve(&self, message: Message) -> Achieve<'_, A> {
        let never = Box::pin(std::future::pending());
        Achieve::new(self, message, Ok(ANSWER), Ok(RESULT), never)
    }
}

/// What became of it: see [`Context::achieve`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Achieved {
    /// It is done, or told: an `inform`; `confirm` and `disconfirm` tell, too.
    Done(Message),
    /// The agent will not do it.
    Refused(Message),
    /// The agent could not do it.
    Failed(Message),
    /// The agent does not know what is meant.
    NotUnderstood(Message),
    /// The agent said something that has no place there. It was told so, and that was the end.
    Broken(Message),
    /// Nothing came in time. The agent is told that nobody waits any more (`cancel`).
    Late {
        /// The `agree`, if that came.
        agreed: Option<Message>,
    },
    /// It was [cancelled](Achieve::cancel_on); this is what the agent says to that.
    Cancelled(Cancelled),
    /// The agent was not reached.
    Unreachable(Unreachable),
}

impl Achieved {
    /// The result, if it is done.
    pub fn done(self) -> Option<Message> {
        match self {
            Self::Done(message) => Some(message),
            _ => None,
        }
    }
}

/// A request that is being put together: see [`Context::achieve`].
#[must_use = "nothing is asked before it is awaited"]
pub struct Achieve<'c, A> {
    ctx: &'c Context<A>,
    message: Message,
    answer: Result<Duration, DurationError>,
    result: Result<Duration, DurationError>,
    cancel: BoxFuture<'c, ()>,
}

impl<'c, A> Achieve<'c, A> {
    pub(super) fn new(
        ctx: &'c Context<A>,
        message: Message,
        answer: Result<Duration, DurationError>,
        result: Result<Duration, DurationError>,
        cancel: BoxFuture<'c, ()>,
    ) -> Self {
        Self {
            ctx,
            message,
            answer,
            result,
            cancel,
        }
    }

    /// How long the first answer is waited for: ten seconds if this does not say otherwise. The other
    /// agent is told so (`reply-by`).
    pub fn answer_within(mut self, time: impl IntoDuration) -> Self {
        self.answer = time.into_duration();
        self
    }

    /// Cancels it when this is done first, for instance a timer or a message:
    /// the agent is told so (`cancel`), and what it says to that is the outcome, [`Achieved::Cancelled`].
    ///
    /// Whoever drops a request that is awaited cancels it, too, and does not learn what comes of that.
    ///
    /// ```
    /// # use peak::prelude::*;
    /// # async fn example<A: Agent>(ctx: Context<A>) -> peak::Result<()> {
    /// let door = ctx.subscribe(template!(sender = "door@localhost", body = "open"));
    /// let heat = Message::request("oven@localhost").text("180 degrees");
    /// let heated = ctx.achieve(heat).cancel_on(door.receive(None)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn cancel_on(mut self, event: impl Future<Output: Send> + Send + 'c) -> Self {
        self.cancel = Box::pin(async move {
            event.await;
        });
        self
    }

    /// How long the result is waited for after an `agree`: a minute if this does not say otherwise.
    pub fn done_within(mut self, time: impl IntoDuration) -> Self {
        self.result = time.into_duration();
        self
    }
}

impl<A> fmt::Debug for Achieve<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Achieve")
            .field("message", &self.message)
            .field("answer", &self.answer)
            .field("result", &self.result)
            .finish_non_exhaustive()
    }
}

impl<'c, A: Agent> IntoFuture for Achieve<'c, A> {
    type Output = crate::Result<Achieved>;
    type IntoFuture = BoxFuture<'c, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let protocol = protocol(self.message.performative())?;
            self.by(protocol).await
        })
    }
}

impl<'c, A: Agent> Achieve<'c, A> {
    /// The same by this protocol, whatever the act is.
    pub(super) fn by(self, protocol: &'static str) -> BoxFuture<'c, crate::Result<Achieved>> {
        Box::pin(async move {
            let (answer, result) = (self.answer?, self.result?);
            let talk = Talk::new(self.ctx, protocol);
            let Some(to) = self.message.to().cloned() else {
                // It is malformed, and says so.
                self.ctx.send(self.message).await?;
                return Ok(Achieved::Late { agreed: None });
            };
            let due = after(answer);
            let message = self.message.with_reply_by(self.ctx.now() + answer);
            if let Some(unreachable) = talk.send(message).await? {
                return Ok(Achieved::Unreachable(unreachable));
            }
            let mut waiting = Waiting {
                talk,
                to,
                is_over: false,
            };
            let outcome = tokio::select! {
                biased;
                outcome = waiting.outcome(due, result) => outcome,
                () = self.cancel => Achieved::Cancelled(waiting.cancel(answer).await?),
            };
            waiting.is_over = !matches!(outcome, Achieved::Late { .. });
            Ok(outcome)
        })
    }
}

/// The protocol that begins with such an act.
pub(super) fn protocol(act: Option<Performative>) -> Result<&'static str, NoSuchProtocol> {
    match act {
        Some(Performative::Request) => Ok(REQUEST),
        Some(Performative::QueryIf | Performative::QueryRef) => Ok(QUERY),
        Some(Performative::RequestWhen) => Ok(REQUEST_WHEN),
        other => Err(NoSuchProtocol(other)),
    }
}

/// A request on which somebody waits. It is cancelled if they do not any more.
struct Waiting<A: Agent> {
    talk: Talk<A>,
    to: Jid,
    is_over: bool,
}

impl<A: Agent> Waiting<A> {
    async fn outcome(&self, mut due: Instant, result: Duration) -> Achieved {
        let mut agreed = None;
        loop {
            let (act, message) = match self.talk.hear(due).await {
                Some(Heard::Said(_, act, message)) => (act, message),
                Some(Heard::Undelivered(unreachable)) => return Achieved::Unreachable(unreachable),
                None => return Achieved::Late { agreed },
            };
            return match act {
                Performative::Agree if agreed.is_none() => {
                    due = later(Instant::now(), result);
                    agreed = Some(message);
                    continue;
                }
                Performative::Inform
                | Performative::InformIf
                | Performative::InformRef
                | Performative::Confirm
                | Performative::Disconfirm => Achieved::Done(message),
                Performative::Refuse if agreed.is_none() => Achieved::Refused(message),
                Performative::Failure => Achieved::Failed(message),
                Performative::NotUnderstood => Achieved::NotUnderstood(message),
                _ => {
                    self.talk.out_of_place(&message);
                    Achieved::Broken(message)
                }
            };
        }
    }

    async fn cancel(&self, time: Duration) -> crate::Result<Cancelled> {
        let said = self
            .talk
            .cancel(std::slice::from_ref(&self.to), time)
            .await?;
        let said = said.into_iter().map(|(_, said)| said).next();
        Ok(said.unwrap_or(Cancelled::Late))
    }
}

impl<A: Agent> Drop for Waiting<A> {
    fn drop(&mut self) {
        if !self.is_over {
            self.talk.abandon([self.to.clone()]);
        }
    }
}

/// No protocol begins with this act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`achieve` is for `request`, `query-if`, `query-ref` and `request-when`, not for {}",
    .0.map_or_else(|| "a message without performative".to_owned(), |act| format!("`{act}`"))
)]
pub struct NoSuchProtocol(pub Option<Performative>);
