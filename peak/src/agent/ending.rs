//! The end of an agent: nobody reaches it any more, and everybody who waits for it learns of it.

use std::collections::VecDeque;
use std::sync::Arc;

use super::Agent;
use super::core::Shared;
use crate::behaviour::Exit;
use crate::message::Message;

/// Does what must be done when an agent ends, even if its task is aborted.
pub(super) struct Ending<A: Agent> {
    shared: Arc<Shared<A>>,
    place: u64,
}

impl<A: Agent> Ending<A> {
    pub(super) fn new(shared: Arc<Shared<A>>, place: u64) -> Self {
        Self { shared, place }
    }

    /// Ends the agent; these messages of its inbox it has not handled.
    pub(super) fn leave(self, unhandled: VecDeque<Message>) {
        self.shared.inbox.put_back(unhandled);
    }
}

impl<A: Agent> Drop for Ending<A> {
    fn drop(&mut self) {
        let shared = &self.shared;
        if std::thread::panicking() {
            let what = Exit::Panicked("outside of its handlers, in a `Drop` perhaps".into());
            shared.note_hook_failure("the agent's own task", what);
        }
        shared.services.network.detach(shared.jid());
        let report = shared.end(A::NAME);
        // After the report: whatever enters now sees it, whatever entered before is here.
        for cell in shared.tasks().into_iter().chain(shared.behaviours()) {
            cell.kill(0);
        }
        // Before it leaves: the program may end with the last one.
        tracing::debug!(agent = %report.jid, "ended");
        shared.services.roster.leave(self.place, &report);
    }
}
