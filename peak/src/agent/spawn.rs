//! Starting an agent, and what must happen when it ends.

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::oneshot;

use super::core::Shared;
use super::life::{Life, live};
use super::wiring::Wiring;
use super::{Agent, AgentHandle, Context, Services};
use crate::behaviour::{Cell, Exit};
use crate::message::{Jid, JidError, Message};
use crate::network::{AttachError, Subscription};

/// Why an agent did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// The address is malformed.
    #[error(transparent)]
    Address(#[from] JidError),
    /// A parameter is missing or wrong.
    #[error(transparent)]
    Params(#[from] super::ParamErrors),
    /// The address cannot be had.
    #[error(transparent)]
    Attach(#[from] AttachError),
    /// The agent's `on_start` failed.
    #[error("`{jid}`: `{hook}` failed: {exit}")]
    OnStart {
        /// The agent.
        jid: Jid,
        /// The name of the function.
        hook: &'static str,
        /// How it failed.
        exit: Exit,
    },
}

/// Starts an agent; it is reachable, and its `on_start` is done, when this returns.
pub(crate) async fn spawn<A: Agent>(
    services: &Arc<Services>,
    jid: Jid,
    agent: A,
) -> Result<AgentHandle<A>, SpawnError> {
    let jid = if jid.is_bare() { jid.at_home() } else { jid };
    let wiring = Wiring::<A>::of();
    let shared = Arc::new(Shared::new(Arc::clone(services), jid));
    let ctx = Context::new(Arc::clone(&shared));

    // Its behaviours are known, and their mailboxes open, before the first message can come.
    let planned: Vec<Planned> = wiring
        .behaviours
        .iter()
        .map(|(name, scheduled)| {
            let cell = Cell::new(name.clone());
            shared.know_behaviour(Arc::clone(&cell));
            let mailbox = scheduled.receives.clone().map(|it| ctx.subscribe(it));
            Planned { cell, mailbox }
        })
        .collect();
    services.network.attach(Arc::clone(&shared.inbox))?;
    let place = services.roster.enter(shared.clone());

    let (started, start) = match wiring.on_start {
        Some(_) => {
            let (sender, receiver) = oneshot::channel();
            (Some(sender), Some(receiver))
        }
        None => (None, None),
    };
    let ending = Ending {
        shared: Arc::clone(&shared),
        place,
        agent_type: A::NAME,
    };
    let life = live(Life::new(agent, ctx, wiring), planned, started, ending);
    let task = tokio::spawn(life);
    shared.set_task(task.abort_handle());
    tracing::debug!(agent = %shared.jid(), agent_type = A::NAME, "started");
    if let Some(start) = start
        && let Ok(Err(error)) = start.await
    {
        return Err(error);
    }
    Ok(AgentHandle::new(shared))
}

/// A behaviour of the wiring that has not begun yet.
pub(super) struct Planned {
    pub(super) cell: Arc<Cell>,
    pub(super) mailbox: Option<Subscription>,
}

/// Does what must be done when an agent ends, even if its task is aborted.
pub(super) struct Ending<A: Agent> {
    shared: Arc<Shared<A>>,
    place: u64,
    agent_type: &'static str,
}

impl<A: Agent> Ending<A> {
    /// Ends the agent; these messages of its inbox it has not handled.
    pub(super) fn leave(self, unhandled: VecDeque<Message>) {
        self.shared.inbox.put_back(unhandled);
    }
}

impl<A: Agent> Drop for Ending<A> {
    fn drop(&mut self) {
        let shared = &self.shared;
        for cell in shared.tasks().into_iter().chain(shared.behaviours()) {
            cell.kill(0);
        }
        shared.services.network.detach(shared.jid());
        let report = shared.end(self.agent_type);
        shared.services.roster.leave(self.place, &report);
        tracing::debug!(agent = %report.jid, "ended");
    }
}
