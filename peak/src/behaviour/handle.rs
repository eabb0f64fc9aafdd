//! A behaviour seen from outside: kill it, wait for it, ask how it ended.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use smol_str::SmolStr;

use super::{Exit, Schedule};
use crate::time::{DurationError, IntoDuration, IntoTimeout};
use crate::wakers::{Wakers, wait_for};

/// The life of one behaviour, shared by who runs it and who watches it.
#[derive(Debug)]
pub(crate) struct Cell {
    name: SmolStr,
    /// Whether it has ended or shall end: what a run asks each time it waits, without the lock.
    over: AtomicBool,
    /// How often it runs, in nanoseconds; [`NO_PERIOD`] if that is not what it goes by.
    period: AtomicU64,
    state: Mutex<State>,
}

/// No behaviour has this period: it is 584 years.
const NO_PERIOD: u64 = u64::MAX;

#[derive(Debug, Default)]
struct State {
    phase: Phase,
    /// Whoever runs it, while it waits for something.
    runner: Option<Waker>,
    joiners: Wakers,
}

#[derive(Debug, Default)]
enum Phase {
    /// Between runs, or before the first; it can be ended from outside at once.
    #[default]
    Idle,
    /// A run is going on.
    Running,
    /// A run is going on that shall be ended with this exit code.
    Killed(i32),
    Ended(Exit),
}

impl Cell {
    pub(crate) fn new(name: SmolStr) -> Arc<Self> {
        Self::scheduled(name, Schedule::OneShot)
    }

    /// Of a behaviour that runs by the clock.
    pub(crate) fn scheduled(name: SmolStr, schedule: Schedule) -> Arc<Self> {
        let period = match schedule {
            Schedule::Periodic(period) => nanoseconds(period),
            Schedule::OneShot | Schedule::Cyclic | Schedule::Timeout(_) => NO_PERIOD,
        };
        Arc::new(Self {
            name,
            over: AtomicBool::new(false),
            period: AtomicU64::new(period),
            state: Mutex::default(),
        })
    }

    /// How often it runs, if it goes by that.
    pub(crate) fn period(&self) -> Option<Duration> {
        let period = self.period.load(Ordering::Relaxed);
        (period != NO_PERIOD).then(|| Duration::from_nanos(period))
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a run; `false` if the behaviour has ended in the meantime.
    pub(crate) fn begin(&self) -> bool {
        let mut state = self.lock();
        if matches!(state.phase, Phase::Idle) {
            state.phase = Phase::Running;
        }
        matches!(state.phase, Phase::Running)
    }

    /// Ends a run after which the behaviour goes on; `false` if it was killed meanwhile.
    pub(crate) fn pause(&self) -> bool {
        let mut state = self.lock();
        match state.phase {
            Phase::Killed(code) => {
                drop(state);
                self.end(Exit::Killed(code));
                false
            }
            Phase::Running => {
                state.phase = Phase::Idle;
                true
            }
            Phase::Idle => true,
            Phase::Ended(_) => false,
        }
    }

    /// The behaviour has ended. The first end counts.
    pub(crate) fn end(&self, exit: Exit) {
        let mut state = self.lock();
        if !matches!(state.phase, Phase::Ended(_)) {
            state.phase = Phase::Ended(exit);
        }
        self.over.store(true, Ordering::Release);
        let joiners = state.joiners.take();
        let runner = state.runner.take();
        drop(state);
        joiners.chain(runner).for_each(Waker::wake);
    }

    /// Asks for the end: at once between runs, else as soon as the running run waits.
    pub(crate) fn kill(&self, code: i32) {
        let mut state = self.lock();
        match state.phase {
            Phase::Idle => {
                drop(state);
                self.end(Exit::Killed(code));
            }
            Phase::Running => {
                state.phase = Phase::Killed(code);
                self.over.store(true, Ordering::Release);
                let runner = state.runner.take();
                drop(state);
                runner.into_iter().for_each(Waker::wake);
            }
            Phase::Killed(_) | Phase::Ended(_) => {}
        }
    }

    /// Whether the running run shall end; if not, its task is woken when that changes.
    ///
    /// `watching` is the caller's memory of the waker that is registered already.
    pub(crate) fn poll_killed(&self, cx: &Context<'_>, watching: &mut Option<Waker>) -> Poll<Exit> {
        let known = watching
            .as_ref()
            .is_some_and(|waker| waker.will_wake(cx.waker()));
        // Whoever sets the flag takes the registered waker, in this order: as long as the flag is
        // not seen, the waker is still there.
        if known && !self.over.load(Ordering::Acquire) {
            return Poll::Pending;
        }
        let mut state = self.lock();
        match &state.phase {
            Phase::Killed(code) => Poll::Ready(Exit::Killed(*code)),
            Phase::Ended(exit) => Poll::Ready(exit.clone()),
            Phase::Idle | Phase::Running => {
                state.runner = Some(cx.waker().clone());
                *watching = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    pub(crate) fn exit(&self) -> Option<Exit> {
        self.lock().exit()
    }

    pub(crate) async fn ended(&self) -> Exit {
        wait_for(
            &self.state,
            |state| &mut state.joiners,
            |state| state.exit(),
        )
        .await
    }
}

fn nanoseconds(period: Duration) -> u64 {
    u64::try_from(period.as_nanos()).map_or(NO_PERIOD - 1, |nanos| nanos.min(NO_PERIOD - 1))
}

impl State {
    fn exit(&self) -> Option<Exit> {
        match &self.phase {
            Phase::Ended(exit) => Some(exit.clone()),
            _ => None,
        }
    }
}

/// A behaviour of an agent, seen from outside.
///
/// [`Context::add`](crate::Context::add) and [`Context::behaviour`](crate::Context::behaviour)
/// give one. It may be kept after the behaviour's end.
#[derive(Clone)]
pub struct BehaviourHandle {
    cell: Arc<Cell>,
}

/// Why a behaviour was not seen to end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JoinError {
    /// It went on for longer than the timeout.
    #[error("the behaviour `{0}` did not end in time")]
    Timeout(String),
    /// The timeout is malformed.
    #[error(transparent)]
    Malformed(#[from] DurationError),
    /// The agent has no such behaviour.
    #[error(transparent)]
    Unknown(#[from] UnknownBehaviour),
}

/// Why a behaviour has no other period now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PeriodError {
    /// It runs by something else.
    #[error("the behaviour `{0}` is not periodic; only `#[behaviour(periodic = …)]` has a period")]
    NotPeriodic(String),
    /// The period is malformed.
    #[error(transparent)]
    Malformed(#[from] DurationError),
    /// It would never let go of the agent.
    #[error(
        "a period of zero would leave the agent no time for anything else; write one such as \"5s\""
    )]
    Zero,
}

/// A name that no behaviour of the agent has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{agent}` has no behaviour `{name}`; it has {known}")]
pub struct UnknownBehaviour {
    pub(crate) agent: String,
    pub(crate) name: String,
    pub(crate) known: String,
}

impl BehaviourHandle {
    pub(crate) fn new(cell: Arc<Cell>) -> Self {
        Self { cell }
    }

    /// Its name: the function's, unless `name = "…"` says otherwise.
    pub fn name(&self) -> &str {
        self.cell.name()
    }

    /// Ends it with this exit code: at once while it waits for something or sleeps between runs;
    /// a run that computes is let go on to its next `await`. One that has ended is left alone.
    pub fn kill(&self, code: i32) {
        self.cell.kill(code);
    }

    /// How often it runs, if it is periodic.
    pub fn period(&self) -> Option<Duration> {
        self.cell.period()
    }

    /// Has a periodic behaviour run so often from its next run on: that one comes when it was to come,
    /// and those behind it at the new pace.
    ///
    /// ```
    /// use peak::prelude::*;
    ///
    /// #[agent]
    /// struct Sensor;
    ///
    /// #[agent]
    /// impl Sensor {
    ///     #[behaviour(periodic = "1m")]
    ///     async fn sample(&mut self) {}
    ///
    ///     #[on_message(performative = "request", ontology = "hurry")]
    ///     async fn hurry(&mut self, ctx: &Context<Self>) -> peak::Result<Agree> {
    ///         ctx.behaviour("sample")?.set_period("1s")?;
    ///         Ok(Agree)
    ///     }
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// If it is not periodic, or the period is malformed or zero.
    pub fn set_period(&self, period: impl IntoDuration) -> Result<(), PeriodError> {
        let period = period.into_duration()?;
        if self.period().is_none() {
            return Err(PeriodError::NotPeriodic(self.name().to_owned()));
        }
        if period.is_zero() {
            return Err(PeriodError::Zero);
        }
        self.cell
            .period
            .store(nanoseconds(period), Ordering::Relaxed);
        Ok(())
    }

    /// Whether it has ended.
    pub fn is_done(&self) -> bool {
        self.cell.exit().is_some()
    }

    /// How it ended; `None` as long as it goes on.
    pub fn exit(&self) -> Option<Exit> {
        self.cell.exit()
    }

    /// Waits for its end; `None` waits as long as it takes.
    ///
    /// # Errors
    ///
    /// If it does not end in time, or the timeout is malformed.
    pub async fn join(&self, timeout: impl IntoTimeout) -> Result<Exit, JoinError> {
        match timeout.into_timeout()? {
            None => Ok(self.cell.ended().await),
            Some(timeout) => tokio::time::timeout(timeout, self.cell.ended())
                .await
                .map_err(|_| JoinError::Timeout(self.name().to_owned())),
        }
    }
}

impl fmt::Debug for BehaviourHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BehaviourHandle")
            .field("name", &self.name())
            .field("exit", &self.exit())
            .finish()
    }
}
