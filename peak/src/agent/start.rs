//! The life of an agent: it starts, works through what comes, and stops.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, Sleep};

use super::core::{Job, Shared};
use super::local::Local;
use super::outcome::{Outcome, Verdict};
use super::task::{self, exit_of};
use super::wiring::{Handle, Handler, Hook, Run, Wiring};
use super::{Agent, AgentHandle, Context, Services};
use crate::behaviour::{Cell, Exit, Ran, catch_panics, guarded, poll_caught};
use crate::message::reply::{Failure, NotUnderstood, Reply};
use crate::message::{Jid, JidError, Message, Performative};
use crate::network::{AttachError, BoxFuture};

/// Why an agent did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// The address is malformed.
    #[error(transparent)]
    Address(#[from] JidError),
    /// A parameter is missing or wrong.
    #[error(transparent)]
    Params(#[from] super::ParamErrors),
    /// The address cannot be had.
    #[error(transparent)]
    Attach(#[from] AttachError),
    /// The agent's `on_start` failed.
    #[error("`{jid}`: `{hook}` failed: {exit}")]
    OnStart {
        /// The agent.
        jid: Jid,
        /// The name of the function.
        hook: &'static str,
        /// How it failed.
        exit: Exit,
    },
}

/// A handler that keeps its agent's state for longer than this is mentioned in the log.
const LONG: Duration = Duration::from_secs(1);

/// Starts an agent; it is reachable, and its `on_start` is done, when this returns.
pub(crate) async fn spawn<A: Agent>(
    services: &Arc<Services>,
    jid: Jid,
    agent: A,
) -> Result<AgentHandle<A>, SpawnError> {
    let jid = if jid.is_bare() { jid.at_home() } else { jid };
    let wiring = Wiring::<A>::of();
    let shared = Arc::new(Shared::new(Arc::clone(services), jid));
    let ctx = Context::new(Arc::clone(&shared));

    // The mailboxes of its behaviours are open before the first message can come.
    let mailboxes: Vec<_> = wiring
        .behaviours
        .iter()
        .map(|(_, scheduled)| scheduled.receives.clone().map(|it| ctx.subscribe(it)))
        .collect();
    services.network.attach(Arc::clone(&shared.inbox))?;
    let place = services.roster.enter(shared.clone());

    let (started, start) = match wiring.on_start {
        Some(_) => {
            let (sender, receiver) = oneshot::channel();
            (Some(sender), Some(receiver))
        }
        None => (None, None),
    };
    let ending = Ending {
        shared: Arc::clone(&shared),
        place,
        agent_type: A::NAME,
    };
    let life = live(agent, ctx, wiring, mailboxes, started, ending);
    let task = tokio::spawn(life);
    shared.set_task(task.abort_handle());
    tracing::debug!(agent = %shared.jid(), agent_type = A::NAME, "started");
    if let Some(start) = start
        && let Ok(Err(error)) = start.await
    {
        return Err(error);
    }
    Ok(AgentHandle::new(shared))
}

/// Does what must be done when an agent ends, even if its task is aborted.
struct Ending<A: Agent> {
    shared: Arc<Shared<A>>,
    place: u64,
    agent_type: &'static str,
}

impl<A: Agent> Drop for Ending<A> {
    fn drop(&mut self) {
        let shared = &self.shared;
        for cell in shared.tasks().into_iter().chain(shared.behaviours()) {
            cell.kill(0);
        }
        shared.services.network.detach(shared.jid());
        let report = shared.end(self.agent_type);
        shared.services.roster.leave(self.place, &report);
        tracing::debug!(agent = %report.jid, "ended");
    }
}

/// What the agent's own task holds.
struct Life<A: Agent> {
    agent: A,
    ctx: Context<A>,
    handlers: &'static [Handler<A>],
    /// Handlers that were added while it runs.
    added: Vec<(Arc<Cell>, Handler<A>)>,
    /// Places of handlers that have ended.
    ended: Vec<usize>,
    behaviours: Vec<Local<A>>,
    batch: VecDeque<Message>,
    /// Wakes the task when the next behaviour is due.
    alarm: Option<Pin<Box<Sleep>>>,
}

async fn live<A: Agent>(
    agent: A,
    ctx: Context<A>,
    wiring: &'static Wiring<A>,
    mailboxes: Vec<Option<crate::network::Subscription>>,
    started: Option<oneshot::Sender<Result<(), SpawnError>>>,
    ending: Ending<A>,
) {
    let mut life = Life {
        agent,
        ctx,
        handlers: &wiring.handlers,
        added: Vec::new(),
        ended: Vec::new(),
        behaviours: Vec::new(),
        batch: VecDeque::new(),
        alarm: None,
    };
    let start = match &wiring.on_start {
        Some(hook) => life.start(hook).await,
        None => Ok(()),
    };
    let failed = start.is_err();
    if let Some(started) = started {
        // Whoever started it may not care any more.
        let _ = started.send(start);
    }
    if !failed {
        life.begin(wiring, mailboxes);
        life.work().await;
    }
    life.stop(wiring.on_stop.as_ref().filter(|_| !failed)).await;
    drop(life);
    drop(ending);
}

impl<A: Agent> Life<A> {
    fn shared(&self) -> &Shared<A> {
        self.ctx.shared()
    }

    async fn start(&mut self, hook: &Hook<A>) -> Result<(), SpawnError> {
        let shared = Arc::clone(self.ctx.shared());
        let run = (hook.run)(&mut self.agent, &self.ctx);
        let Some(exit) = failure(on_own_task(&shared, hook.name, None, run).await) else {
            return Ok(());
        };
        shared.note_failure(hook.name, exit.clone());
        Err(SpawnError::OnStart {
            jid: shared.jid().clone(),
            hook: hook.name,
            exit,
        })
    }

    fn begin(
        &mut self,
        wiring: &'static Wiring<A>,
        mailboxes: Vec<Option<crate::network::Subscription>>,
    ) {
        for ((name, scheduled), mailbox) in wiring.behaviours.iter().zip(mailboxes) {
            let cell = Cell::new(name.clone());
            self.shared().know_behaviour(Arc::clone(&cell));
            match &scheduled.run {
                Run::Task(_) => task::start(&self.ctx, cell, scheduled, mailbox),
                Run::WithState(run) => {
                    let clock = &self.shared().services.clock;
                    let local = Local::new(cell, scheduled, *run, clock);
                    self.behaviours.push(local);
                }
            }
        }
        self.set_alarm();
    }

    /// Works until the agent shall stop.
    async fn work(&mut self) {
        while !self.shared().is_stopping() {
            for job in self.shared().take_jobs() {
                self.job(job);
            }
            if self.is_due() {
                self.run_due().await;
            }
            match self.batch.pop_front() {
                Some(message) => {
                    self.dispatch(&message).await;
                    tokio::task::coop::consume_budget().await;
                }
                None => self.wait().await,
            }
        }
    }

    /// Waits for messages, for a job, for a behaviour to be due, or for the end.
    async fn wait(&mut self) {
        let inbox = Arc::clone(&self.shared().inbox);
        let (batch, alarm) = (&mut self.batch, &mut self.alarm);
        poll_fn(|cx| {
            if inbox.poll_batch(cx, batch).is_ready() {
                return Poll::Ready(());
            }
            match alarm {
                Some(alarm) => alarm.as_mut().poll(cx),
                None => Poll::Pending,
            }
        })
        .await;
    }

    fn job(&mut self, job: Job<A>) {
        match job {
            Job::With(look) => {
                let agent = &mut self.agent;
                let look = std::panic::AssertUnwindSafe(|| look(agent));
                if std::panic::catch_unwind(look).is_err() {
                    // Whoever asked sees that no answer came.
                    tracing::error!(agent = %self.shared().jid(), "a closure given to `with` panicked");
                }
            }
            Job::Add(local) => {
                self.behaviours.push(local);
                self.set_alarm();
            }
            Job::Handle(cell, handler) => self.added.push((cell, handler)),
        }
    }

    fn is_due(&self) -> bool {
        self.alarm.as_ref().is_some_and(|alarm| alarm.is_elapsed())
    }

    /// Sets the alarm to when the next behaviour is due.
    fn set_alarm(&mut self) {
        let next = self
            .behaviours
            .iter()
            .map(|local| local.timetable.due)
            .min();
        match (next, &mut self.alarm) {
            (None, alarm) => *alarm = None,
            (Some(due), Some(alarm)) => alarm.as_mut().reset(due),
            (Some(due), alarm) => *alarm = Some(Box::pin(tokio::time::sleep_until(due))),
        }
    }

    /// Runs each behaviour that is due once.
    async fn run_due(&mut self) {
        let now = Instant::now();
        let mut place = 0;
        while place < self.behaviours.len() && !self.ctx.shared().is_stopping() {
            let local = &self.behaviours[place];
            if local.timetable.due > now {
                place += 1;
            } else if self.run_once(place).await {
                place += 1;
            } else {
                self.behaviours.remove(place);
            }
        }
        self.set_alarm();
    }

    /// Runs one behaviour once; whether it goes on.
    async fn run_once(&mut self, place: usize) -> bool {
        let shared = Arc::clone(self.ctx.shared());
        let local = &mut self.behaviours[place];
        let cell = Arc::clone(&local.cell);
        if !cell.begin() {
            return false;
        }
        let run = (local.run)(&mut self.agent, &self.ctx);
        let ran = on_own_task(&shared, cell.name(), Some(&cell), run).await;
        let exit = match ran {
            Ran::Done(outcome) => exit_of(outcome),
            Ran::Panicked(what) => Some(Exit::Panicked(what)),
            Ran::Interrupted(exit) => Some(exit),
        };
        let exit = match (exit, local.timetable.next()) {
            (Some(exit), _) => exit,
            (None, None) => Exit::Finished(0),
            (None, Some(next)) => {
                local.timetable = next;
                return cell.pause();
            }
        };
        if exit.is_failure() {
            shared.note_failure(cell.name(), exit.clone());
        }
        cell.end(exit);
        false
    }

    /// Hands the message to the first handler that takes it.
    async fn dispatch(&mut self, message: &Message) {
        for place in 0..self.handlers.len() + self.added.len() {
            let Self { agent, ctx, .. } = self;
            let shared = ctx.shared();
            let handler = match self.handlers.get(place) {
                Some(handler) => handler,
                None => match &self.added[place - self.handlers.len()] {
                    (cell, _) if cell.exit().is_some() => continue,
                    (_, handler) => handler,
                },
            };
            if !handler.template.matches(message) || self.ended.contains(&place) {
                continue;
            }
            let name = handler.name.as_str();
            let ends = match &handler.handle {
                Handle::Task(handle) => {
                    shared
                        .tasks_at_most(shared.services.limits.concurrent)
                        .await;
                    task::handle(ctx, handler.name.clone(), handle, message.clone());
                    false
                }
                Handle::WithState(handle) => {
                    let run = handle(agent, ctx, message);
                    match on_own_task(shared, name, None, run).await {
                        Ran::Done(outcome) if outcome.is_silent() => false,
                        Ran::Done(outcome) => answer(ctx, name, message, outcome).await,
                        Ran::Panicked(what) => {
                            shared.note_failure(name, Exit::Panicked(what));
                            answer_failure(ctx, message, "internal error").await;
                            true
                        }
                        Ran::Interrupted(_) => false,
                    }
                }
            };
            let observe = handler.observe;
            if ends {
                self.ended.push(place);
            }
            if !observe {
                return;
            }
        }
        nobody_took(&self.ctx, message).await;
    }

    /// Ends what runs, and runs `on_stop`.
    async fn stop(&mut self, hook: Option<&Hook<A>>) {
        let shared = Arc::clone(self.ctx.shared());
        let limit = shared.services.limits.stop;
        for cell in shared.tasks().into_iter().chain(shared.behaviours()) {
            cell.kill(0);
        }
        if tokio::time::timeout(limit, shared.tasks_at_most(0))
            .await
            .is_err()
        {
            tracing::warn!(agent = %shared.jid(), "behaviours that never wait are left running");
        }
        if let Some(hook) = hook {
            let run = (hook.run)(&mut self.agent, &self.ctx);
            match tokio::time::timeout(limit, catch_panics(run)).await {
                Ok(Ok(outcome)) => {
                    if let Some(exit) = exit_of(outcome) {
                        shared.note_failure(hook.name, exit);
                    }
                }
                Ok(Err(what)) => shared.note_failure(hook.name, Exit::Panicked(what)),
                Err(_) => {
                    let late =
                        anyhow::anyhow!("not done within {}", humantime::format_duration(limit));
                    shared.note_failure(hook.name, Exit::Failed(Arc::new(late)));
                }
            }
        }
    }
}

/// Runs user code on the agent's own task. While it waits, a kill of its behaviour ends it, and a
/// stop of the agent ends it after a while.
async fn on_own_task<A>(
    shared: &Shared<A>,
    name: &str,
    cell: Option<&Cell>,
    mut run: BoxFuture<'_, Outcome>,
) -> Ran<Outcome, Exit> {
    // Most handlers never wait: they are done with this, and what follows costs them nothing.
    match poll_fn(|cx| Poll::Ready(poll_caught(run.as_mut(), cx))).await {
        Poll::Ready(Ok(outcome)) => return Ran::Done(outcome),
        Poll::Ready(Err(what)) => return Ran::Panicked(what),
        Poll::Pending => {}
    }
    let mut since: Option<Instant> = None;
    let mut grace: Option<Pin<Box<Sleep>>> = None;
    let mut watching = None;
    let ran = guarded(run, |cx: &mut TaskContext<'_>| {
        since.get_or_insert_with(Instant::now);
        shared.inbox.watch_nudges(cx);
        if let Some(cell) = cell
            && let Poll::Ready(exit) = cell.poll_killed(cx, &mut watching)
        {
            return Poll::Ready(exit);
        }
        if shared.is_stopping() {
            let limit = shared.services.limits.stop;
            return grace
                .get_or_insert_with(|| Box::pin(tokio::time::sleep(limit)))
                .as_mut()
                .poll(cx)
                .map(|()| Exit::Killed(0));
        }
        Poll::Pending
    })
    .await;
    if let Some(took) = since.map(|since| since.elapsed())
        && took > LONG
    {
        tracing::warn!(
            agent = %shared.jid(),
            behaviour = name,
            queued = shared.inbox.queued(),
            "kept the agent's state for {}; long work belongs into a function without `self` or \
             into `ctx.spawn`",
            humantime::format_duration(Duration::from_millis(took.as_millis() as u64)),
        );
    }
    ran
}

/// The failure that this run was, if it was one.
fn failure(ran: Ran<Outcome, Exit>) -> Option<Exit> {
    match ran {
        Ran::Done(outcome) => exit_of(outcome).filter(Exit::is_failure),
        Ran::Panicked(what) => Some(Exit::Panicked(what)),
        Ran::Interrupted(exit) => Some(exit),
    }
}

/// Answers a message as its handler said; whether the handler ends with it.
pub(super) async fn answer<A: Agent>(
    ctx: &Context<A>,
    name: &str,
    message: &Message,
    outcome: Outcome,
) -> bool {
    if let Some(draft) = outcome.reply {
        send_reply(ctx, message.complete_reply(draft)).await;
    }
    match outcome.verdict {
        Verdict::Flow(flow) => flow.exit_code().is_some(),
        Verdict::Failed(error) => {
            answer_failure(ctx, message, &format!("{error:#}")).await;
            ctx.shared()
                .note_failure(name, Exit::Failed(Arc::new(error)));
            false
        }
        Verdict::Rejected(rejection) => {
            let reason = rejection.reason();
            tracing::warn!(agent = %ctx.jid(), behaviour = name, ?message, "not understood: {reason}");
            // Neither of these may be answered so, or two agents would never stop.
            let final_word = [Performative::NotUnderstood, Performative::Failure];
            if message
                .performative()
                .is_none_or(|act| !final_word.contains(&act))
            {
                reply(ctx, message, NotUnderstood::new(reason)).await;
            }
            false
        }
    }
}

async fn nobody_took<A: Agent>(ctx: &Context<A>, message: &Message) {
    tracing::debug!(agent = %ctx.jid(), ?message, "no handler takes this message");
    if message
        .performative()
        .is_some_and(Performative::wants_answer)
    {
        let reason = format!("{} has no handler for this message", A::NAME);
        reply(ctx, message, NotUnderstood::new(reason)).await;
    }
}

/// Answers `failure`, if the message wanted an answer at all.
async fn answer_failure<A: Agent>(ctx: &Context<A>, message: &Message, reason: &str) {
    if message
        .performative()
        .is_some_and(Performative::wants_answer)
    {
        reply(ctx, message, Failure::new(reason)).await;
    }
}

async fn reply<A: Agent, R: Reply>(ctx: &Context<A>, message: &Message, answer: R) {
    let draft = answer.write_to(Message::draft(R::ACT));
    send_reply(ctx, message.complete_reply(draft)).await;
}

async fn send_reply<A: Agent>(ctx: &Context<A>, reply: Message) {
    if let Err(error) = ctx.send(reply).await {
        tracing::warn!(agent = %ctx.jid(), "a reply was not delivered: {error}");
    }
}
