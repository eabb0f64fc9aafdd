//! The Contract Net as a participant sees it.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::{ITERATED, ONCE};
use crate::agent::{Agent, Context, FromMessage, Outcome, Part, Playing, Wiring};
use crate::message::reply::{Failure, Inform, Propose, Refuse, draft};
use crate::message::{IntoBody, Jid, Message, Performative, Template};
use crate::network::BoxFuture;
use crate::protocol::asked::{Asked, overdue, too_late};
use crate::protocol::conversations::{Conversations, Ticket};
use crate::protocol::lapses::Lapses;
use crate::protocol::misfit;
use crate::protocol::work::{self, Work};
use crate::time::after;

/// Takes part in contract nets: is called, and makes an offer or refuses; if the offer is accepted, does it.
///
/// The agent says that it plays this part with `#[agent(plays(contract_net))]`. Its types are the contents of the
/// messages: `()`, text, or [`Json`](crate::Json).
///
/// ```
/// use std::collections::HashMap;
///
/// use peak::prelude::*;
/// use peak::protocol::contract_net::{self, Bid, Call, Lost};
///
/// #[agent]
/// struct Seller {
///     prices: HashMap<String, u32>,
/// }
///
/// #[agent(plays(contract_net))]
/// impl Seller {}
///
/// impl contract_net::Participant for Seller {
///     type Task = Text;
///     type Offer = Json<u32>;
///     type Outcome = String;
///
///     async fn called(&mut self, _: &Context<Self>, call: &Call<Text>) -> Result<Json<u32>, Refuse> {
///         let price = self.prices.get(&call.0);
///         price.copied().map(Json).ok_or(Refuse::new("not for sale"))
///     }
///
///     async fn accepted(_: Context<Self>, bid: Bid<Self>) -> Result<String, Failure> {
///         Ok(format!("{} for {}", bid.call().0, bid.offer().0))
///     }
///
///     async fn lost(&mut self, _: &Context<Self>, bid: Bid<Self>, why: Lost) {
///         println!("{} was not bought: {why}", bid.call().0);
///     }
/// }
/// ```
///
/// Calls whose `reply-by` is past are refused, and so is one that it takes longer than that to answer.
/// Messages that have no place where a conversation stands are answered `not-understood`, and end it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` plays `contract_net`, but does not implement it",
    label = "write `impl peak::protocol::contract_net::Participant for {Self} {{ … }}`"
)]
pub trait Participant: Agent + Listed {
    /// The task, as it stands in a call. A call without such content is answered `not-understood`.
    type Task: for<'a> FromMessage<'a, Self> + Send + Sync + 'static;

    /// What is offered.
    type Offer: IntoBody + Clone + Send + Sync + 'static;

    /// What is told when it is done.
    type Outcome: IntoBody + Send + 'static;

    /// How long an offer stands. If nothing is heard by then, it is [lost](Self::lost).
    const STANDS: Duration = Duration::from_secs(10 * 60);

    /// A call has come: makes an offer, or refuses.
    ///
    /// In an iterated contract net there may be another [round](Call::round), with a call that has changed.
    fn called(
        &mut self,
        ctx: &Context<Self>,
        call: &Call<Self::Task>,
    ) -> impl Future<Output = Result<Self::Offer, Refuse>> + Send;

    /// The offer is accepted: does it, beside the agent. Ended where it waits if the initiator cancels it.
    fn accepted(
        ctx: Context<Self>,
        bid: Bid<Self>,
    ) -> impl Future<Output = Result<Self::Outcome, Failure>> + Send;

    /// The offer has come to nothing. Unless this is written, nothing happens.
    fn lost(
        &mut self,
        ctx: &Context<Self>,
        bid: Bid<Self>,
        why: Lost,
    ) -> impl Future<Output = ()> + Send {
        let _ = (ctx, bid, why);
        std::future::ready(())
    }

    /// What was accepted is cancelled: undoes it, or says why that is not possible; then it goes on. Unless this is
    /// written, it is ended where it waits, and nothing else happens.
    fn cancelled(
        &mut self,
        ctx: &Context<Self>,
        call: &Call<Self::Task>,
    ) -> impl Future<Output = Result<(), Failure>> + Send {
        let _ = (ctx, call);
        std::future::ready(Ok(()))
    }
}

/// What `#[agent(plays(contract_net))]` implements.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` implements `contract_net::Participant`, but does not say that it plays it",
    label = "write `#[agent(plays(contract_net))]` above `impl {Self}`"
)]
pub trait Listed {}

/// A call for proposals, see [`Participant::called`].
pub struct Call<T> {
    asked: Asked<T>,
    round: u32,
    /// Whether there may be another round: what follows need not name the protocol.
    iterated: bool,
}

impl<T> Call<T> {
    /// Which round of an iterated contract net this is, from 1.
    pub fn round(&self) -> u32 {
        self.round
    }
}

impl<T> Deref for Call<T> {
    type Target = Asked<T>;

    fn deref(&self) -> &Asked<T> {
        &self.asked
    }
}

impl<T> Clone for Call<T> {
    fn clone(&self) -> Self {
        Self {
            asked: self.asked.clone(),
            round: self.round,
            iterated: self.iterated,
        }
    }
}

impl<T: fmt::Debug> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call")
            .field("asked", &self.asked)
            .field("round", &self.round)
            .finish_non_exhaustive()
    }
}

/// A call and what was offered.
pub struct Bid<P: Participant> {
    call: Call<P::Task>,
    offer: P::Offer,
    answer: Option<Message>,
}

impl<P: Participant> Bid<P> {
    /// What was called for.
    pub fn call(&self) -> &Call<P::Task> {
        &self.call
    }

    /// What was offered.
    pub fn offer(&self) -> &P::Offer {
        &self.offer
    }

    /// Who called.
    pub fn initiator(&self) -> &Jid {
        self.call.initiator()
    }

    /// What the initiator said to the offer, if anything: the `accept-proposal`, once it is accepted.
    pub fn answer(&self) -> Option<&Message> {
        self.answer.as_ref()
    }
}

impl<P: Participant<Task: fmt::Debug, Offer: fmt::Debug>> fmt::Debug for Bid<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bid")
            .field("call", &self.call)
            .field("offer", &self.offer)
            .field("answer", &self.answer)
            .finish()
    }
}

/// Why an offer has come to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lost {
    /// The initiator rejects it.
    Rejected,
    /// The initiator has called it all off.
    Cancelled,
    /// The answer was wanted by the time it was there: it was not made at all, but refused.
    Late,
    /// Nothing was heard for as long as it [stood](Participant::STANDS).
    Lapsed,
    /// The initiator did not understand, or said something that has no place there.
    Broken,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled by the initiator",
            Self::Late => "made too late",
            Self::Lapsed => "nothing was heard",
            Self::Broken => "the initiator broke off",
        })
    }
}

/// What `#[agent(plays(contract_net))]` calls.
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

/// Where a conversation stands.
enum Standing<A: Participant> {
    /// An offer is made, and not answered.
    Offered(Bid<A>),
    /// It is accepted, and the agent does it.
    Working(Call<A::Task>, Work),
}

impl<A: Participant> Playing<A> for Bidder<A> {
    fn name(&self) -> &'static str {
        "contract_net"
    }

    fn takes(&self, message: &Message) -> bool {
        self.all.has(message) || self.opens(message)
    }

    fn handle<'a>(
        &'a mut self,
        agent: &'a mut A,
        ctx: &'a Context<A>,
        message: &'a Message,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            if message.performative() == Some(Performative::Cancel)
                && let Some((ticket, Some(call))) = self.all.look(message, Standing::working)
            {
                return self.cancel(agent, ctx, &ticket, &call).await;
            }
            let Some(standing) = self.all.take(message) else {
                let iterated = message.protocol() == Some(ITERATED);
                return self.bid(agent, ctx, message, 1, iterated).await;
            };
            match (standing, message.performative()) {
                (Standing::Offered(bid), Some(Performative::AcceptProposal)) => {
                    self.work(ctx, bid, message)
                }
                (Standing::Offered(bid), Some(Performative::RejectProposal)) => {
                    lose(agent, ctx, bid, Lost::Rejected, message).await
                }
                (Standing::Offered(bid), Some(Performative::Cfp)) if bid.call.iterated => {
                    let round = bid.call.round.saturating_add(1);
                    self.bid(agent, ctx, message, round, true).await
                }
                (Standing::Offered(bid), Some(Performative::Cancel)) => {
                    lose(agent, ctx, bid, Lost::Cancelled, message).await;
                    Outcome::reply(Inform(()))
                }
                (Standing::Offered(bid), _) => {
                    lose(agent, ctx, bid, Lost::Broken, message).await;
                    misfit::end(ctx, message)
                }
                (Standing::Working(_, work), _) => {
                    work.end();
                    misfit::end(ctx, message)
                }
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
        match self.lapses.take(now, &self.all)? {
            Standing::Offered(bid) => Some(Box::pin(async move {
                A::lost(agent, ctx, bid, Lost::Lapsed).await;
                Outcome::default()
            })),
            // What is being done does not lapse: it got another ticket when it was accepted.
            Standing::Working(..) => None,
        }
    }
}

impl<A: Participant> Bidder<A> {
    fn opens(&self, message: &Message) -> bool {
        message.performative() == Some(Performative::Cfp)
            && message
                .protocol()
                .is_some_and(|protocol| protocol == ONCE || protocol == ITERATED)
            && self.only.as_ref().is_none_or(|only| only.matches(message))
    }

    /// Makes an offer, or refuses.
    async fn bid(
        &mut self,
        agent: &mut A,
        ctx: &Context<A>,
        message: &Message,
        round: u32,
        iterated: bool,
    ) -> Outcome {
        let asked = match Asked::take(ctx, message) {
            Ok(asked) => asked,
            Err(answer) => return answer,
        };
        let call = Call {
            asked,
            round,
            iterated,
        };
        let offer = match A::called(agent, ctx, &call).await {
            Ok(offer) => offer,
            Err(refusal) => return Outcome::negative(refusal),
        };
        let bid = Bid {
            call,
            offer: offer.clone(),
            answer: None,
        };
        if let Some(due) = overdue(ctx, message) {
            A::lost(agent, ctx, bid, Lost::Late).await;
            return Outcome::reply(too_late(due));
        }
        let Ok(ticket) = self.all.begin(message, Standing::Offered(bid)) else {
            return Outcome::reply(Refuse::new("there is no room for this conversation"));
        };
        self.lapses.add(after(A::STANDS), ticket, &self.all);
        let proposal = draft(Propose(offer)).with_reply_by(ctx.now() + A::STANDS);
        Outcome::message(proposal)
    }

    /// Does what was accepted.
    fn work(&mut self, ctx: &Context<A>, mut bid: Bid<A>, message: &Message) -> Outcome {
        bid.answer = Some(message.clone());
        let call = bid.call.clone();
        let standing = |work| Standing::Working(call, work);
        let doing = A::accepted(ctx.clone(), bid);
        Work::take_up(ctx, self.name(), &self.all, message, standing, doing)
    }

    /// Ends what it does, if that can be.
    async fn cancel(
        &mut self,
        agent: &mut A,
        ctx: &Context<A>,
        ticket: &Ticket,
        call: &Call<A::Task>,
    ) -> Outcome {
        if let Err(failure) = A::cancelled(agent, ctx, call).await {
            return Outcome::negative(failure);
        }
        work::cancel(&self.all, ticket, Standing::into_work)
    }
}

impl<A: Participant> Standing<A> {
    /// What is being done, if anything is.
    fn working(&self) -> Option<Call<A::Task>> {
        match self {
            Self::Offered(_) => None,
            Self::Working(call, _) => Some(call.clone()),
        }
    }

    fn into_work(self) -> Option<Work> {
        match self {
            Self::Offered(_) => None,
            Self::Working(_, work) => Some(work),
        }
    }
}

/// The agent learns that its offer has come to nothing.
async fn lose<A: Participant>(
    agent: &mut A,
    ctx: &Context<A>,
    mut bid: Bid<A>,
    why: Lost,
    message: &Message,
) -> Outcome {
    bid.answer = Some(message.clone());
    A::lost(agent, ctx, bid, why).await;
    Outcome::default()
}
