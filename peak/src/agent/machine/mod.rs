//! State machines: behaviours whose functions belong to states.
//!
//! [`step`] is what the attributes tell of each function, [`next`] what such a function says at its end;
//! [`run`] goes from state to state. What is here puts the functions of an agent together.

mod next;
mod run;
pub(super) mod step;

use std::any::TypeId;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use peak_shared::diagram::{self, Diagram, Edge};
use smol_str::SmolStr;

use super::Agent;
use super::wiring::{Run, Scheduled};
use crate::behaviour::Schedule;
use crate::message::Template;
use step::{MakeState, Trigger};

pub use next::{IntoStep, LeadsTo, MayEnd, Next, StepOutcome};
pub use step::{Held, Step};

/// The machines of an agent, by name, in the order of their first functions.
pub(crate) struct Machines<A>(Vec<Arc<Machine<A>>>);

/// A state machine of an agent type.
pub(crate) struct Machine<A> {
    name: &'static str,
    /// The state in which it begins, and how to make it.
    initial: Option<(usize, MakeState)>,
    delay: Duration,
    start_at: Option<SystemTime>,
    states: Vec<State<A>>,
}

struct State<A> {
    id: TypeId,
    name: &'static str,
    enter: Option<Step<A>>,
    exit: Option<Step<A>>,
    steps: Vec<Step<A>>,
}

impl<A> Machines<A> {
    /// Puts the functions together.
    pub(crate) fn of(steps: Vec<Step<A>>) -> Self {
        let mut machines: Vec<Machine<A>> = Vec::new();
        for step in steps {
            let known = machines.iter().position(|known| known.name == step.machine);
            let place = known.unwrap_or_else(|| {
                machines.push(Machine::new(step.machine));
                machines.len() - 1
            });
            machines[place].add(step);
        }
        Self(machines.into_iter().map(Arc::new).collect())
    }

    pub(crate) fn diagrams(&self) -> Vec<Diagram> {
        self.0.iter().map(|machine| machine.diagram()).collect()
    }
}

impl<A: Agent> Machines<A> {
    /// Each of them as a behaviour that runs once.
    pub(crate) fn behaviours(&self) -> Vec<(SmolStr, Scheduled<A>)> {
        let behaviour = |machine: &Arc<Machine<A>>| {
            let running = Arc::clone(machine);
            let run = Run::Task(Arc::new(move |ctx| {
                Box::pin(run::run(ctx, Arc::clone(&running)))
            }));
            let scheduled = Scheduled {
                schedule: Schedule::OneShot,
                delay: machine.delay,
                start_at: machine.start_at,
                receives: machine.receives(),
                run,
            };
            (SmolStr::new_static(machine.name), scheduled)
        };
        self.0.iter().map(behaviour).collect()
    }
}

impl<A> Machine<A> {
    fn new(name: &'static str) -> Self {
        Self {
            name,
            initial: None,
            delay: Duration::ZERO,
            start_at: None,
            states: Vec::new(),
        }
    }

    fn add(&mut self, step: Step<A>) {
        let known = self.states.iter().position(|known| known.id == step.state);
        let place = known.unwrap_or_else(|| {
            self.states.push(State {
                id: step.state,
                name: step.state_name,
                enter: None,
                exit: None,
                steps: Vec::new(),
            });
            self.states.len() - 1
        });
        if let Some(initial) = step.initial {
            self.initial = Some((place, initial));
            self.delay = step.delay;
            self.start_at = step.start_at;
        }
        let state = &mut self.states[place];
        match step.trigger {
            Trigger::Enter => state.enter = Some(step),
            Trigger::Exit => state.exit = Some(step),
            Trigger::Begin | Trigger::On(_) | Trigger::After(_) => state.steps.push(step),
        }
    }

    /// The messages that some state takes: they are kept for the machine from its start to its end.
    fn receives(&self) -> Option<Template> {
        let steps = self.states.iter().flat_map(|state| &state.steps);
        let templates: Vec<Template> = steps
            .filter_map(|step| match &step.trigger {
                Trigger::On(template) => Some(template.clone()),
                _ => None,
            })
            .collect();
        (!templates.is_empty()).then(|| Template::any(templates))
    }

    fn diagram(&self) -> Diagram {
        let initial = self.initial.map(|(place, _)| place);
        let states = self.states.iter().enumerate();
        let states = states.map(|(place, state)| diagram::State {
            name: state.name.to_owned(),
            is_initial: initial == Some(place),
            ends: (state.steps.iter().filter(|step| step.ends))
                .map(|step| step.label.to_owned())
                .collect(),
            edges: (state.steps.iter())
                .flat_map(|step| {
                    step.next.iter().map(|to| Edge {
                        to: (*to).to_owned(),
                        label: step.label.to_owned(),
                    })
                })
                .collect(),
        });
        Diagram {
            name: self.name.to_owned(),
            states: states.collect(),
        }
    }
}

impl<A> fmt::Debug for Machine<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
