//! A message that is given to a broker.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::time::Duration;

use serde::Serialize;

use super::BROKERING;
use super::answers::Brokered;
use super::proxy::{Enclosed, Proxy};
use crate::agent::{Agent, Context};
use crate::message::{IntoJid, Jid, JidError, Message};
use crate::network::BoxFuture;
use crate::protocol::Achieve;
use crate::time::{DurationError, IntoDuration};

/// How long the broker's first answer is waited for if nothing is said, and how long everything after it: longer than
/// brokers wait if nothing is said there.
const ANSWER: Duration = Duration::from_secs(10);
const RESULT: Duration = Duration::from_secs(2 * 60);

/// The broker relays what those answer whom it has asked; see [`Context::broker`].
#[derive(Debug)]
pub enum Relayed {}

/// Those to whom the broker passes the message on answer themselves; see
/// [`Context::recruit`](crate::Context::recruit).
#[derive(Debug)]
pub enum Direct {}

impl<A: Agent> Context<A> {
    /// Gives a message to a broker, by FIPA's Brokering (SC00033): it asks those who are as described, and relays what they
    /// answer.
    ///
    /// The message is a `request`, `request-when`, `query-if`, `query-ref` or `inform`. Its performative, content, ontology,
    /// language and encoding are passed on, and neither addresses nor metadata; so it may be a draft. The description is
    /// whatever the broker takes, and goes to it as JSON.
    ///
    /// ```
    /// use peak::prelude::*;
    /// use peak::protocol::brokering::Brokered;
    ///
    /// #[agent]
    /// struct Reader;
    ///
    /// #[agent]
    /// impl Reader {
    ///     #[behaviour(one_shot)]
    ///     async fn ask(ctx: Context<Self>) -> peak::Result<()> {
    ///         let question = Message::draft(Performative::QueryRef).text("price of Dune");
    ///         match ctx.broker("broker@localhost", "sells books", question).await? {
    ///             Brokered::Done(answers) => {
    ///                 for told in answers.done() {
    ///                     println!("{:?}: {}", told.sender(), told.body().unwrap_or_default());
    ///                 }
    ///             }
    ///             Brokered::NoMatch(_) => println!("nobody sells books"),
    ///             other => println!("{other:?}"),
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// The other side is a [`Participant`](crate::protocol::brokering::Participant).
    pub fn broker<D>(
        &self,
        broker: impl IntoJid,
        description: D,
        message: Message,
    ) -> Brokerage<'_, A, D> {
        Brokerage::new(self, broker.into_jid(), description, message)
    }

    /// Gives a message to a broker, by FIPA's Recruiting (SC00034): it passes it on to those who are as described, and they
    /// answer this agent themselves, or [somebody else](Brokerage::answer_to).
    ///
    /// Message and description are as for [`Context::broker`]. Awaited, it gives what has come by the end of
    /// [`done_within`](Brokerage::done_within), or earlier, once everybody has answered.
    ///
    /// ```
    /// # use peak::prelude::*;
    /// # use peak::protocol::brokering::Brokered;
    /// # async fn example<A: Agent>(ctx: Context<A>) -> peak::Result<()> {
    /// let question = Message::draft(Performative::QueryRef).text("price of Dune");
    /// let asked = ctx.recruit("broker@localhost", "sells books", question).done_within("5s").await?;
    /// if let Brokered::Done(answers) = asked {
    ///     println!("{} of {} have answered", answers.done().len(), answers.passed_on().len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn recruit<D>(
        &self,
        broker: impl IntoJid,
        description: D,
        message: Message,
    ) -> Brokerage<'_, A, D, Direct> {
        Brokerage::new(self, broker.into_jid(), description, message)
    }
}

/// A message for a broker that is being put together: see [`Context::broker`] and [`Context::recruit`].
#[must_use = "nothing is given to the broker before it is awaited"]
pub struct Brokerage<'c, A, D, K = Relayed> {
    pub(super) ctx: &'c Context<A>,
    pub(super) given: Given<D>,
    pub(super) answer: Result<Duration, DurationError>,
    pub(super) result: Result<Duration, DurationError>,
    pub(super) cancel: BoxFuture<'c, ()>,
    kind: PhantomData<fn() -> K>,
}

/// What is given to whom.
pub(super) struct Given<D> {
    broker: Result<Jid, JidError>,
    description: D,
    message: Message,
    /// Who gets the answers, if not who gives it.
    pub(super) receiver: Result<Option<Jid>, JidError>,
}

/// What the broker gets.
pub(super) struct Package {
    pub(super) broker: Jid,
    pub(super) proxy: Message,
    /// Whether answers come to this agent, if they come from those who have the message.
    pub(super) hears: bool,
}

impl<D: Serialize + Send + Sync + 'static> Given<D> {
    /// Puts it together, for this agent.
    ///
    /// # Errors
    ///
    /// If an address is malformed, or the message is none that brokers pass on.
    pub(super) fn pack(self, own: &Jid) -> crate::Result<Package> {
        let (broker, receiver) = (self.broker?, self.receiver?);
        let enclosed = Enclosed::of(&self.message)?;
        enclosed.passed_by()?;
        let is_own = receiver.as_ref().is_none_or(|it| it.same_account(own));
        let hears = is_own && !enclosed.is_told();
        let proxy = Proxy::new(self.description, enclosed, receiver);
        Ok(Package {
            proxy: Message::proxy(broker.clone()).json(proxy),
            broker,
            hears,
        })
    }
}

impl<'c, A, D, K> Brokerage<'c, A, D, K> {
    fn new(
        ctx: &'c Context<A>,
        broker: Result<Jid, JidError>,
        description: D,
        message: Message,
    ) -> Self {
        Self {
            ctx,
            given: Given {
                broker,
                description,
                message,
                receiver: Ok(None),
            },
            answer: Ok(ANSWER),
            result: Ok(RESULT),
            cancel: Box::pin(std::future::pending()),
            kind: PhantomData,
        }
    }

    /// How long the broker's first answer is waited for: ten seconds if this does not say otherwise. The broker is told
    /// so (`reply-by`).
    pub fn answer_within(mut self, time: impl IntoDuration) -> Self {
        self.answer = time.into_duration();
        self
    }

    /// How long all else is waited for after that: two minutes if this does not say otherwise.
    pub fn done_within(mut self, time: impl IntoDuration) -> Self {
        self.result = time.into_duration();
        self
    }

    /// Cancels it when this is done first: the broker is told so (`cancel`), and tells those who have the message. What
    /// it says to that is the outcome, [`Brokered::Cancelled`].
    ///
    /// Whoever drops the call where it is awaited cancels it, too, and does not learn what comes of that.
    pub fn cancel_on(mut self, event: impl Future<Output: Send> + Send + 'c) -> Self {
        self.cancel = Box::pin(async move {
            event.await;
        });
        self
    }
}

impl<'c, A: Agent, D: Serialize + Send + Sync + 'static> IntoFuture for Brokerage<'c, A, D> {
    type Output = crate::Result<Brokered>;
    type IntoFuture = BoxFuture<'c, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self { ctx, given, .. } = self;
        let package = given.pack(ctx.jid());
        Box::pin(async move {
            let asked = Achieve::new(ctx, package?.proxy, self.answer, self.result, self.cancel);
            Ok(Brokered::of(asked.by(BROKERING).await?))
        })
    }
}

impl<A, D, K> fmt::Debug for Brokerage<'_, A, D, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Brokerage")
            .field("broker", &self.given.broker)
            .field("message", &self.given.message)
            .field("receiver", &self.given.receiver)
            .field("answer", &self.answer)
            .field("result", &self.result)
            .finish_non_exhaustive()
    }
}
