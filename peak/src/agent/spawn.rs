//! Starting an agent, and what must happen when it ends.

use std::sync::Arc;

use tokio::sync::oneshot;

use super::core::Shared;
use super::ending::Ending;
use super::life::{Life, Planned, StartFailed, live};
use super::speaker::Speaker;
use super::wiring::Wiring;
use super::{Agent, AgentHandle, Context, Services};
use crate::behaviour::{Cell, Exit};
use crate::message::{Jid, JidError};
use crate::network::AttachError;

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
            let cell = Cell::scheduled(name.clone(), scheduled.schedule);
            shared.know_behaviour(Arc::clone(&cell));
            let mailbox = scheduled.receives.clone().map(|it| ctx.subscribe(it));
            Planned { cell, mailbox }
        })
        .collect();
    services.network.attach(Arc::clone(&shared.inbox)).await?;
    let place = services.roster.enter(shared.clone());

    let (started, start) = match wiring.on_start {
        Some(_) => {
            let (sender, receiver) = oneshot::channel();
            (Some(sender), Some(receiver))
        }
        None => (None, None),
    };
    let ending = Ending::new(Arc::clone(&shared), place);
    let life = live(Life::new(agent, ctx, wiring), planned, started, ending);
    tracing::debug!(agent = %shared.jid(), agent_type = A::NAME, "started");
    let task = tokio::spawn(Speaker::new(shared.jid()).of(life));
    shared.set_task(task.abort_handle());
    if let Some(start) = start
        && let Ok(Err(StartFailed { hook, exit })) = start.await
    {
        let jid = shared.jid().clone();
        return Err(SpawnError::OnStart { jid, hook, exit });
    }
    Ok(AgentHandle::new(shared))
}
