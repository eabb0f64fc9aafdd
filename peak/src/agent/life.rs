//! The life of an agent on its own task: it starts, works through what comes, and stops.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::alarm::Alarm;
use super::answer::{answer, answer_failure, nobody_took};
use super::core::{Job, Shared};
use super::local::Local;
use super::own_task::{failure, on_own_task};
use super::spawn::{Ending, Planned};
use super::task::{self, exit_of};
use super::wiring::{Handle, Handler, Hook, Run, Wiring};
use super::{Agent, Context, SpawnError};
use crate::behaviour::{Cell, Exit, Ran, catch_panics};
use crate::message::Message;

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
    alarm: Alarm,
}

pub(super) async fn live<A: Agent>(
    agent: A,
    ctx: Context<A>,
    wiring: &'static Wiring<A>,
    planned: Vec<Planned>,
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
        alarm: Alarm::default(),
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
        life.begin(wiring, planned);
        life.work().await;
    }
    life.stop(wiring.on_stop.as_ref().filter(|_| !failed)).await;
    // What it has taken and not handled is not lost: the senders learn of it.
    ending.leave(life.batch);
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

    /// Starts the behaviours.
    fn begin(&mut self, wiring: &'static Wiring<A>, planned: Vec<Planned>) {
        for ((_, scheduled), Planned { cell, mailbox }) in wiring.behaviours.iter().zip(planned) {
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
            if poll_fn(|cx| Poll::Ready(self.alarm.poll(cx).is_ready())).await {
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
        let mut due = false;
        poll_fn(|cx| {
            if inbox.poll_batch(cx, batch).is_ready() {
                return Poll::Ready(());
            }
            let alarm = alarm.poll(cx);
            due = alarm.is_ready();
            alarm
        })
        .await;
        if due {
            // A behaviour that is always due lets others have the processor in between.
            tokio::task::yield_now().await;
        }
    }

    fn job(&mut self, job: Job<A>) {
        match job {
            Job::With(look) => look(&mut self.agent),
            Job::Add(local) => {
                self.behaviours.push(local);
                self.set_alarm();
            }
            Job::Handle(cell, handler) => self.added.push((cell, handler)),
        }
    }

    /// Sets the alarm to when the next behaviour is due.
    fn set_alarm(&mut self) {
        let dues = self.behaviours.iter().map(|local| local.timetable.due);
        self.alarm.set(dues.min());
    }

    /// Runs each behaviour that is due once.
    async fn run_due(&mut self) {
        let now = Instant::now();
        let mut place = 0;
        while place < self.behaviours.len() && !self.ctx.shared().is_stopping() {
            let is_due = self.behaviours[place].timetable.due <= now;
            if is_due && !self.run_once(place).await {
                self.behaviours.remove(place);
            } else {
                place += 1;
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
                    let limit = shared.services.limits.concurrent;
                    poll_fn(|cx| shared.poll_room_to_handle(cx, limit)).await;
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
        if tokio::time::timeout(limit, shared.tasks_ended())
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
