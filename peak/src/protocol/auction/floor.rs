//! An auction that goes on: rounds of calls, and who leads.

use std::time::Duration;

use tokio::time::Instant;

use super::content::{Price, are_one, price};
use super::terms::Terms;
use super::{Auctioned, Kind, Round};
use crate::agent::Agent;
use crate::message::{Jid, Message, Performative};
use crate::protocol::Unreachable;
use crate::protocol::participants::Participants;
use crate::protocol::talk::{Heard, Talk};
use crate::protocol::work::post;
use crate::time::after;

/// An auction that goes on. Dropped before its end, it is cancelled with all who still take part.
pub(super) struct Floor<A: Agent> {
    pub(super) talk: Talk<A>,
    terms: Terms,
    /// How long a round lasts at most.
    pub(super) time: Duration,
    bidders: Participants,
    /// One for each of the bidders.
    seats: Vec<Seat>,
    /// The ontology of all that is said.
    ontology: Option<String>,
    call: Call,
    lead: Option<Lead>,
    /// The step of a bid that had been accepted and is void: it is called again.
    void: Option<u64>,
    pub(super) stage: Stage,
    pub(super) results: Auctioned,
}

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Prices are called.
    Open,
    /// It is sold to this agent, which is to do what was agreed.
    Sold(Jid),
    /// Nobody has anything left to do.
    Over,
}

/// What is known of a bidder.
#[derive(Debug)]
struct Seat {
    /// Whether it is not called any more.
    has_left: bool,
    /// Whether it has ever said anything.
    has_spoken: bool,
    is_late: bool,
    /// Whether it has answered the call.
    has_answered: bool,
    /// Where its bid stands among those of this round.
    bid: Option<usize>,
}

impl Seat {
    fn new() -> Self {
        Self {
            has_left: false,
            has_spoken: false,
            is_late: false,
            // Nothing has been called.
            has_answered: true,
            bid: None,
        }
    }
}

/// The price that is called.
#[derive(Debug, Default)]
struct Call {
    /// How many there have been with this one.
    number: u64,
    /// What answers to it name.
    name: String,
    price: f64,
    /// In the order in which they came; one that is void is gone.
    bids: Vec<Option<Message>>,
    /// What is to be rejected beside.
    rejected: Vec<Message>,
    /// How many are still waited for.
    open: usize,
}

/// Whose bid is the best so far.
#[derive(Debug, Clone)]
struct Lead {
    place: usize,
    jid: Jid,
    step: u64,
    price: f64,
}

/// What a message answers.
enum To {
    /// What was said first.
    Start,
    /// The price that is called.
    Call,
    /// One before that.
    Earlier,
}

impl<A: Agent> Floor<A> {
    pub(super) fn new(talk: Talk<A>, terms: Terms, bidders: Participants, time: Duration) -> Self {
        let seats = bidders.all().iter().map(|_| Seat::new()).collect();
        Self {
            talk,
            terms,
            time,
            bidders,
            seats,
            ontology: None,
            call: Call::default(),
            lead: None,
            void: None,
            stage: Stage::Open,
            results: Auctioned::default(),
        }
    }

    /// Holds the auction to its end. `done` is how long the winner has.
    pub(super) async fn hold(&mut self, start: Message, done: Duration) -> crate::Result<()> {
        self.ontology = start.ontology().map(str::to_owned);
        let lost = self.talk.send_all(self.bidders.all(), start).await?;
        self.note_all_unreachable(lost);
        self.call_prices().await?;
        let lead = self.lead.take();
        let sold = lead.filter(|lead| self.terms.suffices(lead.price));
        self.settle(sold.map(|lead| (lead.jid, lead.price)), done)
            .await
    }

    async fn call_prices(&mut self) -> crate::Result<()> {
        let mut step = 0;
        while self.has_rivals()
            && let Some(price) = self.terms.price(step)
        {
            let is_taken = self.call(step, price).await?;
            step = match (is_taken, self.void.take(), self.terms.kind) {
                (true, _, Kind::Dutch) | (false, None, Kind::English) => break,
                (true, _, Kind::English) | (false, None, Kind::Dutch) => step + 1,
                (false, Some(void), _) => void,
            };
        }
        Ok(())
    }

    /// Whether there is anybody to bid but the leader.
    fn has_rivals(&self) -> bool {
        let leader = self.leader();
        let mut seats = self.seats.iter().enumerate();
        seats.any(|(place, seat)| !seat.has_left && leader != Some(place))
    }

    fn leader(&self) -> Option<usize> {
        self.lead.as_ref().map(|lead| lead.place)
    }

    /// Calls a price; whether a bid is accepted.
    async fn call(&mut self, step: u64, price: f64) -> crate::Result<bool> {
        let due = after(self.time);
        let number = self.call.number + 1;
        self.call = Call {
            number,
            name: format!("{}.{number}", self.talk.id()),
            price,
            ..Call::default()
        };
        let leader = self.leader();
        for (place, seat) in self.seats.iter_mut().enumerate() {
            seat.bid = None;
            // The leader has said what it pays.
            seat.has_answered = seat.has_left || leader == Some(place);
            self.call.open += usize::from(!seat.has_answered);
        }
        let cfp = self.draft(Performative::Cfp).json(Price { price });
        let cfp = cfp
            .with_reply_with(&self.call.name)
            .with_reply_by(self.talk.ctx().now() + self.time);
        let called = self.present();
        let lost = self.talk.send_all(&called, cfp).await?;
        self.note_all_unreachable(lost);
        self.hear_bids(due).await;
        Ok(self.accept_first(step).await)
    }

    async fn hear_bids(&mut self, due: Instant) {
        let first_wins = self.terms.kind == Kind::Dutch;
        while self.call.open > 0 && !(first_wins && self.call.bids.iter().any(Option::is_some)) {
            match self.talk.hear(due).await {
                Some(heard) => self.note(heard),
                None => return,
            }
        }
    }

    /// Accepts the first bid of the round, and rejects the others; whether there was one.
    async fn accept_first(&mut self, step: u64) -> bool {
        let mut rejected = std::mem::take(&mut self.call.rejected);
        let bids: Vec<Message> = self.call.bids.drain(..).flatten().collect();
        let mut round = Round {
            price: self.call.price,
            bids: bids.len(),
            accepted: None,
        };
        for bid in bids {
            if round.accepted.is_some() {
                rejected.push(bid);
                continue;
            }
            let lost = self
                .talk
                .tell(vec![bid.reply(Performative::AcceptProposal)])
                .await;
            let sender = bid.sender().cloned();
            let place = sender.as_ref().and_then(|jid| self.bidders.place(jid));
            if lost.is_empty()
                && let (Some(jid), Some(place)) = (sender, place)
            {
                round.accepted = Some(jid.bare());
                let price = self.call.price;
                self.lead = Some(Lead {
                    place,
                    jid,
                    step,
                    price,
                });
            }
            self.note_all_unreachable(lost);
        }
        let is_taken = round.accepted.is_some();
        self.results.rounds.push(round);
        let reject = |bid: &Message| {
            bid.reply(Performative::RejectProposal)
                .text("another bid was first")
        };
        let lost = self.talk.tell(rejected.iter().map(reject).collect()).await;
        self.note_all_unreachable(lost);
        is_taken && self.lead.is_some()
    }

    fn note(&mut self, heard: Heard) {
        let (sender, act, message) = match heard {
            Heard::Said(sender, act, message) => (sender, act, message),
            Heard::Undelivered(unreachable) => return self.note_unreachable(unreachable),
        };
        let Some(place) = self.bidders.place(&sender) else {
            return self.talk.out_of_place(&message);
        };
        self.seats[place].has_spoken = true;
        if self.seats[place].has_left {
            // It may not know yet.
            return self.note_after_end(&sender, act, &message);
        }
        match (act, self.answers(&message)) {
            (Performative::Propose, To::Start | To::Call) => self.note_bid(place, message),
            (Performative::Propose, To::Earlier) => self.note_late(&sender, &message),
            (Performative::Refuse, To::Call) => self.note_pass(place, message),
            (Performative::Refuse, To::Earlier) => {}
            (Performative::Refuse, To::Start) | (Performative::Failure, _) => {
                self.note_gone(place);
                self.results.left.push(message);
            }
            (Performative::NotUnderstood, _) => {
                self.note_gone(place);
                self.results.not_understood.push(message);
            }
            _ => {
                self.talk.out_of_place(&message);
                self.note_broken(place, message);
            }
        }
    }

    fn answers(&self, message: &Message) -> To {
        match message.in_reply_to() {
            None => To::Call,
            Some(name) if name == self.call.name => To::Call,
            Some(name) if name == self.talk.id() => To::Start,
            Some(_) => To::Earlier,
        }
    }

    fn note_bid(&mut self, place: usize, bid: Message) {
        let offered = match price(&bid) {
            Ok(offered) => offered.unwrap_or(self.call.price),
            Err(reason) => return self.scold(place, bid, &reason),
        };
        if self.terms.is_earlier(offered, self.call.price) && !are_one(offered, self.call.price) {
            let sender = bid.sender().cloned();
            return sender
                .into_iter()
                .for_each(|sender| self.note_late(&sender, &bid));
        }
        if !are_one(offered, self.call.price) {
            let reason = format!("{} is called, not {offered}", self.call.price);
            return self.scold(place, bid, &reason);
        }
        if self.leader() == Some(place) {
            // Nobody bids against itself.
            return self.call.rejected.push(bid);
        }
        if self.seats[place].bid.is_some() {
            self.talk.out_of_place(&bid);
            return self.note_broken(place, bid);
        }
        // Who has passed may think better of it while the round goes on.
        self.note_answer(place);
        self.seats[place].bid = Some(self.call.bids.len());
        self.call.bids.push(Some(bid));
    }

    fn note_pass(&mut self, place: usize, message: Message) {
        if self.seats[place].bid.is_some() {
            self.talk.out_of_place(&message);
            return self.note_broken(place, message);
        }
        self.note_answer(place);
    }

    fn note_answer(&mut self, place: usize) {
        if !std::mem::replace(&mut self.seats[place].has_answered, true) {
            self.call.open -= 1;
        }
    }

    /// A bid that comes when its round is over.
    fn note_late(&mut self, sender: &Jid, bid: &Message) {
        let answer = bid.reply(Performative::RejectProposal);
        let answer = answer.text("too late: this round is over");
        post(self.talk.ctx(), answer);
        if let Some(place) = self.bidders.place(sender)
            && !std::mem::replace(&mut self.seats[place].is_late, true)
        {
            self.results.late.push(sender.bare());
        }
    }

    /// What comes from somebody who cannot bid any more.
    pub(super) fn note_after_end(&mut self, sender: &Jid, act: Performative, message: &Message) {
        match act {
            Performative::Propose => self.note_late(sender, message),
            Performative::Refuse | Performative::NotUnderstood | Performative::Failure => {}
            _ => self.talk.out_of_place(message),
        }
    }

    /// It is not called any more, and what it has bid is void.
    fn note_gone(&mut self, place: usize) {
        self.note_answer(place);
        let seat = &mut self.seats[place];
        seat.has_left = true;
        if let Some(bid) = seat.bid.take()
            && let Some(bid) = self.call.bids.get_mut(bid)
        {
            *bid = None;
        }
        if let Some(lead) = self.lead.take_if(|lead| lead.place == place) {
            self.void = Some(lead.step);
        }
    }

    fn note_broken(&mut self, place: usize, message: Message) {
        self.note_gone(place);
        self.results.broken.push(message);
    }

    /// Somebody's bid is none: it is told why.
    fn scold(&mut self, place: usize, bid: Message, reason: &str) {
        let answer = bid.reply(Performative::NotUnderstood).text(reason);
        post(self.talk.ctx(), answer);
        self.note_broken(place, bid);
    }

    pub(super) fn note_all_unreachable(&mut self, lost: Vec<Unreachable>) {
        lost.into_iter().for_each(|one| self.note_unreachable(one));
    }

    pub(super) fn note_unreachable(&mut self, unreachable: Unreachable) {
        let place = self.bidders.place(&unreachable.jid);
        if let Some(place) = place.filter(|place| !self.seats[*place].has_left) {
            self.note_gone(place);
            self.results.unreachable.push(unreachable);
        }
    }

    /// A message of this auction.
    pub(super) fn draft(&self, act: Performative) -> Message {
        let draft = Message::draft(act);
        match &self.ontology {
            Some(ontology) => draft.with_ontology(ontology),
            None => draft,
        }
    }

    /// Those who still take part.
    pub(super) fn present(&self) -> Vec<Jid> {
        let all = self.bidders.all().iter().zip(&self.seats);
        all.filter(|(_, seat)| !seat.has_left)
            .map(|(jid, _)| jid.clone())
            .collect()
    }

    /// Those whose answer to the last call may be on its way.
    pub(super) fn awaits_answers(&self) -> bool {
        let mut seats = self.seats.iter();
        seats.any(|seat| !seat.has_left && !seat.has_answered)
    }

    /// Those who have never said anything, as far as they are there.
    pub(super) fn silent(&self) -> Vec<Jid> {
        let all = self.bidders.all().iter().zip(&self.seats);
        all.filter(|(_, seat)| !seat.has_left && !seat.has_spoken)
            .map(|(jid, _)| jid.clone())
            .collect()
    }
}

impl<A: Agent> Drop for Floor<A> {
    fn drop(&mut self) {
        match std::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Open => self.talk.abandon(self.present()),
            Stage::Sold(winner) => self.talk.abandon([winner]),
            Stage::Over => {}
        }
    }
}
