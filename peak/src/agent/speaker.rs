//! Whose code runs: what it logs without naming the agent is that agent's all the same.
//!
//! The command line alone wants to know; without it, an agent is not larger by its name.

#[cfg(feature = "cli")]
mod known {
    use std::future::Future;

    use crate::message::Jid;

    tokio::task_local! {
        static SPEAKER: Jid;
    }

    /// Runs a task of the agent.
    pub(in crate::agent) fn speaking<F: Future>(
        agent: &Jid,
        task: F,
    ) -> impl Future<Output = F::Output> + use<F> {
        SPEAKER.scope(agent.clone(), task)
    }

    /// The agent whose task runs here, if it is one's.
    pub(crate) fn speaker() -> Option<Jid> {
        SPEAKER.try_with(Jid::clone).ok()
    }
}

#[cfg(not(feature = "cli"))]
mod known {
    use crate::message::Jid;

    /// Runs a task of the agent.
    pub(in crate::agent) fn speaking<F>(_: &Jid, task: F) -> F {
        task
    }
}

#[cfg(feature = "cli")]
pub(crate) use known::speaker;
pub(super) use known::speaking;
