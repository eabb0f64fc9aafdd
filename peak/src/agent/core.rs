//! What an agent shares with its context, its behaviours and its platform.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};

use tokio::task::AbortHandle;

use super::local::Local;
use super::outcome::Outcome;
use super::services::{Live, Services};
use super::wiring::Handler;
use super::{AgentReport, Failure};
use crate::behaviour::{BehaviourHandle, Cell, Exit, UnknownBehaviour};
use crate::message::Jid;
use crate::network::{BoxFuture, Inbox};
use crate::text;
use crate::wakers::{Wakers, wait_for};

/// The shared part of one agent.
pub(crate) struct Shared<A> {
    pub(crate) services: Arc<Services>,
    pub(crate) inbox: Arc<Inbox>,
    stopping: AtomicBool,
    has_jobs: AtomicBool,
    /// Whether it was said already that a message found no handler.
    warned: AtomicBool,
    /// Messages sent, and generators of random numbers given out.
    sent: AtomicU64,
    rngs: AtomicU64,
    task: OnceLock<AbortHandle>,
    task_id: OnceLock<tokio::task::Id>,
    state: Mutex<State<A>>,
}

struct State<A> {
    /// What the agent's own task shall do between two messages.
    jobs: Vec<Job<A>>,
    /// Every behaviour that has a name to be called by.
    behaviours: Vec<Arc<Cell>>,
    /// How many there may be before those that have ended are struck out.
    behaviours_limit: usize,
    /// The tasks beside the agent's own, by number.
    tasks: BTreeMap<u64, Arc<Cell>>,
    next_task: u64,
    /// How many of them handle a message.
    handling: usize,
    /// The agent's task, when it waits for either number to fall.
    task_ended: Option<Waker>,
    values: BTreeMap<String, Arc<dyn Any + Send + Sync>>,
    /// What roles share with the context, one of each type.
    desks: Vec<Arc<dyn Any + Send + Sync>>,
    failures: Vec<Failure>,
    failure_count: u64,
    report: Option<AgentReport>,
    joiners: Wakers,
}

/// Something for the agent's own task.
pub(crate) enum Job<A> {
    /// To do with the agent's state.
    With(Box<dyn FnOnce(&mut A) + Send>),
    /// A behaviour to run on it from now on.
    Add(Local<A>),
    /// A handler, after those it has.
    Handle(Arc<Cell>, Handler<A>),
    /// The handler with this number has said that it ends so.
    EndHandler(usize, Exit),
    /// To do on it, waits and all, with the agent's state; the cell can end it.
    Work(Arc<Cell>, OwnWork<A>),
}

/// Work with the agent's state.
pub(crate) type OwnWork<A> =
    Box<dyn for<'a> FnOnce(&'a mut A, &'a super::Context<A>) -> BoxFuture<'a, Outcome> + Send>;

/// More behaviours than this are looked through for those that have ended.
const MANY_BEHAVIOURS: usize = 64;

/// Those that go on, and of each name the latest, whose end may still be asked for.
fn latest_or_alive(behaviours: &[Arc<Cell>]) -> Vec<Arc<Cell>> {
    let mut names = std::collections::HashSet::new();
    let mut kept: Vec<Arc<Cell>> = behaviours
        .iter()
        .rev()
        .filter(|cell| names.insert(cell.name()) || cell.exit().is_none())
        .cloned()
        .collect();
    kept.reverse();
    kept
}

/// How many failures of one agent are kept in full.
const KEPT_FAILURES: usize = 16;

impl<A> Shared<A> {
    pub(crate) fn new(services: Arc<Services>, jid: Jid) -> Self {
        let inbox = Arc::new(Inbox::new(jid, services.limits.mailbox));
        Self {
            services,
            inbox,
            stopping: AtomicBool::new(false),
            has_jobs: AtomicBool::new(false),
            warned: AtomicBool::new(false),
            sent: AtomicU64::new(0),
            rngs: AtomicU64::new(0),
            task: OnceLock::new(),
            task_id: OnceLock::new(),
            state: Mutex::new(State {
                jobs: Vec::new(),
                behaviours: Vec::new(),
                behaviours_limit: MANY_BEHAVIOURS,
                tasks: BTreeMap::new(),
                next_task: 0,
                handling: 0,
                task_ended: None,
                values: BTreeMap::new(),
                desks: Vec::new(),
                failures: Vec::new(),
                failure_count: 0,
                report: None,
                joiners: Wakers::default(),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<A>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn jid(&self) -> &Jid {
        self.inbox.jid()
    }

    pub(crate) fn request_stop(&self) {
        self.stopping.store(true, Ordering::Release);
        self.inbox.nudge();
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Acquire)
    }

    pub(crate) fn set_task(&self, task: AbortHandle) {
        // Set once, by whoever spawns the task.
        let _ = self.task.set(task);
    }

    /// The caller is the agent's own task, and begins with this.
    pub(crate) fn begin_own_task(&self) {
        let _ = self.task_id.set(tokio::task::id());
    }

    /// Whether the caller runs on the agent's own task, and so holds its state.
    pub(crate) fn on_own_task(&self) -> bool {
        let own = self.task_id.get().copied();
        own.is_some() && tokio::task::try_id() == own
    }

    /// Whether this is the first message that finds no handler.
    pub(crate) fn first_unhandled(&self) -> bool {
        !self.warned.swap(true, Ordering::Relaxed)
    }

    pub(crate) fn count_sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn next_rng(&self) -> u64 {
        self.rngs.fetch_add(1, Ordering::Relaxed)
    }

    /// Leaves a job for the agent's task; gives it back if the agent has ended.
    pub(crate) fn leave_job(&self, job: Job<A>) -> Result<(), Job<A>> {
        let mut state = self.lock();
        if state.report.is_some() {
            return Err(job);
        }
        state.jobs.push(job);
        drop(state);
        self.has_jobs.store(true, Ordering::Release);
        self.inbox.nudge();
        Ok(())
    }

    pub(crate) fn take_jobs(&self) -> Vec<Job<A>> {
        // Asked between any two messages, and nearly always there is nothing.
        if !self.has_jobs.load(Ordering::Relaxed) || !self.has_jobs.swap(false, Ordering::Acquire) {
            return Vec::new();
        }
        std::mem::take(&mut self.lock().jobs)
    }

    pub(crate) fn know_behaviour(&self, cell: Arc<Cell>) {
        let mut state = self.lock();
        if state.behaviours.len() >= state.behaviours_limit {
            let kept = latest_or_alive(&state.behaviours);
            state.behaviours_limit = MANY_BEHAVIOURS.max(kept.len() * 2);
            state.behaviours = kept;
        }
        state.behaviours.push(cell);
    }

    pub(crate) fn behaviours(&self) -> Vec<Arc<Cell>> {
        self.lock().behaviours.clone()
    }

    /// The behaviour of this name: of several the latest that goes on, else the latest.
    pub(crate) fn behaviour(&self, name: &str) -> Result<BehaviourHandle, UnknownBehaviour> {
        let behaviours = self.behaviours();
        let mut named = behaviours.iter().rev().filter(|cell| cell.name() == name);
        let latest = named.clone().next();
        let found = named.find(|cell| cell.exit().is_none()).or(latest);
        match found {
            Some(cell) => Ok(BehaviourHandle::new(Arc::clone(cell))),
            None => Err(UnknownBehaviour {
                agent: self.jid().to_string(),
                name: name.to_owned(),
                known: text::list(behaviours.iter().map(|cell| cell.name())),
            }),
        }
    }

    /// Enters a task beside the agent's own; the number is its place.
    pub(crate) fn enter_task(&self, cell: Arc<Cell>) -> u64 {
        let mut state = self.lock();
        let place = state.next_task;
        state.next_task += 1;
        state.tasks.insert(place, cell);
        place
    }

    pub(crate) fn leave_task(&self, place: u64) {
        let mut state = self.lock();
        state.tasks.remove(&place);
        let waker = state.task_ended.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    pub(crate) fn tasks(&self) -> Vec<Arc<Cell>> {
        self.lock().tasks.values().cloned().collect()
    }

    /// Waits until no task is left. Only the agent's own task calls it.
    pub(crate) async fn tasks_ended(&self) {
        poll_fn(|cx| {
            let mut state = self.lock();
            if state.tasks.is_empty() {
                return Poll::Ready(());
            }
            state.task_ended = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }

    /// Whether a task may handle one more message.
    pub(crate) fn has_room(&self) -> bool {
        self.lock().handling < self.services.limits.concurrent
    }

    /// The same; if there is none, the agent's own task, the only one that calls this, is woken when
    /// that changes, or when there is a job for it.
    pub(crate) fn poll_room(&self, cx: &Context<'_>) -> Poll<()> {
        self.inbox.watch_nudges(cx);
        let mut state = self.lock();
        if state.handling < self.services.limits.concurrent {
            return Poll::Ready(());
        }
        state.task_ended = Some(cx.waker().clone());
        Poll::Pending
    }

    pub(crate) fn has_jobs(&self) -> bool {
        self.has_jobs.load(Ordering::Acquire)
    }

    /// A task begins to handle a message; it has done so when the value is dropped.
    pub(crate) fn begin_handling(self: &Arc<Self>) -> Handling<A> {
        self.lock().handling += 1;
        Handling(Arc::clone(self))
    }

    pub(crate) fn set_value(&self, key: String, value: Arc<dyn Any + Send + Sync>) {
        self.lock().values.insert(key, value);
    }

    pub(crate) fn value(&self, key: &str) -> Option<Arc<dyn Any + Send + Sync>> {
        self.lock().values.get(key).cloned()
    }

    pub(crate) fn remove_value(&self, key: &str) {
        // Dropped without the lock: it may be a context of this very agent.
        let removed = self.lock().values.remove(key);
        drop(removed);
    }

    /// What a role of this agent shares with its context: the one of this type, made when it is first asked for.
    pub(crate) fn desk<T: Default + Send + Sync + 'static>(&self) -> Arc<T> {
        let mut state = self.lock();
        let mut desks = state.desks.iter();
        if let Some(desk) = desks.find_map(|desk| Arc::clone(desk).downcast().ok()) {
            return desk;
        }
        let desk = Arc::new(T::default());
        state.desks.push(Arc::clone(&desk) as _);
        desk
    }

    /// Notes and logs a failure of a behaviour or a handler, and what follows from it.
    pub(crate) fn note_failure(&self, behaviour: &str, exit: Exit, then: &str) {
        if self.services.is_stopping() && matches!(exit, Exit::Failed(_)) {
            // It met agents that had stopped already.
            tracing::debug!(agent = %self.jid(), behaviour, "while all stop: {exit}");
            return;
        }
        tracing::error!(agent = %self.jid(), behaviour, "{exit}; {then}");
        self.count_failure(behaviour, exit);
    }

    /// Notes and logs a failure of a hook, which counts at any time.
    pub(crate) fn note_hook_failure(&self, behaviour: &str, exit: Exit) {
        tracing::error!(agent = %self.jid(), behaviour, "{exit}");
        self.count_failure(behaviour, exit);
    }

    fn count_failure(&self, behaviour: &str, exit: Exit) {
        let mut state = self.lock();
        state.failure_count += 1;
        if state.failures.len() < KEPT_FAILURES {
            state.failures.push(Failure {
                agent: self.jid().clone(),
                behaviour: behaviour.to_owned(),
                exit,
            });
        }
    }

    /// The agent has ended.
    pub(crate) fn end(&self, agent_type: &'static str) -> AgentReport {
        let mut state = self.lock();
        let report = AgentReport {
            jid: self.jid().clone(),
            agent_type,
            sent: self.sent.load(Ordering::Relaxed),
            received: self.inbox.accepted(),
            failures: std::mem::take(&mut state.failures),
            failure_count: state.failure_count,
        };
        state.report = Some(report.clone());
        let left = (
            std::mem::take(&mut state.jobs),
            std::mem::take(&mut state.values),
            std::mem::take(&mut state.desks),
        );
        let joiners = state.joiners.take();
        drop(state);
        // Without the lock: the user's values may be anything.
        drop(left);
        joiners.for_each(Waker::wake);
        report
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.lock().report.is_some()
    }

    pub(crate) async fn ended(&self) -> AgentReport {
        wait_for(
            &self.state,
            |state| &mut state.joiners,
            |state| state.report.clone(),
        )
        .await
    }
}

/// A task that handles a message.
pub(crate) struct Handling<A>(Arc<Shared<A>>);

impl<A> Drop for Handling<A> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.handling -= 1;
        let waker = state.task_ended.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}

impl<A: Send + 'static> Live for Shared<A> {
    #[cfg(feature = "cli")]
    fn jid(&self) -> &Jid {
        self.inbox.jid()
    }

    #[cfg(feature = "cli")]
    fn counts(&self) -> super::Counts {
        super::Counts {
            sent: self.sent.load(Ordering::Relaxed),
            received: self.inbox.accepted(),
            failures: self.lock().failure_count,
        }
    }

    fn stop(&self) {
        self.request_stop();
    }

    fn ended(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.ended().await;
        })
    }

    fn abort(&self) {
        let late = anyhow::anyhow!("did not stop in time and was ended as it was");
        self.note_hook_failure("stop", Exit::Failed(Arc::new(late)));
        if let Some(task) = self.task.get() {
            task.abort();
        }
    }
}

impl<A> fmt::Debug for Shared<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared")
            .field("jid", self.jid())
            .finish_non_exhaustive()
    }
}
