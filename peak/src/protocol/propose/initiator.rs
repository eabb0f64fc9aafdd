//! Propose as the one who proposes sees it.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::Instant;

use super::TOKEN;
use crate::agent::{Agent, Context};
use crate::message::{IntoBody, IntoJid, Jid, Message, Performative};
use crate::network::{BoxFuture, SendError};
use crate::protocol::talk::{Heard, Talk};
use crate::protocol::{Cancelled, Unreachable};
use crate::time::{DurationError, IntoDuration, after};

/// How long the answer is waited for if nothing is said.
const ANSWER: Duration = Duration::from_secs(10);

impl<A: Agent> Context<A> {
    /// Proposes to another agent to do something, by FIPA's Propose (SC00036).
    ///
    /// Awaited, it gives what that agent says to it.
    ///
    /// ```
    /// use peak::prelude::*;
    /// use peak::protocol::propose::Proposed;
    ///
    /// #[agent]
    /// struct Guest;
    ///
    /// #[agent]
    /// impl Guest {
    ///     #[behaviour(one_shot)]
    ///     async fn visit(ctx: Context<Self>) -> peak::Result<()> {
    ///         match ctx.propose("host@localhost", Json(2)).within("5s").await? {
    ///             Proposed::Accepted(_) => println!("we are coming"),
    ///             Proposed::Rejected(why) => println!("{}", why.body().unwrap_or_default()),
    ///             other => println!("{other:?}"),
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// The other side is a [`Participant`](crate::protocol::propose::Participant).
    pub fn propose(&self, to: impl IntoJid, proposal: impl IntoBody) -> Proposing<A> {
        let propose = Message::draft(Performative::Propose).with_to(to);
        Proposing {
            talk: Talk::new(self, TOKEN),
            message: proposal.write_to(propose),
            time: Ok(ANSWER),
            cancel: Box::pin(std::future::pending()),
        }
    }
}

/// What became of a proposal: see [`Context::propose`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Proposed {
    /// It is wanted.
    Accepted(Message),
    /// It is not wanted.
    Rejected(Message),
    /// The agent could not decide: something failed.
    Failed(Message),
    /// The agent does not know what is meant.
    NotUnderstood(Message),
    /// The agent said something that has no place there. It was told so, and that was the end.
    Broken(Message),
    /// The agent said nothing in time. It is told that nobody waits any more (`cancel`).
    Late,
    /// It was [cancelled](Proposing::cancel_on); this is what the agent says to that.
    Cancelled(Cancelled),
    /// The agent was not reached.
    Unreachable(Unreachable),
}

impl Proposed {
    /// Whether it is wanted.
    pub fn is_accepted(&self) -> bool {
        matches!(self, Self::Accepted(_))
    }
}

/// A proposal that is being put together: see [`Context::propose`].
#[must_use = "nothing is proposed before it is awaited"]
pub struct Proposing<A: Agent> {
    talk: Talk<A>,
    message: Message,
    time: Result<Duration, DurationError>,
    cancel: BoxFuture<'static, ()>,
}

impl<A: Agent> Proposing<A> {
    /// How long the answer is waited for: ten seconds if this does not say otherwise. The other agent is told so
    /// (`reply-by`).
    pub fn within(mut self, time: impl IntoDuration) -> Self {
        self.time = time.into_duration();
        self
    }

    /// The ontology of the proposal.
    pub fn ontology(mut self, ontology: impl AsRef<str>) -> Self {
        self.message = self.message.with_ontology(ontology);
        self
    }

    /// The language of the proposal.
    pub fn language(mut self, language: impl AsRef<str>) -> Self {
        self.message = self.message.with_language(language);
        self
    }

    /// Takes the proposal back when this is done before there is an answer: the agent is told so (`cancel`), and what it
    /// says to that is the outcome, [`Proposed::Cancelled`]; unless it had decided already, and then that is the outcome.
    ///
    /// Whoever drops a proposal that is awaited takes it back, too, and does not learn what comes of that.
    pub fn cancel_on(mut self, event: impl Future<Output: Send> + Send + 'static) -> Self {
        self.cancel = Box::pin(async move {
            event.await;
        });
        self
    }
}

impl<A: Agent> IntoFuture for Proposing<A> {
    type Output = crate::Result<Proposed>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let time = self.time?;
            let due = after(time);
            let message = self.message.with_reply_by(self.talk.ctx().now() + time);
            let to = match message.receiver() {
                Ok(to) => to.clone(),
                Err(error) => return Err(SendError::Invalid { error, message }.into()),
            };
            if let Some(unreachable) = self.talk.send(message).await? {
                return Ok(Proposed::Unreachable(unreachable));
            }
            let mut open = Open {
                talk: self.talk,
                to,
                is_over: false,
            };
            let outcome = tokio::select! {
                biased;
                outcome = open.outcome(due) => outcome,
                () = self.cancel => open.cancel(time).await?,
            };
            match &outcome {
                Proposed::Late => {}
                // What crosses with it is nobody's business any more.
                Proposed::Cancelled(_) => open.talk.abandon([]),
                _ => open.is_over = true,
            }
            Ok(outcome)
        })
    }
}

/// A proposal that is not answered. It is taken back if nobody waits any more.
struct Open<A: Agent> {
    talk: Talk<A>,
    to: Jid,
    is_over: bool,
}

impl<A: Agent> Open<A> {
    async fn outcome(&self, due: Instant) -> Proposed {
        loop {
            let (sender, act, message) = match self.talk.hear(due).await {
                Some(Heard::Said(sender, act, message)) => (sender, act, message),
                Some(Heard::Undelivered(unreachable)) => return Proposed::Unreachable(unreachable),
                None => return Proposed::Late,
            };
            if !self.to.same_account(&sender) {
                self.talk.out_of_place(&message);
                continue;
            }
            return match act {
                Performative::AcceptProposal => Proposed::Accepted(message),
                Performative::RejectProposal => Proposed::Rejected(message),
                Performative::Failure => Proposed::Failed(message),
                Performative::NotUnderstood => Proposed::NotUnderstood(message),
                _ => {
                    self.talk.out_of_place(&message);
                    Proposed::Broken(message)
                }
            };
        }
    }

    async fn cancel(&self, time: Duration) -> crate::Result<Proposed> {
        let with = std::slice::from_ref(&self.to);
        let said = self.talk.cancel(with, time).await?;
        let said = said.into_iter().map(|(_, said)| said).next();
        let said = said.unwrap_or(Cancelled::Late);
        // It may have decided before it heard of that.
        match self.outcome(Instant::now()).await {
            Proposed::Late => Ok(Proposed::Cancelled(said)),
            _ if said.is_done() => Ok(Proposed::Cancelled(said)),
            decided => Ok(decided),
        }
    }
}

impl<A: Agent> Drop for Open<A> {
    fn drop(&mut self) {
        if !self.is_over {
            self.talk.abandon([self.to.clone()]);
        }
    }
}

impl<A: Agent> fmt::Debug for Proposing<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proposing")
            .field("message", &self.message)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
