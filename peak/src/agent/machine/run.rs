//! A machine on its way from state to state.

use std::any::Any;
use std::panic::resume_unwind;
use std::sync::Arc;

use smol_str::SmolStr;
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use super::next::{Arrival, StepOutcome, Then};
use super::step::{Held, Step, StepRun, Trigger};
use super::{Machine, State};
use crate::agent::answer::{answer_broken, answer_step};
use crate::agent::core::{Job, OwnWork};
use crate::agent::outcome::{Outcome, Verdict};
use crate::agent::{Agent, Context, spans};
use crate::behaviour::{Cell, Flow, catch_panics};
use crate::message::Message;
use crate::network::BoxFuture;
use crate::time::later;

/// Runs a machine to its end.
pub(super) async fn run<A: Agent>(ctx: Context<A>, machine: Arc<Machine<A>>) -> Outcome {
    let Some((first, make)) = machine.initial else {
        let wrong = anyhow::anyhow!("the state machine has no initial state");
        return Verdict::Failed(wrong).into();
    };
    let mut place = first;
    let mut state = make();
    loop {
        let at = &machine.states[place];
        tracing::debug!(agent = %ctx.jid(), behaviour = machine.name, "enters the state {}", at.name);
        let passed = (At {
            ctx: &ctx,
            state: at,
        })
        .pass(state)
        .await;
        match passed {
            Ok(Left::For(arrival)) => match machine.place_of(&arrival) {
                Some(next) => {
                    place = next;
                    state = arrival.state;
                }
                None => {
                    let to = arrival.name();
                    let wrong = anyhow::anyhow!(
                        "the state {} leads to {to}, which no function is for",
                        at.name
                    );
                    return Verdict::Failed(wrong).into();
                }
            },
            Ok(Left::AtTheEnd(code)) => return Flow::Exit(code).into(),
            Err(Broken::Failed(error)) => {
                let error = error.context(format!("in the state {}", at.name));
                return Verdict::Failed(error).into();
            }
            // Whoever runs behaviours knows what to do with that.
            Err(Broken::Panicked(what)) => resume_unwind(Box::new(what.to_string())),
        }
        // A machine may go round without ever waiting.
        tokio::task::coop::consume_budget().await;
    }
}

impl<A> Machine<A> {
    fn place_of(&self, arrival: &Arrival) -> Option<usize> {
        self.states.iter().position(|state| state.id == arrival.id)
    }
}

/// Why a machine cannot go on.
enum Broken {
    Failed(anyhow::Error),
    /// A function panicked, and said this.
    Panicked(Arc<str>),
}

impl Broken {
    /// What others are told of it.
    fn for_others(&self) -> String {
        match self {
            Self::Failed(error) => format!("{error:#}"),
            Self::Panicked(_) => "internal error".to_owned(),
        }
    }
}

impl<E: Into<anyhow::Error>> From<E> for Broken {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// How a machine leaves a state.
enum Left {
    For(Arrival),
    AtTheEnd(i32),
}

/// A machine in one of its states.
struct At<'a, A> {
    ctx: &'a Context<A>,
    state: &'a State<A>,
}

impl<A: Agent> At<'_, A> {
    /// Goes through the state, from entering it to leaving it.
    async fn pass(&self, state: Box<dyn Any + Send>) -> Result<Left, Broken> {
        let mut held = Held::new(state);
        if let Some(enter) = &self.state.enter {
            held = self.hook(enter, held).await?;
        }
        let (mut held, left) = self.stay(held).await?;
        if let Some(exit) = &self.state.exit {
            // If it looks at the state, no function takes that for good: the attributes see to it.
            held = self.hook(exit, held).await?;
        }
        drop(held);
        Ok(left)
    }

    async fn hook(&self, step: &Step<A>, held: Held) -> Result<Held, Broken> {
        let (held, StepOutcome { outcome, .. }) = self.perform(step, held, None).await?;
        match outcome.verdict {
            Verdict::Failed(error) => Err(Broken::Failed(error)),
            Verdict::Flow(_) | Verdict::Rejected(_) => Ok(held),
        }
    }

    /// Does what there is to do in the state until it is left.
    async fn stay(&self, mut held: Held) -> Result<(Held, Left), Broken> {
        let begin = self
            .state
            .steps
            .iter()
            .find(|step| matches!(step.trigger, Trigger::Begin));
        let entered = Instant::now();
        loop {
            let (step, message) = match begin {
                Some(begin) => (begin, None),
                None => self.next(entered).await?,
            };
            let (back, outcome) = match self.perform(step, held, message.clone()).await {
                Ok(done) => done,
                Err(broken) => {
                    if let Some(message) = &message {
                        answer_broken(self.ctx, message, broken.for_others()).await;
                    }
                    return Err(broken);
                }
            };
            held = back;
            let StepOutcome { outcome, then } = outcome;
            answer_step(self.ctx, step.name, message.as_ref(), outcome).await?;
            match then {
                Then::Stay => {}
                Then::Go(arrival) => return Ok((held, Left::For(arrival))),
                Then::End(code) => return Ok((held, Left::AtTheEnd(code))),
            }
            tokio::task::coop::consume_budget().await;
        }
    }

    /// Waits for what comes next: a message, or the end of the time.
    async fn next(&self, entered: Instant) -> Result<(&Step<A>, Option<Message>), Broken> {
        let steps = &self.state.steps;
        let taker = |message: &Message| {
            steps.iter().find(|step| match &step.trigger {
                Trigger::On(template) => template.matches(message),
                _ => false,
            })
        };
        let timeout = steps.iter().find_map(|step| match step.trigger {
            Trigger::After(time) => Some((step, time)),
            _ => None,
        });
        let taken = async {
            match self.ctx.mailbox() {
                Some(mailbox) => mailbox.receive_for(taker).await,
                // Only times end the states of this machine.
                None => std::future::pending().await,
            }
        };
        let (step, message) = match timeout {
            None => taken.await?,
            Some((step, time)) => {
                let due = later(entered, time);
                match tokio::time::timeout_at(due, taken).await {
                    Ok(taken) => taken?,
                    Err(_) => return Ok((step, None)),
                }
            }
        };
        Ok((step, Some(message)))
    }

    /// Calls a function of the state.
    async fn perform(
        &self,
        step: &Step<A>,
        held: Held,
        message: Option<Message>,
    ) -> Result<(Held, StepOutcome), Broken> {
        let span = spans::are_wanted().then(|| match &message {
            Some(message) => spans::handling(self.ctx.jid(), step.name, message),
            None => spans::running(self.ctx.jid(), step.name),
        });
        match step.run {
            StepRun::Task(run) => {
                let run = traced(span, run(self.ctx.clone(), held, message));
                catch_panics(run).await.map_err(Broken::Panicked)
            }
            StepRun::WithState(run) => {
                let (done, result) = oneshot::channel();
                let work: OwnWork<A> = Box::new(move |agent, ctx| {
                    Box::pin(async move {
                        // Whoever waits for it may have been killed.
                        let run = traced(span, run(agent, ctx, held, message));
                        let _ = done.send(catch_panics(run).await);
                        Outcome::default()
                    })
                });
                let cell = Cell::new(SmolStr::new_static(step.name));
                // If this wait is interrupted, so is the function.
                let _kill = KillOnDrop(Arc::clone(&cell));
                // What is not taken is dropped here, and with it the sender of the result.
                drop(self.ctx.shared().leave_job(Job::Work(cell, work)));
                match result.await {
                    Ok(done) => done.map_err(Broken::Panicked),
                    Err(_) => Err(anyhow::anyhow!("the agent has ended").into()),
                }
            }
        }
    }
}

/// The function in its span, if anybody wants one.
fn traced(
    span: Option<Span>,
    run: BoxFuture<'_, (Held, StepOutcome)>,
) -> BoxFuture<'_, (Held, StepOutcome)> {
    let Some(span) = span else { return run };
    let noted = async move {
        let (held, step) = run.await;
        spans::note(&step.outcome);
        (held, step)
    };
    Box::pin(noted.instrument(span))
}

struct KillOnDrop(Arc<Cell>);

impl Drop for KillOnDrop {
    fn drop(&mut self) {
        self.0.kill(0);
    }
}
