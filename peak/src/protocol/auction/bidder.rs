//! The role of a bidder, as one agent plays it.

use std::sync::Arc;

use smol_str::SmolStr;
use tokio::time::Instant;

use super::Kind;
use super::content::{self, Price, are_one};
use super::participant::{Closed, Decision, Lot, Participant};
use crate::agent::{Context, Outcome, Part, Playing, Wiring};
use crate::message::reply::{Inform, NotUnderstood, Propose, Refuse, draft};
use crate::message::{Json, Message, Performative, Template};
use crate::network::BoxFuture;
use crate::protocol::asked::{Asked, overdue, too_late};
use crate::protocol::conversations::{Conversations, Ticket};
use crate::protocol::lapses::Lapses;
use crate::protocol::misfit;
use crate::protocol::work::{self, Work};
use crate::time::after;

/// What `#[agent(plays(auction))]` calls.
#[doc(hidden)]
pub fn play<A: Participant>(wiring: &mut Wiring<A>, only: Option<Template>) {
    wiring.part(Part::new(only, |_, only| {
        Box::new(Bidder::<A> {
            only,
            all: Arc::default(),
            lapses: Lapses::default(),
        })
    }));
}

/// The role as one agent plays it.
struct Bidder<A: Participant> {
    only: Option<Template>,
    all: Arc<Conversations<Standing<A>>>,
    lapses: Lapses,
}

/// Where an auction stands.
enum Standing<A: Participant> {
    /// Prices are called.
    Open(Lot<A::Item>, Position),
    /// This agent has it for this price, and is to be told what to do.
    Won(Lot<A::Item>, f64),
    /// It does that.
    Working(Lot<A::Item>, Work),
    /// It takes no part, and may not have been heard yet.
    Gone,
}

/// What the agent has said last.
enum Position {
    /// Nothing that counts.
    None,
    /// It has bid, and that is not answered. Answers name it.
    Bid { price: f64, name: SmolStr },
    /// Its bid is accepted. Afterwards a price has been called, or not: in the first such round nobody is to bid against
    /// itself, and a second means that another one leads.
    Leads { price: f64, was_called: bool },
}

impl<A: Participant> Playing<A> for Bidder<A> {
    fn name(&self) -> &'static str {
        "auction"
    }

    fn takes(&self, message: &Message) -> bool {
        self.all.has(message) || self.opens(message).is_some()
    }

    fn handle<'a>(
        &'a mut self,
        agent: &'a mut A,
        ctx: &'a Context<A>,
        message: &'a Message,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            if message.performative() == Some(Performative::Cancel)
                && let Some((ticket, Some(lot))) = self.all.look(message, Standing::working)
            {
                return self.cancel_work(agent, ctx, &ticket, &lot).await;
            }
            match self.all.take(message) {
                None => self.begin(agent, ctx, message).await,
                Some(Standing::Open(lot, position)) => {
                    self.go_on(agent, ctx, message, lot, position).await
                }
                Some(Standing::Won(lot, price)) => match message.performative() {
                    Some(Performative::Request) => self.work(agent, ctx, message, lot, price).await,
                    _ => self.break_off(agent, ctx, message, &lot).await,
                },
                Some(Standing::Working(_, work)) => {
                    work.end();
                    misfit::end(ctx, message)
                }
                Some(Standing::Gone) => self.stay_away(ctx, message),
            }
        })
    }

    fn due(&self) -> Option<Instant> {
        self.lapses.next()
    }

    fn lapse<'a>(
        &'a mut self,
        agent: &'a mut A,
        ctx: &'a Context<A>,
        now: Instant,
    ) -> Option<BoxFuture<'a, Outcome>> {
        loop {
            let lot = match self.lapses.take(now, &self.all)? {
                Standing::Open(lot, _) | Standing::Won(lot, _) => lot,
                // What is being done does not lapse: it got another ticket when it was begun.
                Standing::Working(..) | Standing::Gone => continue,
            };
            return Some(Box::pin(async move {
                A::closed(agent, ctx, &lot, Closed::Lapsed).await;
                Outcome::default()
            }));
        }
    }
}

impl<A: Participant> Bidder<A> {
    /// The kind of the auction that begins with this message, or that it is a call of.
    fn opens(&self, message: &Message) -> Option<Kind> {
        let act = message.performative()?;
        if !matches!(act, Performative::Inform | Performative::Cfp) {
            return None;
        }
        let kind = Kind::of(message.protocol()?)?;
        let is_wanted = self.only.as_ref().is_none_or(|only| only.matches(message));
        is_wanted.then_some(kind)
    }

    /// The conversation goes on.
    fn keep(&mut self, message: &Message, standing: Standing<A>) -> bool {
        let Ok(ticket) = self.all.begin(message, standing) else {
            return false;
        };
        self.lapses.add(after(A::PATIENCE), ticket, &self.all);
        true
    }

    async fn begin(&mut self, agent: &mut A, ctx: &Context<A>, message: &Message) -> Outcome {
        let Some(kind) = self.opens(message) else {
            return misfit::end(ctx, message);
        };
        if message.performative() == Some(Performative::Cfp) {
            return Outcome::reply(Refuse::new(
                "this agent takes no part: an auction begins with an `inform` of what is sold",
            ));
        }
        let asked = match Asked::take(ctx, message) {
            Ok(asked) => asked,
            Err(answer) => return answer,
        };
        let lot = Lot::new(asked, kind);
        if let Err(refusal) = A::opened(agent, ctx, &lot).await {
            self.keep(message, Standing::Gone);
            return Outcome::negative(refusal);
        }
        if self.keep(message, Standing::Open(lot, Position::None)) {
            Outcome::default()
        } else {
            Outcome::reply(Refuse::new("there is no room for this conversation"))
        }
    }

    /// Prices are called, and something is said.
    async fn go_on(
        &mut self,
        agent: &mut A,
        ctx: &Context<A>,
        message: &Message,
        lot: Lot<A::Item>,
        position: Position,
    ) -> Outcome {
        match (message.performative(), position) {
            (Some(Performative::Cfp), position) => {
                self.hear_call(agent, ctx, message, lot, position).await
            }
            (Some(Performative::AcceptProposal), Position::Bid { price, name })
                if is_about(message, &name) =>
            {
                A::leads(agent, ctx, &lot, price).await;
                let was_called = false;
                let leads = Position::Leads { price, was_called };
                self.keep(message, Standing::Open(lot, leads));
                Outcome::default()
            }
            (Some(Performative::RejectProposal), position) => {
                let position = match position {
                    Position::Bid { name, .. } if is_about(message, &name) => Position::None,
                    // An earlier bid was too late.
                    position => position,
                };
                self.keep(message, Standing::Open(lot, position));
                Outcome::default()
            }
            (Some(Performative::Inform), position) => {
                self.hear_end(agent, ctx, message, lot, &position).await
            }
            (Some(Performative::Request), Position::Leads { price, .. }) => {
                A::closed(agent, ctx, &lot, Closed::Won { price }).await;
                self.work(agent, ctx, message, lot, price).await
            }
            _ => self.break_off(agent, ctx, message, &lot).await,
        }
    }

    /// A price is called.
    async fn hear_call(
        &mut self,
        agent: &mut A,
        ctx: &Context<A>,
        message: &Message,
        lot: Lot<A::Item>,
        position: Position,
    ) -> Outcome {
        let price = match content::price(message) {
            Ok(Some(price)) => price,
            Ok(None) => {
                let reason = "a call has its price as content: {\"price\": 12.5}";
                return self.complain(agent, ctx, message, &lot, reason).await;
            }
            Err(reason) => return self.complain(agent, ctx, message, &lot, &reason).await,
        };
        match position {
            Position::Leads {
                price,
                was_called: false,
            } => {
                let was_called = true;
                let leads = Position::Leads { price, was_called };
                self.keep(message, Standing::Open(lot, leads));
                return Outcome::reply(Refuse::new(format!("leads with {price}")));
            }
            Position::Leads { price, .. } => A::outbid(agent, ctx, &lot, price).await,
            Position::None | Position::Bid { .. } => {}
        }
        let mut decision = Decision::Pass;
        if overdue(ctx, message).is_none() {
            decision = A::called(agent, ctx, &lot, price).await;
        }
        if decision == Decision::Leave {
            self.keep(message, Standing::Gone);
            let refusal = draft(Refuse::new("leaves the auction"));
            return Outcome::message(match lot.message().reply_with() {
                Some(start) => refusal.with_in_reply_to(start),
                None => refusal,
            });
        }
        if let Some(due) = overdue(ctx, message) {
            self.keep(message, Standing::Open(lot, Position::None));
            return Outcome::reply(too_late(due));
        }
        if decision == Decision::Pass {
            self.keep(message, Standing::Open(lot, Position::None));
            return Outcome::reply(Refuse::new("not at this price"));
        }
        let name = ctx.shared().services.new_id();
        let bid = draft(Propose(Json(Price { price }))).with_reply_with(&name);
        self.keep(message, Standing::Open(lot, Position::Bid { price, name }));
        Outcome::message(bid)
    }

    /// The auctioneer says how it has ended.
    async fn hear_end(
        &mut self,
        agent: &mut A,
        ctx: &Context<A>,
        message: &Message,
        lot: Lot<A::Item>,
        position: &Position,
    ) -> Outcome {
        let end = match (content::sale(message), position) {
            (Err(reason), _) => return self.complain(agent, ctx, message, &lot, &reason).await,
            (Ok(Some(sale)), Position::Leads { price, .. } | Position::Bid { price, .. })
                if sale.winner.same_account(ctx.jid()) && are_one(sale.price, *price) =>
            {
                Closed::Won { price: *price }
            }
            (Ok(Some(sale)), _) if sale.winner.same_account(ctx.jid()) => {
                let reason = format!("this agent has not bid {}", sale.price);
                return self.complain(agent, ctx, message, &lot, &reason).await;
            }
            (Ok(Some(sale)), _) => Closed::Sold(sale),
            (Ok(None), _) => Closed::Unsold,
        };
        A::closed(agent, ctx, &lot, end.clone()).await;
        if let Closed::Won { price } = end {
            self.keep(message, Standing::Won(lot, price));
        }
        Outcome::default()
    }

    /// Does what was agreed.
    async fn work(
        &mut self,
        agent: &mut A,
        ctx: &Context<A>,
        message: &Message,
        lot: Lot<A::Item>,
        price: f64,
    ) -> Outcome {
        match content::price(message) {
            Ok(asked) if asked.is_none_or(|asked| are_one(asked, price)) => {}
            Ok(_) => {
                let refusal = Refuse::new(format!("{price} was agreed"));
                A::closed(agent, ctx, &lot, Closed::Broken).await;
                return Outcome::reply(refusal);
            }
            Err(reason) => return self.complain(agent, ctx, message, &lot, &reason).await,
        }
        if let Some(due) = overdue(ctx, message) {
            A::closed(agent, ctx, &lot, Closed::Broken).await;
            return Outcome::reply(too_late(due));
        }
        let doing = A::won(ctx.clone(), lot.clone(), price);
        let standing = |work| Standing::Working(lot, work);
        Work::take_up(ctx, self.name(), &self.all, message, standing, doing)
    }

    /// Ends what it does as the winner, if that can be.
    async fn cancel_work(
        &mut self,
        agent: &mut A,
        ctx: &Context<A>,
        ticket: &Ticket,
        lot: &Lot<A::Item>,
    ) -> Outcome {
        if let Err(failure) = A::cancelled(agent, ctx, lot).await {
            return Outcome::negative(failure);
        }
        work::cancel(&self.all, ticket, Standing::into_work)
    }

    /// The auctioneer calls it off, or says what has no place there.
    async fn break_off(
        &mut self,
        agent: &mut A,
        ctx: &Context<A>,
        message: &Message,
        lot: &Lot<A::Item>,
    ) -> Outcome {
        if message.performative() == Some(Performative::Cancel) {
            A::closed(agent, ctx, lot, Closed::Cancelled).await;
            return Outcome::reply(Inform(()));
        }
        A::closed(agent, ctx, lot, Closed::Broken).await;
        self.keep(message, Standing::Gone);
        misfit::end(ctx, message)
    }

    /// What the auctioneer says cannot be understood.
    async fn complain(
        &mut self,
        agent: &mut A,
        ctx: &Context<A>,
        message: &Message,
        lot: &Lot<A::Item>,
        reason: &str,
    ) -> Outcome {
        tracing::warn!(agent = %ctx.jid(), about = ?message, "not understood: {reason}");
        A::closed(agent, ctx, lot, Closed::Broken).await;
        self.keep(message, Standing::Gone);
        Outcome::reply(NotUnderstood::new(reason))
    }

    /// It takes no part, which the auctioneer may not know yet.
    fn stay_away(&mut self, ctx: &Context<A>, message: &Message) -> Outcome {
        match message.performative() {
            Some(Performative::Cfp) => {
                self.keep(message, Standing::Gone);
                Outcome::reply(Refuse::new("this agent takes no part"))
            }
            Some(Performative::RejectProposal) => {
                self.keep(message, Standing::Gone);
                Outcome::default()
            }
            Some(Performative::Inform) => Outcome::default(),
            Some(Performative::Cancel) => Outcome::reply(Inform(())),
            _ => misfit::end(ctx, message),
        }
    }
}

impl<A: Participant> Standing<A> {
    /// What the agent is at work for, if it is.
    fn working(&self) -> Option<Lot<A::Item>> {
        match self {
            Self::Working(lot, _) => Some(lot.clone()),
            _ => None,
        }
    }

    fn into_work(self) -> Option<Work> {
        match self {
            Self::Working(_, work) => Some(work),
            _ => None,
        }
    }
}

/// Whether an answer is to the bid of this name; one that names none is to the last.
fn is_about(message: &Message, name: &str) -> bool {
    message.in_reply_to().is_none_or(|to| to == name)
}
