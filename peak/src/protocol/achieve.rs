//! FIPA's Request (SC00026), Query (SC00027) and Request-When (SC00028) as the initiator sees them: one
//! act, and what came of it.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::Instant;

use super::misfit::out_of_place;
use crate::agent::{Agent, Context};
use crate::message::{Message, Performative, Template};
use crate::network::{BoxFuture, Subscription};
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
        Achieve {
            ctx: self,
            message,
            answer: Ok(ANSWER),
            result: Ok(RESULT),
        }
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
    /// Nothing came in time.
    Late {
        /// The `agree`, if that came.
        agreed: Option<Message>,
    },
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
}

impl<A> Achieve<'_, A> {
    /// How long the first answer is waited for: ten seconds if this does not say otherwise. The other
    /// agent is told so (`reply-by`).
    pub fn answer_within(mut self, time: impl IntoDuration) -> Self {
        self.answer = time.into_duration();
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
            let (answer, result) = (self.answer?, self.result?);
            let protocol = protocol(&self.message)?;
            let id = self.ctx.shared().services.new_id();
            let message = self
                .message
                .with_protocol(protocol)
                .with_conversation_id(&id)
                .with_reply_with(&id)
                .with_reply_by(self.ctx.now() + answer);
            let mailbox = self.ctx.subscribe(Template::conversation_id(&id));
            let due = after(answer);
            self.ctx.send(message).await?;
            outcome(self.ctx, &mailbox, due, result).await
        })
    }
}

/// The protocol that begins with such an act.
fn protocol(message: &Message) -> Result<&'static str, NoSuchProtocol> {
    match message.performative() {
        Some(Performative::Request) => Ok("fipa-request"),
        Some(Performative::QueryIf | Performative::QueryRef) => Ok("fipa-query"),
        Some(Performative::RequestWhen) => Ok("fipa-request-when"),
        other => Err(NoSuchProtocol(other)),
    }
}

async fn outcome<A: Agent>(
    ctx: &Context<A>,
    mailbox: &Subscription,
    mut due: Instant,
    result: Duration,
) -> crate::Result<Achieved> {
    let mut agreed = None;
    loop {
        let message = match tokio::time::timeout_at(due, mailbox.receive(None)).await {
            Ok(Ok(Some(message))) => message,
            Ok(Err(error)) => return Err(error.into()),
            Ok(Ok(None)) | Err(_) => return Ok(Achieved::Late { agreed }),
        };
        return Ok(match message.performative() {
            Some(Performative::Agree) if agreed.is_none() => {
                due = later(Instant::now(), result);
                agreed = Some(message);
                continue;
            }
            Some(
                Performative::Inform
                | Performative::InformIf
                | Performative::InformRef
                | Performative::Confirm
                | Performative::Disconfirm,
            ) => Achieved::Done(message),
            Some(Performative::Refuse) if agreed.is_none() => Achieved::Refused(message),
            Some(Performative::Failure) => Achieved::Failed(message),
            Some(Performative::NotUnderstood) => Achieved::NotUnderstood(message),
            _ => {
                out_of_place(ctx, &message).await;
                continue;
            }
        });
    }
}

/// No protocol begins with this act.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`achieve` is for `request`, `query-if`, `query-ref` and `request-when`, not for {}",
    .0.map_or_else(|| "a message without performative".to_owned(), |act| format!("`{act}`"))
)]
pub struct NoSuchProtocol(pub Option<Performative>);
