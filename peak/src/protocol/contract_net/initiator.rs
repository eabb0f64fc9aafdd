//! The Contract Net as its initiator sees it: a call for proposals, a choice, and what became of it.

use std::fmt;
use std::future::IntoFuture;
use std::marker::PhantomData;
use std::time::Duration;

use super::award::Award;
use super::{ITERATED, ONCE};
use crate::agent::{Agent, Context};
use crate::message::{IntoBody, IntoJid, Jid, JidError, Message, Performative};
use crate::network::BoxFuture;
use crate::protocol::participants::{Participants, Standing};
use crate::protocol::talk::{Heard, Talk};
use crate::protocol::work::answer_all;
use crate::protocol::{Cancelled, Unreachable};
use crate::time::{DurationError, IntoDuration, after};

/// How long proposals are waited for if nothing is said.
const DEADLINE: Duration = Duration::from_secs(10);

/// A contract net in which proposals are awarded, or not; see [`Proposals`].
#[derive(Debug)]
pub enum Once {}

/// A contract net in which some may be called again; see [`Proposals::call_again`].
#[derive(Debug)]
pub enum Iterated {}

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
    /// The other side is a [`Participant`](crate::protocol::contract_net::Participant).
    pub fn contract_net(&self, task: impl IntoBody) -> CallForProposals<A> {
        CallForProposals::new(Talk::new(self, ONCE), task)
    }

    /// Calls for proposals, by FIPA's Iterated Contract Net (SC00030): whoever has made the best may be
    /// [called again](Proposals::call_again), with a task that has changed, before anything is awarded.
    ///
    /// ```
    /// # use peak::prelude::*;
    /// # async fn example<A: Agent>(ctx: Context<A>, sellers: Vec<Jid>) -> peak::Result<()> {
    /// let price = |proposal: &Message| proposal.content::<u32>().unwrap_or(u32::MAX);
    /// let first = ctx.iterated_contract_net("ten books").to(sellers).deadline("2s").await?;
    /// let cheap = first.proposals().iter().filter(|proposal| price(proposal) < 100);
    /// let cheap: Vec<Jid> = cheap.filter_map(|proposal| proposal.sender().cloned()).collect();
    /// let second = first.call_again(cheap, "ten books, bound")?.deadline("2s").await?;
    /// let best = second.proposals().iter().min_by_key(|proposal| price(proposal));
    /// let best = best.and_then(|proposal| proposal.sender().cloned());
    /// second.award(best, "1m").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn iterated_contract_net(&self, task: impl IntoBody) -> CallForProposals<A, Iterated> {
        CallForProposals::new(Talk::new(self, ITERATED), task)
    }
}

/// A call for proposals that is being put together: see [`Context::contract_net`].
#[must_use = "nobody is asked before it is awaited"]
pub struct CallForProposals<A: Agent, R = Once> {
    talk: Talk<A>,
    cfp: Message,
    to: Result<Participants, JidError>,
    deadline: Result<Duration, DurationError>,
    rounds: PhantomData<fn() -> R>,
}

impl<A: Agent, R> CallForProposals<A, R> {
    fn new(talk: Talk<A>, task: impl IntoBody) -> Self {
        Self {
            talk,
            cfp: task.write_to(Message::draft(Performative::Cfp)),
            to: Ok(Participants::default()),
            deadline: Ok(DEADLINE),
            rounds: PhantomData,
        }
    }

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

impl<A: Agent, R: 'static> IntoFuture for CallForProposals<A, R> {
    type Output = crate::Result<Proposals<A, R>>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (to, deadline) = (self.to?, self.deadline?);
            let due = after(deadline);
            let cfp = self.cfp.with_reply_by(self.talk.ctx().now() + deadline);
            let mut call = Proposals {
                talk: self.talk,
                participants: to,
                proposals: Vec::new(),
                refused: Vec::new(),
                not_understood: Vec::new(),
                broken: Vec::new(),
                unreachable: Vec::new(),
                is_over: false,
                rounds: PhantomData,
            };
            let unreachable = call.talk.send_all(call.participants.all(), cfp).await?;
            for one in unreachable {
                call.note_unreachable(one);
            }
            while !call.participants.is_complete() {
                // What is late is in `late`, and so is who says nothing.
                let Some(heard) = call.talk.hear(due).await else {
                    break;
                };
                call.note(heard);
            }
            Ok(call)
        })
    }
}

/// What became of a call for proposals: see [`Context::contract_net`].
///
/// Nothing can be accepted that was not proposed: [`award`](Self::award) takes who has proposed, and takes the call,
/// so that it is awarded once.
#[must_use = "proposals that are not awarded are rejected"]
pub struct Proposals<A: Agent, R = Once> {
    talk: Talk<A>,
    participants: Participants,
    proposals: Vec<Message>,
    refused: Vec<Message>,
    not_understood: Vec<Message>,
    broken: Vec<Message>,
    unreachable: Vec<Unreachable>,
    /// Everybody who has proposed has been answered.
    is_over: bool,
    rounds: PhantomData<fn() -> R>,
}

impl<A: Agent, R> Proposals<A, R> {
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

    /// What had no place there, in the words of who said it. They were told so and are out of it, with what they may
    /// have proposed before.
    pub fn broken(&self) -> &[Message] {
        &self.broken
    }

    /// Who was not reached.
    pub fn unreachable(&self) -> &[Unreachable] {
        &self.unreachable
    }

    /// Who has not answered in time. What they still send is answered `reject-proposal`.
    pub fn late(&self) -> Vec<Jid> {
        self.participants.silent()
    }

    /// Accepts the proposals of these agents, rejects the others, and waits, for so long at most, for what
    /// the winners make of it. Without winners, all are rejected.
    ///
    /// Awaited, it is an error if the time is malformed, or if a winner has not proposed anything
    /// ([`NotAProposer`]): then nothing is accepted, and all are rejected.
    pub fn award(self, winners: impl IntoIterator<Item = Jid>, time: impl IntoDuration) -> Award<A>
    where
        R: 'static,
    {
        let time = time.into_duration();
        match self.choose(winners, Performative::AcceptProposal) {
            Ok((talk, winners, accepted)) => Award::new(talk, winners, accepted, time),
            Err(error) => Award::of_nobody(error),
        }
    }

    /// Calls it off: tells whoever has proposed, and gives what each says to that in this time.
    ///
    /// # Errors
    ///
    /// If the time is malformed.
    pub async fn cancel(mut self, time: impl IntoDuration) -> crate::Result<Vec<(Jid, Cancelled)>> {
        let time = time.into_duration()?;
        self.is_over = true;
        let senders = self.proposals.iter().filter_map(Message::sender).cloned();
        let senders: Vec<Jid> = senders.collect();
        self.talk.cancel(&senders, time).await
    }

    /// Ends this call: rejects the proposals of all but the chosen. Gives the conversation, who is chosen, and the
    /// answer `act` to each of these.
    fn choose(
        mut self,
        chosen: impl IntoIterator<Item = Jid>,
        act: Performative,
    ) -> Result<(Talk<A>, Participants, Vec<Message>), NotAProposer> {
        let mut is_chosen = vec![false; self.proposals.len()];
        let mut places = vec![None; self.participants.all().len()];
        for (number, proposal) in self.proposals.iter().enumerate() {
            let sender = proposal.sender();
            if let Some(place) = sender.and_then(|jid| self.participants.place(jid)) {
                places[place] = Some(number);
            }
        }
        for jid in chosen {
            let place = self.participants.place(&jid);
            match place.and_then(|place| places[place]) {
                Some(number) => is_chosen[number] = true,
                None => return Err(NotAProposer(jid)),
            }
        }
        self.is_over = true;
        let (mut senders, mut answers, mut others) = (Vec::new(), Vec::new(), Vec::new());
        for (proposal, is_chosen) in self.proposals.iter().zip(is_chosen) {
            match proposal.sender() {
                Some(sender) if is_chosen => {
                    senders.push(sender.clone());
                    answers.push(proposal.reply(act));
                }
                _ => others.push(proposal),
            }
        }
        self.reject(others);
        // They are addresses already.
        let senders = Participants::of(senders).unwrap_or_default();
        let closed = self.talk.closed();
        Ok((std::mem::replace(&mut self.talk, closed), senders, answers))
    }

    fn note(&mut self, heard: Heard) {
        let (sender, act, message) = match heard {
            Heard::Said(sender, act, message) => (sender, act, message),
            Heard::Undelivered(unreachable) => return self.note_unreachable(unreachable),
        };
        match (self.participants.answer(&sender), act) {
            (Standing::First, Performative::Propose) => self.proposals.push(message),
            (Standing::First, Performative::Refuse | Performative::Failure) => {
                self.refused.push(message);
            }
            (Standing::First, Performative::NotUnderstood) => self.not_understood.push(message),
            (Standing::Stranger, _) => self.talk.out_of_place(&message),
            (Standing::First | Standing::Again, _) => {
                self.talk.out_of_place(&message);
                let is_theirs = |proposal: &Message| {
                    let proposer = proposal.sender();
                    proposer.is_some_and(|proposer| proposer.same_account(&sender))
                };
                self.proposals.retain(|proposal| !is_theirs(proposal));
                self.broken.push(message);
            }
        }
    }

    fn note_unreachable(&mut self, unreachable: Unreachable) {
        if self.participants.answer(&unreachable.jid) == Standing::First {
            self.unreachable.push(unreachable);
        }
    }

    fn reject<'m>(&self, proposals: impl IntoIterator<Item = &'m Message>) {
        answer_all(self.talk.ctx(), proposals, Performative::RejectProposal);
    }
}

impl<A: Agent> Proposals<A, Iterated> {
    /// Calls these again, all of whom have proposed, with a task that may have changed; the proposals of the others
    /// are rejected.
    ///
    /// # Errors
    ///
    /// If one of them has not proposed anything: then all are rejected.
    pub fn call_again(
        self,
        chosen: impl IntoIterator<Item = Jid>,
        task: impl IntoBody,
    ) -> Result<CallForProposals<A, Iterated>, NotAProposer> {
        let (talk, chosen, _) = self.choose(chosen, Performative::Cfp)?;
        let mut call = CallForProposals::new(talk, task);
        call.to = Ok(Participants::of(chosen.all()).unwrap_or_default());
        Ok(call)
    }
}

impl<A: Agent, R> Drop for Proposals<A, R> {
    fn drop(&mut self) {
        if !self.is_over {
            self.reject(&self.proposals);
        }
    }
}

impl<A: Agent, R> fmt::Debug for Proposals<A, R> {
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

impl<A: Agent, R> fmt::Debug for CallForProposals<A, R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallForProposals")
            .field("cfp", &self.cfp)
            .field("to", &self.to)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}

/// Somebody who shall win has not proposed anything.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` has proposed nothing; award the senders of `proposals()`")]
pub struct NotAProposer(pub Jid);
