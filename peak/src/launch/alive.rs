//! Which agents of the plan have not ended yet, for whoever waits for them to stop.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::message::Jid;

/// The agents that were started and have not ended. A clone is the same list.
#[derive(Debug, Clone, Default)]
pub(super) struct Alive(Arc<Mutex<HashSet<String>>>);

impl Alive {
    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// This agent is being started.
    pub(super) fn enter(&self, agent: &Jid) {
        self.lock().insert(agent.to_string());
    }

    /// The agent of this address has ended.
    pub(super) fn leave(&self, agent: &str) {
        self.lock().remove(agent);
    }

    /// Those of `agents` that are alive: the first few of them.
    pub(super) fn of<'a>(&self, agents: impl Iterator<Item = &'a Jid>, few: usize) -> Vec<&'a Jid> {
        let alive = self.lock();
        agents
            .filter(|agent| alive.contains(&agent.to_string()))
            .take(few)
            .collect()
    }
}
