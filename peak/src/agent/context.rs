//! What a handler or a behaviour can do: talk, wait, look at the state, start and end things.

use std::any::Any;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use super::core::{Job, OwnWork, Shared};
use super::local::Local;
use super::spans::{self, Role};
use super::wiring::{Behaviour, Kind, Run};
use super::{Agent, AgentHandle, AgentRng, Contacts, Outcome, SpawnError, handle, task};
use smol_str::SmolStr;
use tokio::task::JoinSet;
use tracing::Span;

use crate::behaviour::compose::Backoff;
use crate::behaviour::{BehaviourHandle, Cell, Exit, JoinError, UnknownBehaviour};
use crate::message::reply::draft;
use crate::message::{IntoJid, Jid, JidError, Message, Presence, Template, log};
use crate::network::{
    ReceiveError, ReplyError, SendAllError, SendError, Sending, Subscription, Undelivered,
};
use crate::time::{DurationError, IntoDuration, IntoTimeout, after};

/// An agent's hands: it is given to every handler, behaviour and hook.
///
/// A clone is cheap and may be moved into another task.
///
/// What gives nothing back returns [`peak::Result<()>`](crate::Result), so that it can be the last
/// line of a function; what gives something has an error type of its own.
pub struct Context<A> {
    shared: Arc<Shared<A>>,
    /// The mailbox of the behaviour that this context was given to.
    mailbox: Option<Arc<Subscription>>,
}

impl<A> Clone for Context<A> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            mailbox: self.mailbox.clone(),
        }
    }
}

impl<A> fmt::Debug for Context<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Context").field(self.shared.jid()).finish()
    }
}

/// Why a request got no reply.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// It could not be sent.
    #[error(transparent)]
    Send(#[from] SendError),
    /// No reply came in time.
    #[error("`{to}` did not reply within {}", humantime::format_duration(*waited))]
    Timeout {
        /// Who was asked.
        to: Jid,
        /// How long.
        waited: Duration,
    },
    /// The request did not reach the receiver.
    #[error("the request to `{to}` was not delivered: {why}")]
    Undelivered {
        /// Who was asked.
        to: Jid,
        /// Why not.
        why: Undelivered,
    },
    /// The agent would wait for itself.
    #[error(
        "`{to}` asks itself while it holds its own state, and could never reply; \
         ask from a function without `self`"
    )]
    OwnTask {
        /// The agent.
        to: Jid,
    },
    /// A request with the same `reply-with` is waiting already.
    #[error("a request with `reply-with` \"{0}\" is already waiting; let the platform choose it")]
    Duplicate(String),
    /// The timeout is malformed.
    #[error(transparent)]
    Malformed(#[from] DurationError),
}

impl<A> Context<A> {
    /// This agent's full address.
    pub fn jid(&self) -> &Jid {
        self.shared.jid()
    }

    /// Sends a message; the sender is filled in.
    ///
    /// It returns as soon as the receiver's mailbox has accepted the message, which is at once
    /// unless the mailbox is full.
    ///
    /// # Errors
    ///
    /// A [`SendError`]: the message has no proper receiver, nobody has that address, or its mailbox
    /// stays full. It gives the message back:
    ///
    /// ```
    /// # use peak::prelude::*;
    /// # async fn demo<A: Agent>(ctx: Context<A>) -> peak::Result<()> {
    /// use peak::SendError;
    ///
    /// if let Err(error) = ctx.send(Message::inform("bob@localhost").text("hello")).await {
    ///     let message = error.downcast::<SendError>()?.into_message();
    ///     ctx.send(message.with_to("carol@localhost")).await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send(&self, message: Message) -> crate::Result<()> {
        match self.begin_send(message, Role::Other) {
            Sending::Done => Ok(()),
            Sending::Failed(error) => Err(error.into()),
            Sending::Waiting(sending) => Ok(sending.await?),
        }
    }

    /// Begins to send a message where nothing can be awaited.
    pub(crate) fn begin_send_other(&self, message: Message) -> Sending {
        self.begin_send(message, Role::Other)
    }

    /// Fills in the sender and gives the message to the network.
    pub(super) fn begin_send(&self, mut message: Message, role: Role) -> Sending {
        message.set_sender(self.shared.jid().clone());
        if spans::are_wanted() {
            return spans::send(message, role, |message| self.hand_over(message));
        }
        self.hand_over(message)
    }

    /// Gives the network a message whose sender is filled in.
    fn hand_over(&self, message: Message) -> Sending {
        log::sending(&message);
        let sending = self.shared.services.network.send(message);
        if !matches!(sending, Sending::Failed(_)) {
            self.shared.count_sent();
        }
        sending
    }

    /// Sends one message to many agents; the content is shared, not copied. Every receiver is tried,
    /// and nobody waits for another's mailbox.
    ///
    /// # Errors
    ///
    /// A [`SendAllError`] with one error for each receiver that did not get the message.
    pub fn send_all<I>(
        &self,
        receivers: I,
        mut message: Message,
    ) -> impl Future<Output = crate::Result<()>> + Send + use<'_, A, I>
    where
        I: IntoIterator<Item: IntoJid>,
    {
        message.set_common_sender(self.shared.jid().clone());
        // One span for all: what they have in common says whom they are from, and so do they.
        let span = spans::are_wanted().then(|| Box::new(spans::sending(&mut message, Role::Other)));
        // The receivers may be borrowed in ways that a future cannot be held with.
        let messages: Vec<Message> = receivers
            .into_iter()
            .map(|receiver| message.clone().with_to(receiver))
            .collect();
        async move {
            let total = messages.len();
            if let Some(span) = &span {
                span.record("messaging.batch.message_count", total);
            }
            let mut errors = Vec::new();
            let mut waiting = JoinSet::new();
            for message in messages {
                match self.hand_over(message) {
                    Sending::Done => {}
                    Sending::Failed(error) => errors.push(error),
                    Sending::Waiting(sending) => {
                        waiting.spawn(sending);
                    }
                }
            }
            for sent in waiting.join_all().await {
                errors.extend(sent.err());
            }
            match errors.as_slice() {
                [] => Ok(()),
                [..] => {
                    let error = SendAllError { total, errors };
                    if let Some(span) = &span {
                        spans::note_failed(span, "not-sent", &error);
                    }
                    Err(error.into())
                }
            }
        }
    }

    /// Begins to send one message to many where nothing can be awaited; gives what is not done with that.
    pub(crate) fn begin_send_all(
        &self,
        receivers: impl IntoIterator<Item = Jid>,
        mut message: Message,
    ) -> Vec<Sending> {
        message.set_common_sender(self.shared.jid().clone());
        let _span = spans::are_wanted().then(|| spans::sending(&mut message, Role::Other));
        let messages = receivers.into_iter().map(|to| message.clone().with_to(to));
        let mut left = Vec::new();
        for message in messages {
            match self.hand_over(message) {
                Sending::Done => {}
                sending => left.push(sending),
            }
        }
        left
    }

    /// Sends a message and waits for the reply to it.
    ///
    /// The message gets a `reply-with`, and a conversation of its own if it has none. The reply is
    /// whatever names that `reply-with`, or belongs to the conversation and names nothing; it goes
    /// here and not to the handlers. It may well be a `refuse` or a `failure`.
    ///
    /// A handler with `&mut self` that waits here keeps its agent from doing anything else; the
    /// reply itself does not queue behind it.
    ///
    /// # Errors
    ///
    /// If the message cannot be sent, or no reply comes in time.
    pub async fn request(
        &self,
        mut message: Message,
        timeout: impl IntoDuration,
    ) -> Result<Message, RequestError> {
        let timeout = timeout.into_duration()?;
        let to = match message.receiver() {
            Ok(to) => to.clone(),
            Err(error) => return Err(SendError::Invalid { error, message }.into()),
        };
        if to.covers(self.jid()) && self.shared.on_own_task() {
            return Err(RequestError::OwnTask { to });
        }
        message.set_sender(self.shared.jid().clone());
        let (reply_with, conversation) = message.ask(|| self.shared.services.new_id());
        // Until the reply is there.
        let span = spans::are_wanted().then(|| Box::new(spans::sending(&mut message, Role::Other)));
        let deadline = after(timeout);
        let inbox = &self.shared.inbox;
        let mut names = Some((reply_with, conversation));
        let expect = poll_fn(|cx| {
            let (reply_with, conversation) = names.take().unwrap_or_default();
            Poll::Ready(inbox.expect_reply(cx, &to, reply_with, conversation, deadline))
        });
        let mut reply = match expect.await {
            Ok(reply) => reply,
            Err(_) => {
                let reply_with = message.reply_with().unwrap_or_default();
                return Err(unanswered(
                    span.as_deref(),
                    RequestError::Duplicate(reply_with.to_owned()),
                ));
            }
        };
        match self.hand_over(message) {
            // The reply wakes this task, so there is nothing to look at before it is woken.
            Sending::Done => next_poll().await,
            Sending::Failed(error) => return Err(unanswered(span.as_deref(), error.into())),
            Sending::Waiting(sending) => {
                match tokio::time::timeout_at(deadline, sending).await {
                    Ok(sent) => {
                        sent.map_err(|error| unanswered(span.as_deref(), error.into()))?;
                    }
                    // Not sent at all, and not any more.
                    Err(_) => {
                        let waited = timeout;
                        let late = RequestError::Timeout { to, waited };
                        return Err(unanswered(span.as_deref(), late));
                    }
                }
            }
        }
        let error = match poll_fn(|cx| reply.poll(cx)).await {
            Ok(reply) => return Ok(reply),
            Err(ReplyError::Late) => RequestError::Timeout {
                to,
                waited: timeout,
            },
            Err(ReplyError::Undelivered(why)) => RequestError::Undelivered { to, why },
            // Told when the wait began.
            Err(ReplyError::Duplicate) => RequestError::Duplicate(String::new()),
        };
        Err(unanswered(span.as_deref(), error))
    }

    /// Answers a message: `ctx.reply(&message, Inform(Json(result)))`.
    ///
    /// The answer goes to `reply-to` or the sender and keeps the conversation, see
    /// [`Message::reply`]. Handlers answer by returning; this is for answering later, from
    /// [`spawn`](Context::spawn) for example.
    ///
    /// # Errors
    ///
    /// As [`send`](Context::send).
    pub async fn reply(
        &self,
        message: &Message,
        reply: impl crate::reply::Reply,
    ) -> crate::Result<()> {
        self.send(message.complete_reply(draft(reply))).await
    }

    /// The next message in the mailbox of this behaviour, as `receives(…)` declares it; `None` if
    /// none comes in time. `"0s"` only looks; `None` waits for ever.
    ///
    /// # Errors
    ///
    /// If the behaviour declares no `receives(…)`, or the timeout is malformed.
    pub async fn receive(
        &self,
        timeout: impl IntoTimeout,
    ) -> Result<Option<Message>, ReceiveError> {
        let mailbox = self.mailbox.as_ref().ok_or(ReceiveError::NoMailbox)?;
        mailbox.receive(timeout).await
    }

    /// Has the mailbox of this behaviour take other messages from now on than `receives(…)` says. What is in it
    /// already stays.
    ///
    /// # Errors
    ///
    /// If the behaviour declares no `receives(…)`.
    pub fn set_template(&self, template: Template) -> Result<(), ReceiveError> {
        let mailbox = self.mailbox.as_ref().ok_or(ReceiveError::NoMailbox)?;
        mailbox.set_template(template);
        Ok(())
    }

    /// Opens a mailbox: from now on matching messages are kept in it, see [`Subscription`].
    pub fn subscribe(&self, template: Template) -> Subscription {
        self.shared.inbox.subscribe(template)
    }

    /// Asks the agent to stop. What runs is ended, `on_stop` runs, and the agent is gone.
    pub fn stop(&self) {
        self.shared.request_stop();
    }

    /// Keeps a value under this key, for the agent's other behaviours.
    pub fn set<T: Send + Sync + 'static>(&self, key: impl Into<String>, value: T) {
        self.shared.set_value(key.into(), Arc::new(value));
    }

    /// The value kept under this key, if there is one and it is of this type.
    pub fn get<T: Clone + Send + Sync + 'static>(&self, key: &str) -> Option<T> {
        let value: Arc<dyn Any + Send + Sync> = self.shared.value(key)?;
        value.downcast_ref::<T>().cloned()
    }

    /// Forgets the value kept under this key.
    pub fn remove(&self, key: &str) {
        self.shared.remove_value(key);
    }

    /// The time, as the platform's clock shows it.
    pub fn now(&self) -> SystemTime {
        self.shared.services.clock.now()
    }

    /// Waits.
    ///
    /// # Errors
    ///
    /// If the duration is malformed.
    pub async fn sleep(&self, duration: impl IntoDuration) -> crate::Result<()> {
        tokio::time::sleep(duration.into_duration()?).await;
        Ok(())
    }

    /// Waits for a future, in a [blocking behaviour](macro@crate::behaviour), which has a thread of its own
    /// to wait on.
    ///
    /// ```
    /// use peak::prelude::*;
    ///
    /// #[agent]
    /// struct Miner {
    ///     found: u64,
    /// }
    ///
    /// #[agent]
    /// impl Miner {
    ///     #[behaviour(one_shot, blocking)]
    ///     fn dig(ctx: Context<Self>) -> peak::Result<()> {
    ///         let sum = (1..=1_000_000u64).filter(|number| number % 7 == 0).sum();
    ///         ctx.block_on(ctx.with(move |me| me.found = sum));
    ///         ctx.block_on(ctx.send(Message::inform("chief@localhost").json(sum)))
    ///     }
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// In an `async` function, which would keep its thread from everything else: write `.await` there.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        tokio::runtime::Handle::current().block_on(future)
    }

    /// Waits for a future, but not for longer than that. If it takes longer it ends as it is, at an
    /// `.await`.
    ///
    /// ```
    /// # use peak::prelude::*;
    /// # async fn example<A: Agent>(ctx: Context<A>) -> peak::Result<()> {
    /// let handshake = async {
    ///     ctx.request(Message::request("door@localhost").text("open"), "5s").await?;
    ///     ctx.request(Message::request("lamp@localhost").text("on"), "5s").await
    /// };
    /// match ctx.within("6s", handshake).await? {
    ///     Some(done) => drop(done?),
    ///     None => println!("too late"),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If the duration is malformed.
    pub async fn within<F: IntoFuture>(
        &self,
        time: impl IntoDuration,
        future: F,
    ) -> crate::Result<Option<F::Output>> {
        let due = after(time.into_duration()?);
        Ok(tokio::time::timeout_at(due, future.into_future())
            .await
            .ok())
    }

    /// Does something until it succeeds, and waits longer and longer in between.
    ///
    /// ```
    /// use peak::compose::Backoff;
    /// # use peak::prelude::*;
    /// # async fn example<A: Agent>(ctx: Context<A>) -> peak::Result<()> {
    /// let answer = ctx
    ///     .retry(Backoff::times(5).first("200ms"), || {
    ///         ctx.request(Message::query_ref("oracle@localhost"), "1s")
    ///     })
    ///     .await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The last error, with the number of attempts; or a duration in the [`Backoff`] is malformed.
    pub async fn retry<F, T, E>(
        &self,
        backoff: Backoff,
        mut attempt: impl FnMut() -> F,
    ) -> crate::Result<T>
    where
        F: Future<Output = Result<T, E>>,
        E: Into<crate::Error>,
    {
        let mut rng = self.rng();
        let mut waits = backoff.waits(&mut rng)?;
        let mut attempts = 1u32;
        loop {
            let error = match attempt().await {
                Ok(value) => return Ok(value),
                Err(error) => error.into(),
            };
            let Some(wait) = waits.next() else {
                return Err(error.context(format!("failed {attempts} times, lastly")));
            };
            tracing::debug!(agent = %self.jid(), "attempt {attempts} failed: {error:#}");
            tokio::time::sleep(wait).await;
            attempts += 1;
        }
    }

    /// A new generator of random numbers. All of a run's come from the platform's seed, so a run
    /// with the same seed draws the same numbers.
    ///
    /// ```
    /// use peak::prelude::*;
    ///
    /// # #[agent] struct Player;
    /// #[agent]
    /// impl Player {
    ///     #[behaviour(one_shot)]
    ///     async fn play(ctx: Context<Self>) {
    ///         let dice: u8 = ctx.rng().random_range(1..=6);
    ///         println!("{dice}");
    ///     }
    /// }
    /// ```
    pub fn rng(&self) -> AgentRng {
        let nth = self.shared.next_rng();
        self.shared.services.rng(self.jid(), nth)
    }

    /// Whether this agent can reach others now: always on the embedded network; on an XMPP server
    /// while its connection stands. What is sent meanwhile waits.
    pub fn is_online(&self) -> bool {
        self.shared.services.network.is_online(self.jid())
    }

    /// Shows this agent so from now on; those of its [`contacts`](Context::contacts) who are told of
    /// its presence learn of it at once.
    pub fn set_presence(&self, presence: Presence) {
        self.shared
            .services
            .network
            .set_presence(self.jid(), presence);
    }

    /// How the agent at this address is; `None` if it is not there, or this agent cannot see it. On
    /// the embedded network agents see each other; on an XMPP server an agent sees those that have
    /// approved a [`subscribe`](crate::Contacts::subscribe) of its account.
    ///
    /// # Errors
    ///
    /// If the address is malformed.
    pub fn presence(&self, jid: impl IntoJid) -> Result<Option<Presence>, JidError> {
        let network = &self.shared.services.network;
        Ok(network.presence(self.jid(), &jid.into_jid()?))
    }

    /// The agents that this one knows, and who is told of whose presence.
    pub fn contacts(&self) -> Contacts<'_, A> {
        Contacts::new(self)
    }

    /// The behaviour of this name.
    ///
    /// # Errors
    ///
    /// If the agent has no behaviour of this name.
    pub fn behaviour(&self, name: &str) -> Result<BehaviourHandle, UnknownBehaviour> {
        self.shared.behaviour(name)
    }

    /// The behaviours of this agent, in the order in which they were added; those that have ended are
    /// among them for a while.
    ///
    /// ```
    /// # use peak::prelude::*;
    /// # fn list<A: Agent>(ctx: &Context<A>) {
    /// for behaviour in ctx.behaviours() {
    ///     match behaviour.exit() {
    ///         None => println!("{} goes on", behaviour.name()),
    ///         Some(exit) => println!("{}: {exit}", behaviour.name()),
    ///     }
    /// }
    /// # }
    /// ```
    pub fn behaviours(&self) -> Vec<BehaviourHandle> {
        let cells = self.shared.behaviours();
        cells.into_iter().map(BehaviourHandle::new).collect()
    }

    /// Ends the behaviour of this name with this exit code, see [`BehaviourHandle::kill`].
    ///
    /// # Errors
    ///
    /// If the agent has no behaviour of this name.
    pub fn kill(&self, name: &str, code: i32) -> Result<(), UnknownBehaviour> {
        self.behaviour(name)?.kill(code);
        Ok(())
    }

    /// Waits for the end of the behaviour of this name, see [`BehaviourHandle::join`].
    ///
    /// # Errors
    ///
    /// If the agent has no behaviour of this name, or it does not end in time.
    pub async fn join(&self, name: &str, timeout: impl IntoTimeout) -> Result<Exit, JoinError> {
        self.behaviour(name)?.join(timeout).await
    }

    pub(crate) fn shared(&self) -> &Arc<Shared<A>> {
        &self.shared
    }
}

/// The same error, noted in the span of the request if it has one.
fn unanswered(span: Option<&Span>, error: RequestError) -> RequestError {
    if let Some(span) = span {
        let kind = match &error {
            RequestError::Timeout { .. } => "timeout",
            _ => "not-sent",
        };
        spans::note_failed(span, kind, &error);
    }
    error
}

/// Waits until the task is woken by whatever it has arranged for.
async fn next_poll() {
    let mut woken = false;
    poll_fn(|_| {
        if std::mem::replace(&mut woken, true) {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    })
    .await;
}

impl<A: Agent> Context<A> {
    pub(super) fn new(shared: Arc<Shared<A>>) -> Self {
        Self {
            shared,
            mailbox: None,
        }
    }

    /// The mailbox of the behaviour that this context was given to.
    pub(super) fn mailbox(&self) -> Option<&Subscription> {
        self.mailbox.as_deref()
    }

    pub(super) fn with_mailbox(&self, mailbox: Option<Arc<Subscription>>) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
            mailbox,
        }
    }

    /// Looks at, or changes, the agent's state, from a behaviour that runs beside it:
    /// `ctx.with(|me| me.target).await`. It happens between two of the agent's handlers.
    ///
    /// The closure cannot wait, and owns what it uses: write `move |me| …` to hand something in.
    ///
    /// # Panics
    ///
    /// In a function with `self`, which holds the state already: it would wait for itself. And in a
    /// task that outlives its agent; behaviours and what [`spawn`](Context::spawn) started end with
    /// it.
    pub async fn with<R: Send + 'static>(
        &self,
        look: impl FnOnce(&mut A) -> R + Send + 'static,
    ) -> R {
        match handle::with(&self.shared, look).await {
            Some(result) => result,
            None => panic!(
                "`with(…)` of {}: the agent has ended, and its state with it",
                self.jid()
            ),
        }
    }

    /// Has this done with the agent's state, between two of its handlers, unless it ends before.
    pub(crate) fn do_with_state(&self, name: &'static str, work: OwnWork<A>) {
        let cell = Cell::new(SmolStr::new_static(name));
        // What is not taken is dropped here.
        drop(self.shared.leave_job(Job::Work(cell, work)));
    }

    /// Adds a behaviour, or a handler after those the agent has, while it runs.
    pub fn add(&self, behaviour: Behaviour<A>) -> BehaviourHandle {
        let cell = match &behaviour.kind {
            Kind::Handler(_) => Cell::new(behaviour.name),
            Kind::Scheduled(it) => Cell::scheduled(behaviour.name, it.schedule),
        };
        self.shared.know_behaviour(Arc::clone(&cell));
        let ended = match behaviour.kind {
            Kind::Handler(handler) => self
                .shared
                .leave_job(Job::Handle(Arc::clone(&cell), handler)),
            Kind::Scheduled(scheduled) => match scheduled.run {
                Run::Task(_) => {
                    task::start(self, Arc::clone(&cell), &scheduled, None);
                    Ok(())
                }
                Run::WithState(run) => {
                    let clock = &self.shared.services.clock;
                    let local = Local::new(Arc::clone(&cell), &scheduled, run, clock);
                    self.shared.leave_job(Job::Add(local))
                }
            },
        };
        if ended.is_err() {
            cell.kill(0);
        }
        BehaviourHandle::new(cell)
    }

    /// Runs this beside the agent, for as long as it takes or until the agent ends: the place for
    /// long work, which answers later with [`reply`](Context::reply).
    pub fn spawn<F>(&self, work: F) -> BehaviourHandle
    where
        F: Future + Send + 'static,
        F::Output: super::BehaviourReturn,
    {
        self.spawn_named("spawned task", async move {
            super::BehaviourReturn::into_outcome(work.await)
        })
    }

    /// Runs work under this name.
    pub(crate) fn spawn_named(
        &self,
        name: &'static str,
        work: impl Future<Output = Outcome> + Send + 'static,
    ) -> BehaviourHandle {
        task::spawn_work(self, name, work)
    }

    /// Starts another agent on the same platform, see [`Platform::spawn`](crate::Platform::spawn).
    ///
    /// # Errors
    ///
    /// If the address is malformed or taken, or the agent's `on_start` fails.
    pub async fn spawn_agent<B: Agent>(
        &self,
        jid: impl IntoJid,
        agent: B,
    ) -> Result<AgentHandle<B>, SpawnError> {
        super::spawn(&self.shared.services, jid.into_jid()?, agent).await
    }
}

#[cfg(test)]
mod tests {
    use crate::Schedule;
    use crate::message::News;
    use crate::network::Event;
    use peak::prelude::*;

    #[agent]
    struct Meter {
        told: Vec<String>,
    }

    #[agent]
    impl Meter {
        #[on_connection(lost, observe)]
        async fn note(&mut self, change: ConnectionChange) {
            self.told.push(format!("note {change:?}"));
        }

        #[on_connection(lost)]
        async fn lost(&mut self) {
            self.told.push("lost".into());
        }

        #[on_connection]
        async fn back(&mut self, ctx: &Context<Self>, change: ConnectionChange) {
            self.told.push(format!("{} {change:?}", ctx.jid()));
        }

        #[on_presence]
        async fn presence(&mut self) {
            self.told.push("presence".into());
        }

        #[on_message]
        async fn read(&mut self, Text(text): Text) {
            self.told.push(text);
        }
    }

    #[tokio::test]
    async fn what_becomes_of_the_connection_comes_among_the_messages() {
        let platform = Platform::new();
        let meter = platform.spawn("meter@localhost", Meter { told: Vec::new() });
        let meter = meter.await.unwrap();
        let (sender, mut contexts) = tokio::sync::mpsc::unbounded_channel();
        let lend = Behaviour::new("lend", Schedule::OneShot, move |ctx: Context<Meter>| {
            let sent = sender.send(ctx);
            async move { assert!(sent.is_ok()) }
        });
        meter.add(lend);
        let ctx = contexts.recv().await.unwrap();
        let tell = |change| {
            let event = Event::News(None, News::Connection(change));
            ctx.shared().inbox.accept(event).unwrap();
        };
        let say = |text: &str| Message::inform(ctx.jid()).text(text);
        ctx.send(say("before")).await.unwrap();
        let reason = "reset".to_owned();
        tell(ConnectionChange::Lost { reason });
        ctx.send(say("between")).await.unwrap();
        tell(ConnectionChange::Restored);
        let told = async || meter.with(|meter| meter.told.clone()).await.unwrap();
        while told().await.len() < 5 {
            tokio::task::yield_now().await;
        }
        assert_eq!(
            told().await,
            [
                "before",
                r#"note Lost { reason: "reset" }"#,
                "lost",
                "between",
                "meter@localhost/main Restored",
            ]
        );
    }
}
