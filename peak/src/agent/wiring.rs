//! What the attributes of an impl come to: hooks, behaviours and handlers.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use peak_shared::diagram::Diagram;
use smol_str::SmolStr;

use super::machine::step::Step;
use super::{BehaviourReturn, Context, Outcome, Part};
use crate::behaviour::Schedule;
use crate::message::{Message, Template, Topics};
use crate::network::BoxFuture;

/// Runs with the agent's state, on the agent's own task.
pub(crate) type StateRun<A> = for<'a> fn(&'a mut A, &'a Context<A>) -> BoxFuture<'a, Outcome>;
/// Handles a message with the agent's state, on the agent's own task.
pub(crate) type StateHandle<A> =
    for<'a> fn(&'a mut A, &'a Context<A>, &'a Message) -> BoxFuture<'a, Outcome>;
/// One run of a behaviour on a task of its own.
pub(crate) type TaskRun<A> = Arc<dyn Fn(Context<A>) -> BoxFuture<'static, Outcome> + Send + Sync>;
/// Handles a message on a task of its own.
pub(crate) type TaskHandle<A> =
    Arc<dyn Fn(Context<A>, Message) -> BoxFuture<'static, Outcome> + Send + Sync>;

/// A behaviour, or a handler of messages, that agents of type `A` can have.
///
/// The attributes make them of functions: of the methods of an `#[agent] impl`, and of free
/// functions, whose name then gives such a value. [`Context::add`] takes one while the agent runs.
///
/// ```
/// use peak::prelude::*;
///
/// /// Says every now and then that the agent is alive.
/// #[behaviour(periodic = "10s")]
/// async fn heartbeat<A: Agent>(ctx: &Context<A>) -> peak::Result<()> {
///     ctx.send(Message::inform("monitor@localhost").text("alive")).await?;
///     Ok(())
/// }
///
/// #[agent]
/// struct Pump;
///
/// #[agent(behaviours(heartbeat))]
/// impl Pump {}
/// ```
pub struct Behaviour<A> {
    pub(crate) name: SmolStr,
    pub(crate) kind: Kind<A>,
}

pub(crate) enum Kind<A> {
    Scheduled(Scheduled<A>),
    Handler(Handler<A>),
}

/// Runs by the clock.
pub(crate) struct Scheduled<A> {
    pub(crate) schedule: Schedule,
    pub(crate) delay: Duration,
    pub(crate) start_at: Option<SystemTime>,
    pub(crate) receives: Option<Template>,
    pub(crate) run: Run<A>,
}

/// Runs when a message comes.
pub(crate) struct Handler<A> {
    pub(crate) name: SmolStr,
    pub(crate) template: Template,
    /// What news it takes in place of messages.
    pub(crate) news: Topics,
    pub(crate) observe: bool,
    pub(crate) handle: Handle<A>,
}

impl<A> Handler<A> {
    /// Whether this message, or this news, is for it.
    pub(crate) fn takes(&self, message: &Message) -> bool {
        match message.news() {
            None => self.news.is_none() && self.template.matches(message),
            Some(news) => self.news.contains(news),
        }
    }
}

pub(crate) enum Run<A> {
    WithState(StateRun<A>),
    Task(TaskRun<A>),
}

pub(crate) enum Handle<A> {
    WithState(StateHandle<A>),
    Task(TaskHandle<A>),
}

impl<A> Clone for Handle<A> {
    fn clone(&self) -> Self {
        match self {
            Self::WithState(handle) => Self::WithState(*handle),
            Self::Task(handle) => Self::Task(Arc::clone(handle)),
        }
    }
}

impl<A: 'static> Behaviour<A> {
    /// A behaviour made of a closure; each run of it is a call.
    ///
    /// ```
    /// use std::time::Duration;
    /// use peak::{Behaviour, Flow, Schedule};
    /// # use peak::prelude::*;
    /// # #[agent] struct Lamp;
    /// # #[agent] impl Lamp {}
    ///
    /// let blink: Behaviour<Lamp> =
    ///     Behaviour::new("blink", Schedule::Periodic(Duration::from_secs(1)), async |ctx| {
    ///         println!("{} blinks", ctx.jid());
    ///         Flow::Continue
    ///     });
    /// ```
    pub fn new<F, R>(
        name: impl AsRef<str>,
        schedule: Schedule,
        run: impl Fn(Context<A>) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = R> + Send + 'static,
        R: BehaviourReturn,
    {
        Self::scheduled(
            SmolStr::new(name),
            schedule,
            Run::Task(Arc::new(move |ctx| {
                let run = run(ctx);
                Box::pin(async move { run.await.into_outcome() })
            })),
        )
    }

    fn scheduled(name: SmolStr, schedule: Schedule, run: Run<A>) -> Self {
        Self {
            name,
            kind: Kind::Scheduled(Scheduled {
                schedule,
                delay: Duration::ZERO,
                start_at: None,
                receives: None,
                run,
            }),
        }
    }

    fn handler(name: &'static str, template: Template, handle: Handle<A>) -> Self {
        let name = SmolStr::new_static(name);
        Self {
            name: name.clone(),
            kind: Kind::Handler(Handler {
                name,
                template,
                news: Topics::NONE,
                observe: false,
                handle,
            }),
        }
    }

    /// Begins after this time.
    #[must_use]
    pub fn delay(mut self, delay: Duration) -> Self {
        if let Kind::Scheduled(scheduled) = &mut self.kind {
            scheduled.delay = delay;
        }
        self
    }

    /// Begins at this time; at once if it is past.
    #[must_use]
    pub fn start_at(mut self, time: SystemTime) -> Self {
        if let Kind::Scheduled(scheduled) = &mut self.kind {
            scheduled.start_at = Some(time);
        }
        self
    }

    /// Keeps matching messages for this behaviour, for as long as it lives;
    /// [`Context::receive`] takes the next.
    #[must_use]
    pub fn receives(mut self, template: Template) -> Self {
        if let Kind::Scheduled(scheduled) = &mut self.kind {
            scheduled.receives = Some(template);
        }
        self
    }

    /// Takes news of these topics in place of messages.
    #[doc(hidden)]
    #[must_use]
    pub fn of_news(mut self, topics: Topics) -> Self {
        if let Kind::Handler(handler) = &mut self.kind {
            handler.news = topics;
        }
        self
    }

    /// Lets the message go on to the handlers after this one.
    #[must_use]
    pub fn observe(mut self) -> Self {
        if let Kind::Handler(handler) = &mut self.kind {
            handler.observe = true;
        }
        self
    }
}

/// What the attributes call.
#[doc(hidden)]
impl<A: 'static> Behaviour<A> {
    pub fn with_state(name: &'static str, schedule: Schedule, run: StateRun<A>) -> Self {
        Self::scheduled(SmolStr::new_static(name), schedule, Run::WithState(run))
    }

    pub fn task(
        name: &'static str,
        schedule: Schedule,
        run: fn(Context<A>) -> BoxFuture<'static, Outcome>,
    ) -> Self {
        let name = SmolStr::new_static(name);
        Self::scheduled(name, schedule, Run::Task(Arc::new(run)))
    }

    pub fn handler_with_state(
        name: &'static str,
        template: Template,
        handle: StateHandle<A>,
    ) -> Self {
        Self::handler(name, template, Handle::WithState(handle))
    }

    pub fn handler_task(
        name: &'static str,
        template: Template,
        handle: fn(Context<A>, Message) -> BoxFuture<'static, Outcome>,
    ) -> Self {
        Self::handler(name, template, Handle::Task(Arc::new(handle)))
    }
}

impl<A> fmt::Debug for Behaviour<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Behaviour");
        out.field("name", &self.name);
        match &self.kind {
            Kind::Scheduled(scheduled) => out.field("schedule", &scheduled.schedule),
            Kind::Handler(handler) => out.field("template", &handler.template),
        };
        out.finish_non_exhaustive()
    }
}

/// Everything that an agent type does.
#[doc(hidden)]
pub struct Wiring<A> {
    pub(crate) on_start: Option<Hook<A>>,
    pub(crate) on_stop: Option<Hook<A>>,
    pub(crate) behaviours: Vec<(SmolStr, Scheduled<A>)>,
    pub(crate) handlers: Vec<Handler<A>>,
    /// The roles that it plays.
    pub(crate) parts: Vec<Part<A>>,
    /// Functions of state machines, until these are put together.
    pub(super) steps: Vec<Step<A>>,
    pub(crate) diagrams: Vec<Diagram>,
}

pub(crate) struct Hook<A> {
    pub(crate) name: &'static str,
    pub(crate) run: StateRun<A>,
}

// Without `A: Agent`, which generated code would otherwise have to prove at every call: a struct
// that lacks `#[agent]` is one error, at the impl.
impl<A> Wiring<A> {
    pub fn on_start(&mut self, name: &'static str, run: StateRun<A>) {
        self.on_start = Some(Hook { name, run });
    }

    pub fn on_stop(&mut self, name: &'static str, run: StateRun<A>) {
        self.on_stop = Some(Hook { name, run });
    }

    pub(crate) fn part(&mut self, part: Part<A>) {
        self.parts.push(part);
    }

    pub fn step(&mut self, step: Step<A>) {
        self.steps.push(step);
    }

    pub fn add(&mut self, behaviour: Behaviour<A>) {
        match behaviour.kind {
            Kind::Scheduled(scheduled) => self.behaviours.push((behaviour.name, scheduled)),
            Kind::Handler(handler) => self.handlers.push(handler),
        }
    }
}

impl<A> fmt::Debug for Wiring<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wiring").finish_non_exhaustive()
    }
}
