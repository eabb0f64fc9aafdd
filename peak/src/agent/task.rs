//! Tasks beside the agent's own: behaviours and handlers without `self`, and spawned work.

use std::future::Future;
use std::sync::Arc;

use smol_str::SmolStr;
use tokio::time::Instant;
use tracing::{Instrument as _, Span};

use super::answer::{HANDLER_ENDED, answer, panicked};
use super::core::{Job, Shared};
use super::local::Timetable;
use super::outcome::{Outcome, Verdict};
use super::spans;
use super::speaker::Speaker;
use super::wiring::{Handler, Run, Scheduled, TaskHandle};
use super::{Agent, Context};
use crate::behaviour::{BehaviourHandle, Cell, Exit, Ran, catch_panics, guarded};
use crate::message::Message;
use crate::network::Subscription;

/// Starts a behaviour without `self`. `mailbox` is the one opened for it already, if any.
pub(super) fn start<A: Agent>(
    ctx: &Context<A>,
    cell: Arc<Cell>,
    scheduled: &Scheduled<A>,
    mailbox: Option<Subscription>,
) {
    let Run::Task(run) = &scheduled.run else {
        return;
    };
    let run = Arc::clone(run);
    let mailbox = mailbox.or_else(|| scheduled.receives.clone().map(|it| ctx.subscribe(it)));
    let ctx = ctx.with_mailbox(mailbox.map(Arc::new));
    let mut timetable = Timetable::new(scheduled, &ctx.shared().services.clock);
    let running = Arc::clone(&cell);
    spawn(&ctx.clone(), cell, async move {
        loop {
            // The timer's ticks are a millisecond: what is due already does not wait for one.
            if timetable.due > Instant::now() {
                tokio::time::sleep_until(timetable.due).await;
            }
            let outcome = spans::run(ctx.jid(), running.name(), run(ctx.clone())).await;
            match exit_of(outcome) {
                Some(exit) => return exit,
                None => match timetable.next(&running) {
                    Some(next) => timetable = next,
                    None => return Exit::Finished(0),
                },
            }
            tokio::task::coop::consume_budget().await;
        }
    });
}

/// Starts work that the agent's code has handed over.
pub(super) fn spawn_work<A: Agent>(
    ctx: &Context<A>,
    name: &'static str,
    work: impl Future<Output = Outcome> + Send + 'static,
) -> BehaviourHandle {
    let cell = Cell::new(SmolStr::new_static(name));
    let span = if spans::are_wanted() {
        spans::running(ctx.jid(), name)
    } else {
        Span::none()
    };
    let work = async move {
        let panicking = spans::NotePanic;
        let outcome = work.await;
        drop(panicking);
        spans::note(&outcome);
        exit_of(outcome).unwrap_or(Exit::Finished(0))
    };
    spawn(ctx, Arc::clone(&cell), work.instrument(span));
    BehaviourHandle::new(cell)
}

/// Handles one message in a task of its own. There must be room, see
/// [`has_room`](super::core::Shared::has_room).
///
/// `number` is the handler's, for when it says that it ends.
// Beside a task it is nothing to be called, and those who dispatch have their code together.
#[inline(never)]
pub(super) fn handle<A: Agent>(
    ctx: &Context<A>,
    number: usize,
    handler: &Handler<A>,
    handle: &TaskHandle<A>,
    message: Message,
) {
    let name = handler.name.clone();
    let observe = handler.observe;
    let handling = handle(ctx.clone(), message.clone());
    let ctx = ctx.clone();
    let room = ctx.shared().begin_handling();
    let unanswered = Unanswered::new(ctx.shared(), &message, observe);
    let span = if spans::are_wanted() {
        spans::handling(ctx.jid(), &name, &message)
    } else {
        Span::none()
    };
    let (begun, cell) = (ctx.clone(), Cell::new(name.clone()));
    let work = async move {
        let mut handled = match catch_panics(handling).await {
            Ok(outcome) => {
                spans::note(&outcome);
                answer(&ctx, &name, &message, observe, outcome)
            }
            Err(what) => {
                spans::note_panic();
                panicked(&ctx, &name, &message, observe, what, HANDLER_ENDED)
            }
        };
        unanswered.settle();
        handled.sent(&ctx).await;
        if let Some(exit) = handled.ends {
            // It has ended already if the agent has.
            let _ = ctx.shared().leave_job(Job::EndHandler(number, exit));
        }
        drop(room);
        Exit::Finished(0)
    };
    spawn(&begun, cell, work.instrument(span));
}

/// A message that somebody waits to have answered, while a task handles it. If the task is ended
/// before it has, the message goes back to the inbox, and from there to its sender.
struct Unanswered<A> {
    shared: Arc<Shared<A>>,
    message: Option<Message>,
}

impl<A> Unanswered<A> {
    fn new(shared: &Arc<Shared<A>>, message: &Message, observe: bool) -> Self {
        let waits = message.wants_answer();
        Self {
            shared: Arc::clone(shared),
            message: (waits && !observe).then(|| message.clone()),
        }
    }

    /// The handler has done what it does.
    fn settle(mut self) {
        self.message = None;
    }
}

impl<A> Drop for Unanswered<A> {
    fn drop(&mut self) {
        if let Some(message) = self.message.take() {
            self.shared.inbox.put_back([message]);
        }
    }
}

/// How the behaviour ends with this outcome; `None` if it goes on.
pub(super) fn exit_of(outcome: Outcome) -> Option<Exit> {
    match outcome.verdict {
        Verdict::Flow(flow) => flow.exit_code().map(Exit::Finished),
        Verdict::Failed(error) => Some(Exit::Failed(Arc::new(error))),
        // Only a message can be rejected.
        Verdict::Rejected(_) => None,
    }
}

/// Runs the future as a task of the agent: killed with it, its panics its own.
fn spawn<A: Agent>(
    ctx: &Context<A>,
    cell: Arc<Cell>,
    future: impl Future<Output = Exit> + Send + 'static,
) {
    let shared = Arc::clone(ctx.shared());
    if !cell.begin() {
        return;
    }
    let place = shared.enter_task(Arc::clone(&cell));
    if shared.has_ended() {
        // The agent has ended; nothing of it runs any more.
        cell.end(Exit::Killed(0));
        shared.leave_task(place);
        return;
    }
    let speaker = Speaker::new(shared.jid());
    let task = async move {
        let mut watching = None;
        let ran = guarded(future, |cx| cell.poll_killed(cx, &mut watching)).await;
        let exit = match ran {
            Ran::Done(exit) | Ran::Interrupted(exit) => exit,
            Ran::Panicked(what) => Exit::Panicked(what),
        };
        if exit.is_failure() {
            shared.note_failure(cell.name(), exit.clone(), "the behaviour has ended");
        }
        cell.end(exit);
        shared.leave_task(place);
    };
    tokio::spawn(speaker.of(task));
}
