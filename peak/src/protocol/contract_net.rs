//! The Contract Net (FIPA SC00029) as its initiator sees it: a call for proposals, a choice, and what
//! became of it.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use super::misfit::out_of_place;
use super::participants::{Participants, Standing};
use crate::agent::{Agent, Context};
use crate::message::{IntoBody, IntoJid, Jid, JidError, Message, Performative, Template};
use crate::network::{BoxFuture, SendAllError, SendError, Sending, Subscription};
use crate::time::{DurationError, IntoDuration, after};

/// The token of the protocol.
const PROTOCOL: &str = "fipa-contract-net";

/// How long proposals are waited for if nothing is said.
const DEADLINE: Duration = Duration::from_secs(10);

impl<A: Agent> Context<A> {
    /// Calls for proposals, by FIPA's Contract Net: who offers to do this, and how?
    ///
    /// Awaited, it gives all [`Proposals`] that have come by the deadline, or earlier, once everybody has
    /// answered. [`Proposals::award`] accepts the best and rejects the others; dropped without that, all
    /// are rejected.
    ///
    /// ```
    /// use peak::prelude::*;
    ///
    /// #[agent]
    /// struct Buyer {
    ///     #[param]
    ///     sellers: Vec<Jid>,
    /// }
    ///
    /// #[agent]
    /// impl Buyer {
    ///     #[behaviour(one_shot)]
    ///     async fn buy(ctx: Context<Self>) -> peak::Result<()> {
    ///         let sellers = ctx.with(|me| me.sellers.clone()).await;
    ///         let call = ctx.contract_net("a book on Rust").to(sellers).deadline("2s").await?;
    ///         let price = |proposal: &&Message| proposal.content::<u32>().unwrap_or(u32::MAX);
    ///         let best = call.proposals().iter().min_by_key(price);
    ///         let best = best.and_then(|proposal| proposal.sender().cloned());
    ///         let awarded = call.award(best, "10s").await?;
    ///         println!("{} sold it", awarded.done().len());
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// A participant handles `cfp` and returns a `Propose` or a `Refuse`; it handles `accept-proposal` and
    /// returns an `Inform` or a `Failure`. `template!(protocol = "fipa-contract-net")` matches all of them.
    pub fn contract_net(&self, task: impl IntoBody) -> CallForProposals<'_, A> {
        let cfp = Message::draft(Performative::Cfp).with_protocol(PROTOCOL);
        CallForProposals {
            ctx: self,
            cfp: task.write_to(cfp),
            to: Ok(Participants::default()),
            deadline: Ok(DEADLINE),
        }
    }
}

/// A call for proposals that is being put together: see [`Context::contract_net`].
#[must_use = "nobody is asked before it is awaited"]
pub struct CallForProposals<'c, A> {
    ctx: &'c Context<A>,
    cfp: Message,
    to: Result<Participants, JidError>,
    deadline: Result<Duration, DurationError>,
}

impl<A> CallForProposals<'_, A> {
    /// Who is asked. Whoever is named twice is asked once.
    pub fn to(mut self, participants: impl IntoIterator<Item: IntoJid>) -> Self {
        self.to = Participants::of(participants);
        self
    }

    /// How long proposals are waited for: ten seconds if this does not say otherwise. The participants are told so
    /// (`reply-by`).
    pub fn deadline(mut self, time: impl IntoDuration) -> Self {
        self.deadline = time.into_duration();
        self
    }

    /// The ontology of the task.
    pub fn ontology(mut self, ontology: impl AsRef<str>) -> Self {
        self.cfp = self.cfp.with_ontology(ontology);
        self
    }

    /// The language of the task.
    pub fn language(mut self, language: impl AsRef<str>) -> Self {
        self.cfp = self.cfp.with_language(language);
        self
    }
}

impl<'c, A: Agent> IntoFuture for CallForProposals<'c, A> {
    type Output = crate::Result<Proposals<A>>;
    type IntoFuture = BoxFuture<'c, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let Self {
                ctx,
                cfp,
                to,
                deadline,
            } = self;
            let (to, deadline) = (to?, deadline?);
            let conversation = ctx.shared().services.new_id();
            let cfp = cfp
                .with_conversation_id(&conversation)
                .with_reply_with(&conversation)
                .with_reply_by(ctx.now() + deadline);
            let mailbox = ctx.subscribe(Template::conversation_id(&conversation));
            let mut call = Proposals {
                ctx: ctx.clone(),
                mailbox,
                participants: to,
                proposals: Vec::new(),
                refused: Vec::new(),
                not_understood: Vec::new(),
                unreachable: Vec::new(),
                awarded: false,
            };
            let due = after(deadline);
            let asked = ctx.send_all(call.participants.all(), cfp).await;
            if let Err(error) = asked {
                call.note_unreachable(error)?;
            }
            // What is late is in `late`, and so is who says nothing.
            let _ = tokio::time::timeout_at(due, call.collect()).await;
            Ok(call)
        })
    }
}

/// What became of a call for proposals: see [`Context::contract_net`].
#[must_use = "proposals that are not awarded are rejected"]
pub struct Proposals<A: Agent> {
    ctx: Context<A>,
    mailbox: Subscription,
    participants: Participants,
    proposals: Vec<Message>,
    refused: Vec<Message>,
    not_understood: Vec<Message>,
    unreachable: Vec<SendError>,
    awarded: bool,
}

impl<A: Agent> Proposals<A> {
    /// The proposals, in the order in which they came.
    pub fn proposals(&self) -> &[Message] {
        &self.proposals
    }

    /// Who refused, in their words: messages `refuse`, and `failure`.
    pub fn refused(&self) -> &[Message] {
        &self.refused
    }

    /// Who did not understand.
    pub fn not_understood(&self) -> &[Message] {
        &self.not_understood
    }

    /// Who could not be asked.
    pub fn unreachable(&self) -> &[SendError] {
        &self.unreachable
    }

    /// Who has not answered in time. What they still send is answered `reject-proposal`.
    pub fn late(&self) -> Vec<Jid> {
        self.participants.silent()
    }

    /// Accepts the proposals of these agents, rejects the others, and waits, for so long at most, for what
    /// the winners make of it. Without winners, all are rejected.
    ///
    /// # Errors
    ///
    /// [`NotAProposer`] if one of them has not proposed anything: then nobody is told anything yet, and as the
    /// call ends with this, all are rejected. Or if the time is malformed, or the agent ends.
    pub async fn award(
        mut self,
        winners: impl IntoIterator<Item = Jid>,
        time: impl IntoDuration,
    ) -> crate::Result<Awarded> {
        let due = after(time.into_duration()?);
        let winners = Participants::of(winners)?;
        let mut accepted = Vec::new();
        for winner in winners.all() {
            let place = self.proposals.iter().position(|proposal| {
                proposal
                    .sender()
                    .is_some_and(|sender| winner.same_account(sender))
            });
            let place = place.ok_or_else(|| NotAProposer(winner.clone()))?;
            accepted.push(place);
        }
        self.awarded = true;
        let mut results = Awarded::default();
        let mut waiting = Vec::new();
        for (place, proposal) in self.proposals.iter().enumerate() {
            let act = match accepted.contains(&place) {
                true => Performative::AcceptProposal,
                false => Performative::RejectProposal,
            };
            match self.ctx.send(proposal.reply(act)).await {
                Ok(()) if act == Performative::AcceptProposal => waiting.push(place),
                Ok(()) => {}
                Err(error) => {
                    tracing::warn!(agent = %self.ctx.jid(), "{act} was not delivered: {error}");
                }
            }
        }
        let proposers = waiting
            .iter()
            .filter_map(|place| self.proposals[*place].sender());
        let mut winners = Participants::of(proposers.cloned())?;
        let collected = self.results(&mut winners, &mut results);
        let _ = tokio::time::timeout_at(due, collected).await;
        results.late = winners.silent();
        let lost = accepted.iter().filter(|place| !waiting.contains(place));
        let lost = lost.filter_map(|place| self.proposals[*place].sender());
        results.late.extend(lost.cloned());
        Ok(results)
    }

    /// Takes answers until everybody has answered.
    async fn collect(&mut self) {
        while !self.participants.is_complete() {
            let Ok(Some(message)) = self.mailbox.receive(None).await else {
                return;
            };
            let standing = message
                .sender()
                .map(|sender| self.participants.answer(sender));
            match (standing, message.performative()) {
                (Some(Standing::First), Some(Performative::Propose)) => {
                    self.proposals.push(message);
                }
                (Some(Standing::First), Some(Performative::Refuse | Performative::Failure)) => {
                    self.refused.push(message);
                }
                (Some(_), Some(Performative::NotUnderstood)) => self.not_understood.push(message),
                _ => out_of_place(&self.ctx, &message).await,
            }
        }
    }

    /// Takes results until all winners have told theirs.
    async fn results(&self, winners: &mut Participants, results: &mut Awarded) {
        while !winners.is_complete() {
            let Ok(Some(message)) = self.mailbox.receive(None).await else {
                return;
            };
            let act = message.performative();
            if act == Some(Performative::Propose) {
                // It came after the deadline.
                self.reject(&message);
                continue;
            }
            let standing = message.sender().map(|sender| winners.answer(sender));
            match (standing, act) {
                (Some(Standing::First), Some(Performative::Inform)) => results.done.push(message),
                (
                    Some(Standing::First),
                    Some(
                        Performative::Failure | Performative::NotUnderstood | Performative::Refuse,
                    ),
                ) => results.failed.push(message),
                _ => out_of_place(&self.ctx, &message).await,
            }
        }
    }

    fn reject(&self, proposal: &Message) {
        let rejection = proposal.reply(Performative::RejectProposal);
        if let Sending::Waiting(sending) = self.ctx.begin_send_other(rejection)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            runtime.spawn(sending);
        }
    }

    fn note_unreachable(&mut self, error: crate::Error) -> crate::Result<()> {
        for error in error.downcast::<SendAllError>()?.into_errors() {
            if let Some(to) = error.message().to() {
                self.participants.answer(to);
            }
            self.unreachable.push(error);
        }
        Ok(())
    }
}

impl<A: Agent> Drop for Proposals<A> {
    fn drop(&mut self) {
        if !self.awarded {
            self.proposals
                .iter()
                .for_each(|proposal| self.reject(proposal));
        }
    }
}

impl<A: Agent> fmt::Debug for Proposals<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proposals")
            .field("proposals", &self.proposals)
            .field("refused", &self.refused)
            .field("not_understood", &self.not_understood)
            .field("unreachable", &self.unreachable)
            .field("late", &self.late())
            .finish_non_exhaustive()
    }
}

impl<A> fmt::Debug for CallForProposals<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallForProposals")
            .field("cfp", &self.cfp)
            .field("to", &self.to)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// What the winners of a contract net have told: see [`Proposals::award`].
#[derive(Debug, Default)]
pub struct Awarded {
    done: Vec<Message>,
    failed: Vec<Message>,
    late: Vec<Jid>,
}

impl Awarded {
    /// Who has done it, and says so: messages `inform`.
    pub fn done(&self) -> &[Message] {
        &self.done
    }

    /// Who could not, in their words.
    pub fn failed(&self) -> &[Message] {
        &self.failed
    }

    /// Who has said nothing in time.
    pub fn late(&self) -> &[Jid] {
        &self.late
    }
}

/// Somebody who shall win has not proposed anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` has proposed nothing; award the senders of `proposals()`")]
pub struct NotAProposer(pub Jid);
