//! Subscribe as the one who wants to be told sees it: an awaited call, and a feed of news.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use tokio::time::Instant;

use super::{Feed, TOKEN};
use crate::agent::{Agent, Context};
use crate::message::{IntoBody, IntoJid, Message, Performative};
use crate::network::{BoxFuture, SendError};
use crate::protocol::Unreachable;
use crate::protocol::talk::{Heard, Talk};
use crate::time::{DurationError, IntoDuration, after};

/// How long the answer is waited for if nothing is said.
const ANSWER: Duration = Duration::from_secs(10);

impl<A: Agent> Context<A> {
    /// Subscribes to what another agent publishes, by FIPA's Subscribe (SC00035).
    ///
    /// Awaited, it gives what the publisher says to that. If it agrees, that is a [`Feed`], from which the news is taken;
    /// the subscription lasts until that is dropped or [cancelled](Feed::cancel). ([`Context::subscribe`] is something
    /// else: a mailbox for messages that come anyway.)
    ///
    /// ```
    /// use peak::prelude::*;
    /// use peak::protocol::subscribe::{Subscribed, Told};
    ///
    /// #[agent]
    /// struct Display;
    ///
    /// #[agent]
    /// impl Display {
    ///     #[behaviour(one_shot)]
    ///     async fn show(ctx: Context<Self>) -> peak::Result<()> {
    ///         let subscribed = ctx.subscribe_to("sensor@localhost", "temperature").within("5s").await?;
    ///         let Subscribed::Active(mut feed) = subscribed else {
    ///             println!("{subscribed:?}");
    ///             return Ok(());
    ///         };
    ///         loop {
    ///             match feed.next("1m").await? {
    ///                 Told::News(news) => println!("{} degrees", news.content::<f64>()?),
    ///                 Told::Nothing => println!("is it still there?"),
    ///                 ended => return Ok(println!("{ended:?}")),
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    ///
    /// The other side is a [`Participant`](crate::protocol::subscribe::Participant).
    pub fn subscribe_to(&self, publisher: impl IntoJid, topic: impl IntoBody) -> Subscribe<A> {
        let subscribe = Message::draft(Performative::Subscribe).with_to(publisher);
        Subscribe {
            talk: Talk::new(self, TOKEN),
            message: topic.write_to(subscribe),
            time: Ok(ANSWER),
        }
    }
}

/// What a publisher says to a subscription: see [`Context::subscribe_to`].
#[non_exhaustive]
pub enum Subscribed<A: Agent> {
    /// It agrees, or tells the first news at once, as some foreign publishers do.
    Active(Feed<A>),
    /// It will not.
    Refused(Message),
    /// It could not.
    Failed(Message),
    /// It does not know what is meant.
    NotUnderstood(Message),
    /// It said something that has no place there. It was told so, and that was the end.
    Broken(Message),
    /// It said nothing in time. It is told that nobody waits any more (`cancel`).
    Late,
    /// It was not reached.
    Unreachable(Unreachable),
}

impl<A: Agent> Subscribed<A> {
    /// The feed, if the publisher agrees.
    pub fn active(self) -> Option<Feed<A>> {
        match self {
            Self::Active(feed) => Some(feed),
            _ => None,
        }
    }
}

impl<A: Agent> fmt::Debug for Subscribed<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, said): (_, &dyn fmt::Debug) = match self {
            Self::Active(feed) => ("Active", feed),
            Self::Refused(message) => ("Refused", message),
            Self::Failed(message) => ("Failed", message),
            Self::NotUnderstood(message) => ("NotUnderstood", message),
            Self::Broken(message) => ("Broken", message),
            Self::Late => return f.write_str("Late"),
            Self::Unreachable(unreachable) => ("Unreachable", unreachable),
        };
        f.debug_tuple(name).field(said).finish()
    }
}

/// A subscription that is being put together: see [`Context::subscribe_to`].
#[must_use = "nobody is asked before it is awaited"]
pub struct Subscribe<A: Agent> {
    talk: Talk<A>,
    message: Message,
    time: Result<Duration, DurationError>,
}

impl<A: Agent> Subscribe<A> {
    /// How long the answer is waited for: ten seconds if this does not say otherwise. The publisher is told so
    /// (`reply-by`).
    pub fn within(mut self, time: impl IntoDuration) -> Self {
        self.time = time.into_duration();
        self
    }

    /// The ontology of the topic.
    pub fn ontology(mut self, ontology: impl AsRef<str>) -> Self {
        self.message = self.message.with_ontology(ontology);
        self
    }

    /// The language of the topic.
    pub fn language(mut self, language: impl AsRef<str>) -> Self {
        self.message = self.message.with_language(language);
        self
    }
}

impl<A: Agent> IntoFuture for Subscribe<A> {
    type Output = crate::Result<Subscribed<A>>;
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
                return Ok(Subscribed::Unreachable(unreachable));
            }
            // From here on it is cancelled if it is dropped.
            let feed = Feed::new(self.talk, to);
            Ok(answer(feed, due).await)
        })
    }
}

/// What the publisher says first.
async fn answer<A: Agent>(mut feed: Feed<A>, due: Instant) -> Subscribed<A> {
    loop {
        let (act, message) = match feed.talk().hear(due).await {
            Some(Heard::Said(sender, act, message)) if feed.is_of(&sender) => (act, message),
            Some(Heard::Said(_, _, message)) => {
                feed.talk().out_of_place(&message);
                continue;
            }
            Some(Heard::Undelivered(unreachable)) => {
                feed.end();
                return Subscribed::Unreachable(unreachable);
            }
            None => return Subscribed::Late,
        };
        return match act {
            Performative::Agree => {
                feed.agree(&message);
                Subscribed::Active(feed)
            }
            Performative::Inform => {
                feed.begin_with(message);
                Subscribed::Active(feed)
            }
            Performative::Refuse => {
                feed.end();
                Subscribed::Refused(message)
            }
            Performative::Failure => {
                feed.end();
                Subscribed::Failed(message)
            }
            Performative::NotUnderstood => {
                feed.end();
                Subscribed::NotUnderstood(message)
            }
            _ => {
                feed.break_off(&message);
                Subscribed::Broken(message)
            }
        };
    }
}

impl<A: Agent> fmt::Debug for Subscribe<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscribe")
            .field("message", &self.message)
            .field("time", &self.time)
            .finish_non_exhaustive()
    }
}
