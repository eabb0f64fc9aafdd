//! The life of an agent on its own task: it starts, works through what comes, and stops.

use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::alarm::Alarm;
use super::answer::{HANDLER_ENDED, answer, nobody_took, panicked};
use super::core::{Job, OwnWork, Shared};
use super::ending::Ending;
use super::local::Local;
use super::own_task::{failure, on_own_task};
use super::spans;
use super::task::{self, exit_of};
use super::wiring::{Handle, Handler, Run, Wiring};
use super::{Agent, Context, Playing};
use crate::behaviour::{Cell, Exit, Ran, catch_panics};
use crate::message::{Message, News};
use crate::network::Subscription;

/// What the agent's own task holds.
pub(super) struct Life<A: Agent> {
    agent: A,
    ctx: Context<A>,
    wiring: &'static Wiring<A>,
    /// Handlers that were added while it runs.
    added: Vec<(Arc<Cell>, Handler<A>)>,
    /// Numbers of handlers of the wiring that have ended.
    ended: Vec<usize>,
    behaviours: Vec<Local<A>>,
    roles: Vec<Box<dyn Playing<A>>>,
    batch: VecDeque<Message>,
    alarm: Alarm,
}

/// A behaviour of the wiring that has not begun yet.
pub(super) struct Planned {
    pub(super) cell: Arc<Cell>,
    pub(super) mailbox: Option<Subscription>,
}

/// The agent's `on_start` failed.
pub(super) struct StartFailed {
    pub(super) hook: &'static str,
    pub(super) exit: Exit,
}

/// Lives an agent from its start to its end.
#[expect(
    clippy::manual_async_fn,
    reason = "an `async fn` would keep its arguments twice, and so would every agent"
)]
pub(super) fn live<A: Agent>(
    mut life: Life<A>,
    planned: Vec<Planned>,
    started: Option<oneshot::Sender<Result<(), StartFailed>>>,
    ending: Ending<A>,
) -> impl Future<Output = ()> + Send + 'static {
    async move {
        life.shared().begin_own_task();
        // Boxed, as the end below: agents that run do not carry the room for either.
        let start = match &started {
            Some(_) => Box::pin(life.start()).await,
            None => Ok(()),
        };
        let is_ok = start.is_ok();
        let mut failed = None;
        match (started, is_ok) {
            // Whoever started it may not care any more.
            (Some(started), true) => drop(started.send(start)),
            (Some(started), false) => failed = Some((started, start)),
            (None, _) => {}
        }
        if is_ok {
            life.begin(planned);
            life.work().await;
        }
        Box::pin(life.stop(is_ok)).await;
        // What it has taken and not handled is not lost: the senders learn of it.
        ending.leave(life.into_unhandled());
        if let Some((started, start)) = failed {
            // Only now is its address free again.
            let _ = started.send(start);
        }
    }
}

impl<A: Agent> Life<A> {
    pub(super) fn new(agent: A, ctx: Context<A>, wiring: &'static Wiring<A>) -> Self {
        let roles = wiring.parts.iter().map(|part| part.role(&ctx)).collect();
        Self {
            agent,
            ctx,
            wiring,
            added: Vec::new(),
            ended: Vec::new(),
            behaviours: Vec::new(),
            roles,
            batch: VecDeque::new(),
            alarm: Alarm::default(),
        }
    }

    /// The end of it: what it had taken and not handled. The rest is dropped, while the agent is still there: what its
    /// state holds may have something to say to others.
    fn into_unhandled(self) -> VecDeque<Message> {
        self.batch
    }

    fn shared(&self) -> &Shared<A> {
        self.ctx.shared()
    }

    /// Runs `on_start`.
    async fn start(&mut self) -> Result<(), StartFailed> {
        let Some(hook) = &self.wiring.on_start else {
            return Ok(());
        };
        let shared = self.ctx.shared();
        let run = (hook.run)(&mut self.agent, &self.ctx);
        let run = spans::run(shared.jid(), hook.name, run);
        let Some(exit) = failure(on_own_task(shared, hook.name, None, run).await) else {
            return Ok(());
        };
        // One that was interrupted by a stop has not failed.
        if exit.is_failure() {
            shared.note_hook_failure(hook.name, exit.clone());
        }
        Err(StartFailed {
            hook: hook.name,
            exit,
        })
    }

    /// Starts the behaviours.
    fn begin(&mut self, planned: Vec<Planned>) {
        for ((_, scheduled), Planned { cell, mailbox }) in
            self.wiring.behaviours.iter().zip(planned)
        {
            match &scheduled.run {
                Run::Task(_) => task::start(&self.ctx, cell, scheduled, mailbox),
                Run::WithState(run) => {
                    let clock = &self.shared().services.clock;
                    let local = Local::new(cell, scheduled, *run, clock);
                    self.behaviours.push(local);
                }
            }
        }
        self.behaviours.shrink_to_fit();
        self.set_alarm(Instant::now());
    }

    /// Works until the agent shall stop.
    async fn work(&mut self) {
        while !self.shared().is_stopping() {
            if self.shared().has_jobs() {
                // Boxed: nearly always there are none.
                Box::pin(self.do_jobs()).await;
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
        let Self {
            ctx, batch, alarm, ..
        } = self;
        let inbox = &ctx.shared().inbox;
        if alarm.is_due_now() {
            // Always due: look for messages, and let others have the processor in between.
            poll_fn(|cx| Poll::Ready(inbox.poll_batch(cx, batch).is_ready())).await;
            tokio::task::yield_now().await;
            return;
        }
        // The alarm first: if it has gone off, there is no need to touch the inbox.
        poll_fn(|cx| match alarm.poll(cx) {
            Poll::Ready(()) => Poll::Ready(()),
            Poll::Pending => inbox.poll_batch(cx, batch),
        })
        .await;
    }

    async fn do_jobs(&mut self) {
        for job in self.shared().take_jobs() {
            match job {
                Job::With(look) => look(&mut self.agent),
                Job::Add(local) => {
                    self.behaviours.retain(|local| local.cell.exit().is_none());
                    self.behaviours.push(local);
                    self.set_alarm(Instant::now());
                }
                Job::Handle(cell, handler) => self.added.push((cell, handler)),
                Job::EndHandler(number, exit) => self.end_handler(number, exit),
                Job::Work(cell, work) => self.do_work(&cell, work).await,
            }
        }
    }

    /// Does work that may wait. Whoever wants it knows what became of it.
    async fn do_work(&mut self, cell: &Cell, work: OwnWork<A>) {
        if !cell.begin() {
            return;
        }
        let Self { agent, ctx, .. } = self;
        let work = work(agent, ctx);
        let done = on_own_task(ctx.shared(), cell.name(), Some(cell), work).await;
        if let Some(exit) = failure(done).filter(Exit::is_failure) {
            ctx.shared()
                .note_failure(cell.name(), exit, "the agent goes on");
        }
        cell.end(Exit::Finished(0));
    }

    /// Sets the alarm to when there is something to do.
    fn set_alarm(&mut self, now: Instant) {
        let due = self.next_due();
        self.alarm.set(due, now);
    }

    /// When the next behaviour is due, or the next conversation lapses.
    fn next_due(&self) -> Option<Instant> {
        let behaviours = self.behaviours.iter().map(|local| local.timetable.due);
        let roles = self.roles.iter().filter_map(|role| role.due());
        behaviours.chain(roles).min()
    }

    /// Runs each behaviour that is due once.
    async fn run_due(&mut self) {
        // Not the clock: what has come to be due since then is due at the next alarm.
        let now = self.alarm.set_to();
        let mut place = 0;
        while place < self.behaviours.len() && !self.ctx.shared().is_stopping() {
            let due = self.behaviours[place].timetable.due;
            let is_due = now.is_some_and(|now| due <= now);
            if is_due && !self.run_once(place).await {
                self.behaviours.remove(place);
            } else {
                place += 1;
            }
        }
        if let Some(now) = now.filter(|_| !self.roles.is_empty()) {
            Box::pin(self.lapse(now)).await;
        }
        self.set_alarm(Instant::now());
    }

    /// Runs one behaviour once; whether it goes on.
    async fn run_once(&mut self, place: usize) -> bool {
        let Self {
            agent,
            ctx,
            behaviours,
            ..
        } = self;
        let (shared, local) = (ctx.shared(), &mut behaviours[place]);
        let cell = &*local.cell;
        if !cell.begin() {
            return false;
        }
        let run = spans::run(shared.jid(), cell.name(), (local.run)(agent, ctx));
        let exit = match on_own_task(shared, cell.name(), Some(cell), run).await {
            Ran::Done(outcome) => exit_of(outcome),
            Ran::Panicked(what) => Some(Exit::Panicked(what)),
            Ran::Interrupted(exit) => Some(exit),
        };
        let exit = match (exit, local.timetable.next(cell)) {
            (Some(exit), _) => exit,
            (None, None) => Exit::Finished(0),
            (None, Some(next)) => {
                local.timetable = next;
                return cell.pause();
            }
        };
        if exit.is_failure() {
            shared.note_failure(cell.name(), exit.clone(), "the behaviour has ended");
        }
        cell.end(exit);
        false
    }

    /// Hands the message to the role, or else to the first handler, that takes it.
    async fn dispatch(&mut self, message: &Message) {
        let role = self.roles.iter().position(|role| match message.news() {
            None => role.takes(message),
            Some(News::Undelivered(_)) => role.takes_returned(message),
            Some(_) => false,
        });
        for number in 0..self.wiring.handlers.len() + self.added.len() {
            let found = handler_of(self.wiring, &self.added, &self.ended, number);
            let Some((handler, _)) = found else {
                continue;
            };
            if !handler.takes(message) || (role.is_some() && !handler.observe) {
                continue;
            }
            if matches!(handler.handle, Handle::Task(_)) && !self.shared().has_room() {
                // Boxed: nearly always there is room.
                Box::pin(self.wait_for_room()).await;
            }
            let Self {
                agent,
                ctx,
                wiring,
                added,
                ended,
                ..
            } = self;
            // Once more: it may have ended while there was no room.
            let Some((handler, cell)) = handler_of(wiring, added, ended, number) else {
                continue;
            };
            let (name, observe) = (handler.name.as_str(), handler.observe);
            let shared = ctx.shared();
            let mut handled = match &handler.handle {
                Handle::Task(handle) => {
                    task::handle(ctx, number, handler, handle, message.clone());
                    None
                }
                Handle::WithState(handle) => {
                    if cell.is_some_and(|cell| !cell.begin()) {
                        continue;
                    }
                    let mut run = handle(agent, ctx, message);
                    if spans::are_wanted() {
                        run = spans::handle(shared.jid(), name, message, run);
                    }
                    match on_own_task(shared, name, cell, run).await {
                        Ran::Done(outcome) if outcome.is_silent() => None,
                        Ran::Done(outcome) => Some(answer(ctx, name, message, observe, outcome)),
                        Ran::Panicked(what) => {
                            Some(panicked(ctx, name, message, observe, what, HANDLER_ENDED))
                        }
                        Ran::Interrupted(exit) => {
                            if let Some(cell) = cell {
                                cell.end(exit);
                            }
                            if message.wants_answer() {
                                // Nobody answers it any more; its sender learns of that.
                                self.batch.push_front(message.clone());
                            }
                            return;
                        }
                    }
                }
            };
            if let Some(handled) = &mut handled {
                handled.sent(ctx).await;
            }
            match handled.and_then(|handled| handled.ends) {
                Some(exit) => self.end_handler(number, exit),
                None => {
                    if let Some(cell) = cell {
                        cell.pause();
                    }
                }
            }
            if !observe {
                return;
            }
        }
        match role {
            // Boxed: most agents play none.
            Some(place) => Box::pin(self.play(place, message)).await,
            None => nobody_took(&self.ctx, message).sent(&self.ctx).await,
        }
    }

    /// Plays on a role with the message.
    async fn play(&mut self, place: usize, message: &Message) {
        let Self {
            agent, ctx, roles, ..
        } = self;
        let (role, shared) = (&mut roles[place], ctx.shared());
        let name = role.name();
        let mut run = role.handle(agent, ctx, message);
        if spans::are_wanted() {
            run = spans::handle(shared.jid(), name, message, run);
        }
        match on_own_task(shared, name, None, run).await {
            Ran::Done(outcome) => {
                if !outcome.is_silent() {
                    answer(ctx, name, message, false, outcome).sent(ctx).await;
                }
            }
            // The conversation has ended with that, not the role.
            Ran::Panicked(what) => {
                let then = "the conversation has ended";
                panicked(ctx, name, message, false, what, then)
                    .sent(ctx)
                    .await;
            }
            Ran::Interrupted(_) if message.wants_answer() => {
                // Nobody answers it any more; its sender learns of that.
                self.batch.push_front(message.clone());
            }
            Ran::Interrupted(_) => {}
        }
        if let Some(due) = self.roles[place].due()
            && self.alarm.set_to().is_none_or(|set_to| due < set_to)
        {
            self.set_alarm(Instant::now());
        }
    }

    /// Ends the conversations that have lapsed.
    async fn lapse(&mut self, now: Instant) {
        for place in 0..self.roles.len() {
            loop {
                let Self {
                    agent, ctx, roles, ..
                } = self;
                let role = &mut roles[place];
                let name = role.name();
                let Some(run) = role.lapse(agent, ctx, now) else {
                    break;
                };
                if let Some(exit) = failure(on_own_task(ctx.shared(), name, None, run).await)
                    && exit.is_failure()
                {
                    ctx.shared()
                        .note_failure(name, exit, "the conversation has ended");
                }
            }
        }
    }

    fn end_handler(&mut self, number: usize, exit: Exit) {
        match number.checked_sub(self.wiring.handlers.len()) {
            None => self.ended.push(number),
            Some(place) => {
                if let Some((cell, _)) = self.added.get(place) {
                    cell.end(exit);
                }
            }
        }
    }

    /// Waits until a task may handle one more message, or the agent shall stop. Meanwhile those
    /// that handle others may need its state.
    async fn wait_for_room(&mut self) {
        loop {
            if self.shared().has_jobs() {
                Box::pin(self.do_jobs()).await;
            }
            if poll_fn(|cx| Poll::Ready(self.alarm.poll(cx).is_ready())).await {
                self.run_due().await;
            }
            let Self { ctx, alarm, .. } = self;
            let shared = ctx.shared();
            let room = poll_fn(|cx| {
                let room = shared.poll_room(cx);
                if shared.is_stopping() {
                    return Poll::Ready(true);
                }
                // Before the room is used: a job may say that this very handler has ended.
                if shared.has_jobs() {
                    return Poll::Ready(false);
                }
                if room.is_ready() {
                    return Poll::Ready(true);
                }
                alarm.poll(cx).map(|()| false)
            });
            if room.await {
                return;
            }
            // A behaviour that is always due must not keep the processor from those who make room.
            tokio::task::yield_now().await;
        }
    }

    /// Ends what runs, runs `on_stop` if the agent had started, and ends the roles that it plays.
    async fn stop(&mut self, started: bool) {
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
        if let Some(hook) = self.wiring.on_stop.as_ref().filter(|_| started) {
            let run = (hook.run)(&mut self.agent, &self.ctx);
            let run = spans::run(shared.jid(), hook.name, run);
            match tokio::time::timeout(limit, catch_panics(run)).await {
                Ok(Ok(outcome)) => {
                    if let Some(exit) = exit_of(outcome) {
                        shared.note_hook_failure(hook.name, exit);
                    }
                }
                Ok(Err(what)) => shared.note_hook_failure(hook.name, Exit::Panicked(what)),
                Err(_) => {
                    let late =
                        anyhow::anyhow!("not done within {}", humantime::format_duration(limit));
                    shared.note_hook_failure(hook.name, Exit::Failed(Arc::new(late)));
                }
            }
        }
        // Now, while it can be heard: those who wait for something are told.
        self.roles.clear();
    }
}

/// The handler with this number, unless it has ended; and its cell, if it was added.
fn handler_of<'a, A>(
    wiring: &'static Wiring<A>,
    added: &'a [(Arc<Cell>, Handler<A>)],
    ended: &[usize],
    number: usize,
) -> Option<(&'a Handler<A>, Option<&'a Cell>)> {
    match number.checked_sub(wiring.handlers.len()) {
        None if ended.contains(&number) => None,
        None => wiring.handlers.get(number).map(|handler| (handler, None)),
        Some(place) => {
            let (cell, handler) = added.get(place)?;
            let alive = cell.exit().is_none();
            alive.then_some((handler, Some(&**cell)))
        }
    }
}
