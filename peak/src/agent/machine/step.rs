//! The functions of states, as the attributes tell of them.

use std::any::{Any, TypeId};
use std::time::{Duration, SystemTime};

use super::next::StepOutcome;
use crate::agent::Context;
use crate::message::{Message, Template};
use crate::network::BoxFuture;

/// The state of a machine while a function has it.
#[doc(hidden)]
#[derive(Debug)]
pub struct Held(Option<Box<dyn Any + Send>>);

impl Held {
    pub(crate) fn new(state: Box<dyn Any + Send>) -> Self {
        Self(Some(state))
    }

    /// For a function that takes the state by value.
    ///
    /// # Panics
    ///
    /// If it is not of this type, which the attributes see to.
    pub fn take<S: 'static>(&mut self) -> S {
        let state = self.0.take().map(|state| state.downcast::<S>());
        match state {
            Some(Ok(state)) => *state,
            _ => panic!("a state of another type"),
        }
    }

    /// For a function that borrows the state.
    ///
    /// # Panics
    ///
    /// As [`Held::take`].
    pub fn borrow<S: 'static>(&mut self) -> &mut S {
        let state = self.0.as_mut().and_then(|state| state.downcast_mut::<S>());
        state.expect("a state of another type")
    }
}

/// Runs with the agent's state, on the agent's own task.
pub(crate) type StateStep<A> = for<'a> fn(
    &'a mut A,
    &'a Context<A>,
    Held,
    Option<Message>,
) -> BoxFuture<'a, (Held, StepOutcome)>;
/// Runs on the machine's task.
pub(crate) type TaskStep<A> =
    fn(Context<A>, Held, Option<Message>) -> BoxFuture<'static, (Held, StepOutcome)>;

pub(crate) enum StepRun<A> {
    WithState(StateStep<A>),
    Task(TaskStep<A>),
}

impl<A> Clone for StepRun<A> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A> Copy for StepRun<A> {}

/// Makes the state that a machine begins in.
pub(crate) type MakeState = fn() -> Box<dyn Any + Send>;

/// When a function of a state runs.
#[derive(Debug)]
pub(crate) enum Trigger {
    /// As soon as the state begins; what the machine does in it.
    Begin,
    /// When such a message comes.
    On(Template),
    /// When the state has gone on for so long.
    After(Duration),
    /// Before all others.
    Enter,
    /// After all others.
    Exit,
}

/// A function of a state.
#[doc(hidden)]
pub struct Step<A> {
    /// The machine that it belongs to, by the name of the behaviour.
    pub(crate) machine: &'static str,
    pub(crate) state: TypeId,
    pub(crate) state_name: &'static str,
    /// The function's name.
    pub(crate) name: &'static str,
    /// What makes it run, as it was written.
    pub(crate) label: &'static str,
    pub(crate) trigger: Trigger,
    /// The states it leads to, and whether it may end.
    pub(crate) next: &'static [&'static str],
    pub(crate) ends: bool,
    /// How the machine begins, if it does in this state.
    pub(crate) initial: Option<MakeState>,
    pub(crate) delay: Duration,
    pub(crate) start_at: Option<SystemTime>,
    pub(crate) run: StepRun<A>,
}

// What the attributes call.
impl<A> Step<A> {
    pub fn with_state<S: 'static>(
        machine: &'static str,
        state_name: &'static str,
        name: &'static str,
        label: &'static str,
        run: StateStep<A>,
    ) -> Self {
        Self::new::<S>(machine, state_name, name, label, StepRun::WithState(run))
    }

    pub fn task<S: 'static>(
        machine: &'static str,
        state_name: &'static str,
        name: &'static str,
        label: &'static str,
        run: TaskStep<A>,
    ) -> Self {
        Self::new::<S>(machine, state_name, name, label, StepRun::Task(run))
    }

    fn new<S: 'static>(
        machine: &'static str,
        state_name: &'static str,
        name: &'static str,
        label: &'static str,
        run: StepRun<A>,
    ) -> Self {
        Self {
            machine,
            state: TypeId::of::<S>(),
            state_name,
            name,
            label,
            trigger: Trigger::Begin,
            next: &[],
            ends: false,
            initial: None,
            delay: Duration::ZERO,
            start_at: None,
            run,
        }
    }

    #[must_use]
    pub fn on(mut self, template: Template) -> Self {
        self.trigger = Trigger::On(template);
        self
    }

    #[must_use]
    pub fn after(mut self, time: Duration) -> Self {
        self.trigger = Trigger::After(time);
        self
    }

    #[must_use]
    pub fn enter(mut self) -> Self {
        self.trigger = Trigger::Enter;
        self
    }

    #[must_use]
    pub fn exit(mut self) -> Self {
        self.trigger = Trigger::Exit;
        self
    }

    #[must_use]
    pub fn next(mut self, states: &'static [&'static str]) -> Self {
        self.next = states;
        self
    }

    #[must_use]
    pub fn ends(mut self) -> Self {
        self.ends = true;
        self
    }

    #[must_use]
    pub fn initial(mut self, state: MakeState) -> Self {
        self.initial = Some(state);
        self
    }

    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    #[must_use]
    pub fn start_at(mut self, time: SystemTime) -> Self {
        self.start_at = Some(time);
        self
    }
}

impl<A> std::fmt::Debug for Step<A> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Step")
            .field("machine", &self.machine)
            .field("state", &self.state_name)
            .field("name", &self.name)
            .field("trigger", &self.trigger)
            .finish_non_exhaustive()
    }
}
