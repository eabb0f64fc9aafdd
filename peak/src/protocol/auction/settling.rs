//! The end of an auction: all are told, and the winner does what was agreed.

use std::time::Duration;

use super::Auctioned;
use super::content::{Closing, Price, Sale};
use super::floor::{Floor, Stage};
use crate::agent::Agent;
use crate::message::{Jid, Message, Performative};
use crate::protocol::talk::{Heard, Talk};
use crate::protocol::work::post;
use crate::protocol::{Achieved, Cancelled};
use crate::time::after;

/// How long bids are still rejected that were on their way when the auction ended.
const AFTERMATH: Duration = Duration::from_secs(10);

impl<A: Agent> Floor<A> {
    /// Tells all how it has ended, and has the winner do what was agreed.
    pub(super) async fn settle(
        &mut self,
        sold: Option<(Jid, f64)>,
        time: Duration,
    ) -> crate::Result<()> {
        self.results.sale = sold.as_ref().map(|(winner, price)| Sale {
            winner: winner.bare(),
            price: *price,
        });
        self.stage = match &sold {
            Some((winner, _)) => Stage::Sold(winner.clone()),
            None => Stage::Over,
        };
        let closing = Closing::of(self.results.sale.as_ref());
        let closing = self.draft(Performative::Inform).json(closing);
        let lost = self.talk.send_all(&self.present(), closing).await?;
        self.note_all_unreachable(lost);
        if let Some((winner, price)) = sold {
            let settled = self.demand(&winner, price, time).await?;
            if !matches!(settled, Achieved::Late { .. }) {
                self.stage = Stage::Over;
            }
            self.results.settled = Some(settled);
        }
        Ok(())
    }

    /// Asks the winner to do what was agreed; what comes of that.
    async fn demand(
        &mut self,
        winner: &Jid,
        price: f64,
        time: Duration,
    ) -> crate::Result<Achieved> {
        let due = after(time);
        let name = format!("{}.sold", self.talk.id());
        let request = self.draft(Performative::Request).with_to(winner);
        let request = request
            .json(Price { price })
            .with_reply_with(&name)
            .with_reply_by(self.talk.ctx().now() + time);
        if let Some(unreachable) = self.talk.send(request).await? {
            return Ok(Achieved::Unreachable(unreachable));
        }
        let mut agreed = None;
        loop {
            let (sender, act, message) = match self.talk.hear(due).await {
                Some(Heard::Said(sender, act, message)) => (sender, act, message),
                Some(Heard::Undelivered(one)) if one.jid.same_account(winner) => {
                    return Ok(Achieved::Unreachable(one));
                }
                Some(Heard::Undelivered(one)) => {
                    self.note_unreachable(one);
                    continue;
                }
                None => return Ok(Achieved::Late { agreed }),
            };
            let is_answer = message.in_reply_to().is_none_or(|to| to == name);
            if !sender.same_account(winner) || !is_answer || act == Performative::Propose {
                self.note_after_end(&sender, act, &message);
                continue;
            }
            return Ok(match act {
                Performative::Agree if agreed.is_none() => {
                    agreed = Some(message);
                    continue;
                }
                Performative::Inform => Achieved::Done(message),
                Performative::Refuse if agreed.is_none() => Achieved::Refused(message),
                Performative::Failure => Achieved::Failed(message),
                Performative::NotUnderstood => Achieved::NotUnderstood(message),
                _ => {
                    self.talk.out_of_place(&message);
                    Achieved::Broken(message)
                }
            });
        }
    }

    /// Cancels it with all who have something left to do.
    pub(super) async fn cancel(&mut self) -> crate::Result<()> {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Open => {
                self.results.cancelled = self.talk.cancel(&self.present(), self.time).await?;
            }
            Stage::Sold(winner) => {
                let said = self.talk.cancel(&[winner], self.time).await?;
                let said = said.into_iter().map(|(_, said)| said).next();
                self.results.settled = Some(Achieved::Cancelled(said.unwrap_or(Cancelled::Late)));
            }
            Stage::Over => {}
        }
        Ok(())
    }

    /// What became of it. Bids that are still on their way are rejected when they come.
    pub(super) fn leave(mut self) -> Auctioned {
        self.results.silent = self.silent();
        if self.stage == Stage::Over
            && self.awaits_answers()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let closed = self.talk.closed();
            let talk = std::mem::replace(&mut self.talk, closed);
            runtime.spawn(reject_late(talk));
        }
        std::mem::take(&mut self.results)
    }
}

/// Beside the agent, whose end is the end of this.
async fn reject_late<A: Agent>(talk: Talk<A>) {
    let due = after(AFTERMATH);
    while let Some(heard) = talk.hear(due).await {
        if let Heard::Said(_, Performative::Propose, bid) = heard {
            post(talk.ctx(), rejection(&bid));
        }
    }
}

fn rejection(bid: &Message) -> Message {
    bid.reply(Performative::RejectProposal)
        .text("too late: the auction is over")
}
