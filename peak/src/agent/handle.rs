//! An agent seen from outside, and what it left behind.

use std::fmt;
use std::panic::resume_unwind;
use std::sync::Arc;

use super::core::{Job, Shared};
use super::{Agent, Behaviour, Context};
use crate::behaviour::{BehaviourHandle, Exit, UnknownBehaviour, caught};
use crate::message::Jid;

/// An agent that was started, seen from outside.
pub struct AgentHandle<A> {
    shared: Arc<Shared<A>>,
}

impl<A> Clone for AgentHandle<A> {
    fn clone(&self) -> Self {
        Self {
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<A: Send + 'static> AgentHandle<A> {
    pub(crate) fn new(shared: Arc<Shared<A>>) -> Self {
        Self { shared }
    }

    /// Its address.
    pub fn jid(&self) -> &Jid {
        self.shared.jid()
    }

    /// Whether it has not ended yet.
    pub fn is_alive(&self) -> bool {
        !self.shared.has_ended()
    }

    /// Looks at, or changes, the agent's state between two of its handlers; `None` if it has ended.
    ///
    /// # Panics
    ///
    /// In a function with `self` of that very agent, which would wait for itself.
    pub async fn with<R: Send + 'static>(
        &self,
        look: impl FnOnce(&mut A) -> R + Send + 'static,
    ) -> Option<R> {
        with(&self.shared, look).await
    }

    /// One of its behaviours, see [`Context::behaviour`].
    ///
    /// # Errors
    ///
    /// If it has no behaviour of this name.
    pub fn behaviour(&self, name: &str) -> Result<BehaviourHandle, UnknownBehaviour> {
        self.shared.behaviour(name)
    }

    /// Asks it to stop, as [`Context::stop`] does; [`join`](AgentHandle::join) waits for the end.
    pub fn stop(&self) {
        self.shared.request_stop();
    }

    /// Waits until it has ended, `on_stop` included.
    pub async fn join(&self) -> AgentReport {
        self.shared.ended().await
    }
}

impl<A: Agent> AgentHandle<A> {
    /// Adds a behaviour, or a handler after those the agent has, while it runs.
    pub fn add(&self, behaviour: Behaviour<A>) -> BehaviourHandle {
        Context::new(Arc::clone(&self.shared)).add(behaviour)
    }
}

impl<A> fmt::Debug for AgentHandle<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AgentHandle")
            .field(self.shared.jid())
            .finish()
    }
}

/// Has the agent's own task run `look` and gives its result; `None` if the agent has ended. A panic
/// in `look` is the caller's, not the agent's.
pub(super) async fn with<A, R: Send + 'static>(
    shared: &Shared<A>,
    look: impl FnOnce(&mut A) -> R + Send + 'static,
) -> Option<R> {
    assert!(
        !shared.on_own_task(),
        "`with(…)` of {} was called in a function that has `self`: use `self` itself",
        shared.jid()
    );
    let (answer, result) = tokio::sync::oneshot::channel();
    let job = Job::With(Box::new(move |agent: &mut A| {
        // Whoever asked may have been killed meanwhile.
        let _ = answer.send(caught(|| look(agent)));
    }));
    shared.leave_job(job).ok()?;
    match result.await.ok()? {
        Ok(result) => Some(result),
        Err(panic) => resume_unwind(panic),
    }
}

/// What an agent left behind.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AgentReport {
    /// Its address.
    pub jid: Jid,
    /// The name of its type.
    pub agent_type: &'static str,
    /// How many messages it sent.
    pub sent: u64,
    /// How many messages it received.
    pub received: u64,
    /// What went wrong: the first few failures.
    pub failures: Vec<Failure>,
    /// How many failures there were.
    pub failure_count: u64,
}

/// A behaviour, a handler or a hook that ended with an error or a panic.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Failure {
    /// The agent.
    pub agent: Jid,
    /// The name of the function.
    pub behaviour: String,
    /// How it ended.
    pub exit: Exit,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.agent, self.behaviour, self.exit)
    }
}

/// What became of the agents of a platform.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Report {
    /// How many agents have ended.
    pub ended: u64,
    /// How many messages they sent.
    pub sent: u64,
    /// How many messages they received.
    pub received: u64,
    /// What went wrong: the first hundred failures.
    pub failures: Vec<Failure>,
    /// How many failures there were.
    pub failure_count: u64,
}

impl Report {
    /// Whether nothing failed.
    pub fn is_success(&self) -> bool {
        self.failure_count == 0
    }
}
