//! How a broker passes a message on.

use std::sync::Arc;
use std::time::Duration;

use super::answers::Report;
use super::proxy::Proxy;
use super::recruits::{Recruited, Recruits};
use crate::agent::{Agent, Context};
use crate::behaviour::compose;
use crate::message::reply::Failure;
use crate::message::{Jid, Message};
use crate::protocol::participants::Participants;
use crate::protocol::talk::send_all;
use crate::protocol::{Asked, Unreachable};

/// To whom a message is passed on, and how.
pub(super) struct Passing<D> {
    /// The protocol, if it is answered at all.
    pub(super) by: Option<&'static str>,
    pub(super) found: Vec<Jid>,
    pub(super) answer: Duration,
    pub(super) result: Duration,
    pub(super) recruits: Arc<Recruits<D>>,
}

impl<D: Send + Sync + 'static> Passing<D> {
    /// Asks those who are found, and gathers what they answer.
    pub(super) async fn broker<A: Agent>(
        self,
        ctx: &Context<A>,
        asked: &Asked<Proxy<D>>,
    ) -> Result<Report, Failure> {
        let (found, own) = self.others(ctx)?;
        let draft = asked.enclosed.draft();
        if self.by.is_none() {
            let unreachable = send_all(ctx, found.all(), draft).await?;
            return reached(Report::of(found.all(), unreachable), own);
        }
        let asking = found.all().iter().map(|jid| {
            let message = draft.clone().with_to(jid.clone());
            let achieve = ctx.achieve(message);
            achieve.answer_within(self.answer).done_within(self.result)
        });
        let mut report = Report::default();
        let answers = compose::all(asking).await;
        for (jid, achieved) in found.all().iter().zip(answers) {
            report.note(jid.clone(), achieved?)?;
        }
        own.into_iter().for_each(|one| report.miss(one));
        match report.is_done() {
            true => Ok(report),
            false => Err(Failure::new(report.to_string())),
        }
    }

    /// Has those who are found answer the initiator, or whom it has named, themselves.
    pub(super) async fn recruit<A: Agent>(
        self,
        ctx: &Context<A>,
        asked: &Asked<Proxy<D>>,
    ) -> Result<Report, Failure> {
        let (found, own) = self.others(ctx)?;
        let message = match self.by {
            None => asked.enclosed.draft(),
            Some(protocol) => {
                let recruited = Recruited::new(ctx, asked, protocol, found.all().to_vec());
                let message = self.for_recruits(ctx, asked, &recruited);
                // Before anybody has it, so that whoever has it can be told that it is cancelled.
                let until = self.answer.saturating_add(self.result);
                self.recruits.keep(ctx, recruited, until)?;
                message
            }
        };
        let unreachable = send_all(ctx, found.all(), message).await?;
        reached(Report::of(found.all(), unreachable), own)
    }

    /// The message as those get it who are recruited: in the initiator's conversation, and answered there.
    fn for_recruits<A: Agent>(
        &self,
        ctx: &Context<A>,
        asked: &Asked<Proxy<D>>,
        recruited: &Recruited<D>,
    ) -> Message {
        let proxy = asked.message();
        let receiver = asked.receiver.as_ref().or_else(|| proxy.reply_to());
        let mut message = recruited
            .of(asked.enclosed.draft())
            .with_reply_to(receiver.unwrap_or_else(|| asked.initiator()).clone())
            .with_reply_by(ctx.now() + self.answer);
        if let Some(thread) = proxy.thread() {
            message = message.with_thread(thread);
        }
        if let Some(reply_with) = proxy.reply_with() {
            message = message.with_reply_with(reply_with);
        }
        message
    }

    /// Those who are found, each once, but for the broker, which would ask itself.
    fn others<A: Agent>(
        &self,
        ctx: &Context<A>,
    ) -> Result<(Participants, Option<Unreachable>), Failure> {
        let own = ctx.jid();
        let (own, others): (Vec<Jid>, Vec<Jid>) = self
            .found
            .iter()
            .cloned()
            .partition(|jid| jid.same_account(own));
        let own = own.into_iter().next().map(|jid| Unreachable {
            jid,
            reason: "it is the broker itself".to_owned(),
        });
        Ok((Participants::of(others)?, own))
    }
}

/// What is told of a message that was passed on without waiting for answers.
fn reached(mut report: Report, own: Option<Unreachable>) -> Result<Report, Failure> {
    own.into_iter().for_each(|one| report.miss(one));
    match report.passed_on.is_empty() {
        true => Err(Failure::new(report.to_string())),
        false => Ok(report),
    }
}
