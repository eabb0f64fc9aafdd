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

    /// Whose tasks they are.
    pub(in crate::agent) struct Speaker(Jid);

    impl Speaker {
        pub(in crate::agent) fn new(agent: &Jid) -> Self {
            Self(agent.clone())
        }

        /// Runs a task of the agent.
        pub(in crate::agent) fn of<F: Future>(
            self,
            task: F,
        ) -> impl Future<Output = F::Output> + use<F> {
            SPEAKER.scope(self.0, task)
        }
    }

    /// The agent whose task runs here, if it is one's.
    pub(crate) fn speaker() -> Option<Jid> {
        SPEAKER.try_with(Jid::clone).ok()
    }
}

#[cfg(not(feature = "cli"))]
mod known {
    use crate::message::Jid;

    /// Whose tasks they are.
    pub(in crate::agent) struct Speaker;

    impl Speaker {
        pub(in crate::agent) fn new(_: &Jid) -> Self {
            Self
        }

        /// Runs a task of the agent.
        pub(in crate::agent) fn of<F>(self, task: F) -> F {
            task
        }
    }
}

pub(super) use known::Speaker;
#[cfg(feature = "cli")]
pub(crate) use known::speaker;
