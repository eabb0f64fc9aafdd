//! Recruiting as its initiator sees it: the broker says who has the message, and those answer themselves.

use std::collections::HashSet;
use std::future::IntoFuture;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use super::RECRUITING;
use super::answers::{Answers, Brokered, Report};
use super::initiator::{Brokerage, Direct, Package};
use crate::agent::Agent;
use crate::message::{IntoJid, Jid, Message, Performative};
use crate::network::BoxFuture;
use crate::protocol::Cancelled;
use crate::protocol::participants::{Participants, Standing};
use crate::protocol::talk::{Heard, Talk};
use crate::time::{after, later};

impl<A, D> Brokerage<'_, A, D, Direct> {
    /// They shall answer somebody else. Then the outcome says who has the message, and nothing of their answers.
    pub fn answer_to(mut self, receiver: impl IntoJid) -> Self {
        self.given.receiver = receiver.into_jid().map(Some);
        self
    }
}

impl<'c, A: Agent, D: Serialize + Send + Sync + 'static> IntoFuture
    for Brokerage<'c, A, D, Direct>
{
    type Output = crate::Result<Brokered>;
    type IntoFuture = BoxFuture<'c, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let Self {
            ctx,
            given,
            answer,
            result,
            cancel,
            ..
        } = self;
        let package = given.pack(ctx.jid());
        Box::pin(async move {
            let Package {
                broker,
                proxy,
                hears,
            } = package?;
            let (answer, result) = (answer?, result?);
            let talk = Talk::new(ctx, RECRUITING);
            let due = after(answer);
            let proxy = proxy.with_reply_by(ctx.now() + answer);
            if let Some(unreachable) = talk.send(proxy).await? {
                return Ok(Brokered::Unreachable(unreachable));
            }
            let mut recruiting = Recruiting {
                talk,
                broker,
                hears,
                due,
                result,
                agreed: None,
                agreed_directly: HashSet::new(),
                early: Vec::new(),
                found: None,
                answers: Answers::default(),
                is_over: false,
            };
            let outcome = tokio::select! {
                biased;
                outcome = recruiting.outcome() => outcome,
                () = cancel => Brokered::Cancelled(recruiting.cancel(answer).await?),
            };
            recruiting.is_over = match &outcome {
                Brokered::Done(answers) => answers.late.is_empty(),
                Brokered::Late { .. } => false,
                _ => true,
            };
            Ok(outcome)
        })
    }
}

/// A message that the broker has, and perhaps others. It is cancelled if nobody waits any more.
struct Recruiting<A: Agent> {
    talk: Talk<A>,
    broker: Jid,
    /// Whether answers come here.
    hears: bool,
    /// Until when the next thing is waited for.
    due: Instant,
    result: Duration,
    /// The broker's `agree`.
    agreed: Option<Message>,
    /// Whose own `agree` has come.
    agreed_directly: HashSet<Jid>,
    /// Answers that came before the broker said who has the message.
    early: Vec<(Jid, Performative, Message)>,
    /// Who has it.
    found: Option<Participants>,
    answers: Answers,
    is_over: bool,
}

impl<A: Agent> Recruiting<A> {
    async fn outcome(&mut self) -> Brokered {
        loop {
            let is_complete = self.found.as_ref().is_some_and(Participants::is_complete);
            if is_complete {
                return Brokered::Done(std::mem::take(&mut self.answers));
            }
            match self.talk.hear(self.due).await {
                None => return self.overdue(),
                Some(Heard::Said(sender, act, message)) => {
                    if let Some(outcome) = self.note(sender, act, message) {
                        return outcome;
                    }
                }
                Some(Heard::Undelivered(unreachable)) if self.found.is_none() => {
                    return Brokered::Unreachable(unreachable);
                }
                // Something that was said about what had no place.
                Some(Heard::Undelivered(_)) => {}
            }
        }
    }

    fn overdue(&mut self) -> Brokered {
        match &self.found {
            Some(found) => {
                self.answers.late = found.silent();
                Brokered::Done(std::mem::take(&mut self.answers))
            }
            None => Brokered::Late {
                agreed: self.agreed.take(),
            },
        }
    }

    fn note(&mut self, sender: Jid, act: Performative, message: Message) -> Option<Brokered> {
        match self.found.is_some() {
            true => self.answered(&sender, act, message),
            false if sender.same_account(&self.broker) => return self.told(act, message),
            false => self.early.push((sender, act, message)),
        }
        None
    }

    /// The broker says something.
    fn told(&mut self, act: Performative, message: Message) -> Option<Brokered> {
        match act {
            Performative::Agree if self.agreed.is_none() => {
                self.due = later(Instant::now(), self.result);
                self.agreed = Some(message);
                None
            }
            Performative::Inform => match message.content::<Report>() {
                Ok(report) => self.passed_on(report),
                Err(_) => Some(Brokered::Broken(message)),
            },
            Performative::Refuse if self.agreed.is_none() => Some(Brokered::Refused(message)),
            Performative::Failure => Some(Brokered::failed(message)),
            Performative::NotUnderstood => Some(Brokered::NotUnderstood(message)),
            _ => {
                self.talk.out_of_place(&message);
                Some(Brokered::Broken(message))
            }
        }
    }

    /// Others have the message.
    fn passed_on(&mut self, report: Report) -> Option<Brokered> {
        self.answers = report.into();
        if !self.hears {
            return Some(Brokered::Done(std::mem::take(&mut self.answers)));
        }
        if self.agreed.is_none() {
            self.due = later(Instant::now(), self.result);
        }
        // They are addresses already.
        let found = Participants::of(&self.answers.passed_on).unwrap_or_default();
        self.found = Some(found);
        for (sender, act, message) in std::mem::take(&mut self.early) {
            self.answered(&sender, act, message);
        }
        None
    }

    /// One of them, or somebody else, answers.
    fn answered(&mut self, sender: &Jid, act: Performative, message: Message) {
        let Some(found) = &mut self.found else {
            return;
        };
        let has_agreed = self.agreed_directly.contains(&sender.bare());
        let is_place = match act {
            Performative::Agree if !has_agreed && found.is_awaited(sender) => {
                self.agreed_directly.insert(sender.bare());
                return;
            }
            Performative::Refuse => !has_agreed,
            Performative::Inform
            | Performative::InformIf
            | Performative::InformRef
            | Performative::Confirm
            | Performative::Disconfirm
            | Performative::Failure
            | Performative::NotUnderstood => true,
            _ => false,
        };
        match (found.answer(sender), is_place) {
            (Standing::First, true) => self.answers.add(act, message),
            (Standing::Stranger, _) => self.talk.out_of_place(&message),
            (Standing::First | Standing::Again, _) => {
                self.talk.out_of_place(&message);
                self.answers.broken.push(message);
            }
        }
    }

    async fn cancel(&self, time: Duration) -> crate::Result<Cancelled> {
        let broker = std::slice::from_ref(&self.broker);
        let said = self.talk.cancel(broker, time).await?;
        let said = said.into_iter().map(|(_, said)| said).next();
        Ok(said.unwrap_or(Cancelled::Late))
    }
}

impl<A: Agent> Drop for Recruiting<A> {
    fn drop(&mut self) {
        if !self.is_over {
            self.talk.abandon([self.broker.clone()]);
        }
    }
}
