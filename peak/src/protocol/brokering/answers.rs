//! What comes back from those to whom a message was passed on.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::proxy::Enclosed;
use crate::message::{Jid, Message, Performative};
use crate::protocol::{Achieved, Cancelled, Unreachable};

/// What became of a message that was given to a broker: see [`Context::broker`](crate::Context::broker) and
/// [`Context::recruit`](crate::Context::recruit).
#[derive(Debug)]
#[non_exhaustive]
pub enum Brokered {
    /// It was passed on, and this came back.
    Done(Answers),
    /// The broker has found nobody: a `failure`.
    NoMatch(Message),
    /// The broker will not do it.
    Refused(Message),
    /// The broker could not do it, or nobody whom it has asked: its `failure` says why.
    Failed(Message),
    /// The broker does not know what is meant.
    NotUnderstood(Message),
    /// The broker said something that has no place there. If it was a message that is answered at all, it was told so.
    Broken(Message),
    /// Nothing came from the broker in time. It is told that nobody waits any more (`cancel`).
    Late {
        /// The `agree`, if that came.
        agreed: Option<Message>,
    },
    /// It was [cancelled](super::Brokerage::cancel_on); this is what the broker says to that.
    Cancelled(Cancelled),
    /// The broker was not reached.
    Unreachable(Unreachable),
}

impl Brokered {
    /// What came back, if it was passed on.
    pub fn done(self) -> Option<Answers> {
        match self {
            Self::Done(answers) => Some(answers),
            _ => None,
        }
    }

    /// What a broker's words amount to.
    pub(super) fn of(achieved: Achieved) -> Self {
        match achieved {
            Achieved::Done(message) => match message.content::<Report>() {
                Ok(report) => Self::Done(report.into()),
                Err(_) => Self::Broken(message),
            },
            Achieved::Failed(message) => Self::failed(message),
            Achieved::Refused(message) => Self::Refused(message),
            Achieved::NotUnderstood(message) => Self::NotUnderstood(message),
            Achieved::Broken(message) => Self::Broken(message),
            Achieved::Late { agreed } => Self::Late { agreed },
            Achieved::Cancelled(cancelled) => Self::Cancelled(cancelled),
            Achieved::Unreachable(unreachable) => Self::Unreachable(unreachable),
        }
    }

    pub(super) fn failed(message: Message) -> Self {
        let reason = message.body().unwrap_or_default();
        match reason.starts_with(NO_MATCH) {
            true => Self::NoMatch(message),
            false => Self::Failed(message),
        }
    }
}

/// What a `failure` begins with if nobody was found.
pub(super) const NO_MATCH: &str = "no-match";

/// What those have answered to whom a message was passed on, each answer with its sender.
#[derive(Debug, Clone, Default)]
pub struct Answers {
    pub(super) passed_on: Vec<Jid>,
    pub(super) done: Vec<Message>,
    pub(super) refused: Vec<Message>,
    pub(super) failed: Vec<Message>,
    pub(super) not_understood: Vec<Message>,
    pub(super) broken: Vec<Message>,
    pub(super) late: Vec<Jid>,
    pub(super) unreachable: Vec<Unreachable>,
}

impl Answers {
    /// To whom the broker has passed it on.
    pub fn passed_on(&self) -> &[Jid] {
        &self.passed_on
    }

    /// Who has done it, or told it: messages `inform`, `confirm` and `disconfirm`.
    pub fn done(&self) -> &[Message] {
        &self.done
    }

    /// Who refused.
    pub fn refused(&self) -> &[Message] {
        &self.refused
    }

    /// Who could not do it.
    pub fn failed(&self) -> &[Message] {
        &self.failed
    }

    /// Who did not understand.
    pub fn not_understood(&self) -> &[Message] {
        &self.not_understood
    }

    /// What had no place there, in the words of who said it.
    pub fn broken(&self) -> &[Message] {
        &self.broken
    }

    /// Who has said nothing, or not the result, in time.
    pub fn late(&self) -> &[Jid] {
        &self.late
    }

    /// Who was not reached.
    pub fn unreachable(&self) -> &[Unreachable] {
        &self.unreachable
    }

    /// Puts a last answer where it belongs.
    pub(super) fn add(&mut self, act: Performative, message: Message) {
        let place = match act {
            Performative::Refuse => &mut self.refused,
            Performative::Failure => &mut self.failed,
            Performative::NotUnderstood => &mut self.not_understood,
            _ => &mut self.done,
        };
        place.push(message);
    }
}

/// What a broker tells in its `inform`, as JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Report {
    pub(super) passed_on: Vec<Jid>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    answers: Vec<Said>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    broken: Vec<Said>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    late: Vec<Jid>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    unreachable: Vec<Missed>,
}

/// What an agent has answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Said {
    agent: Jid,
    #[serde(flatten)]
    answer: Enclosed,
}

/// An agent that was not reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Missed {
    agent: Jid,
    reason: String,
}

impl Report {
    /// It was passed on to these, but for those that were not reached.
    pub(super) fn of(found: &[Jid], unreachable: Vec<Unreachable>) -> Self {
        let mut report = Self::default();
        let is_missed = |jid: &&Jid| unreachable.iter().all(|missed| missed.jid != **jid);
        report.passed_on = found.iter().filter(is_missed).cloned().collect();
        unreachable.into_iter().for_each(|one| report.miss(one));
        report
    }

    /// Notes what an agent made of it.
    ///
    /// # Errors
    ///
    /// If its answer cannot be written.
    pub(super) fn note(&mut self, agent: Jid, achieved: Achieved) -> crate::Result<()> {
        let (place, message) = match achieved {
            Achieved::Done(message)
            | Achieved::Refused(message)
            | Achieved::Failed(message)
            | Achieved::NotUnderstood(message) => (&mut self.answers, message),
            Achieved::Broken(message) => (&mut self.broken, message),
            Achieved::Late { .. } | Achieved::Cancelled(_) => {
                self.late.push(agent.clone());
                self.passed_on.push(agent);
                return Ok(());
            }
            Achieved::Unreachable(unreachable) => {
                self.miss(unreachable);
                return Ok(());
            }
        };
        let answer = Enclosed::of(&message)?;
        let said = Said {
            agent: agent.clone(),
            answer,
        };
        place.push(said);
        self.passed_on.push(agent);
        Ok(())
    }

    pub(super) fn miss(&mut self, unreachable: Unreachable) {
        let Unreachable { jid, reason } = unreachable;
        self.unreachable.push(Missed { agent: jid, reason });
    }

    /// Whether somebody has done it, or told it.
    pub(super) fn is_done(&self) -> bool {
        self.answers
            .iter()
            .any(|said| !is_negative(said.answer.performative))
    }
}

fn is_negative(act: Performative) -> bool {
    matches!(
        act,
        Performative::Refuse | Performative::Failure | Performative::NotUnderstood
    )
}

/// Why nobody has done it: who has not, and in what words.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("nobody has done it")?;
        let mut between = ": ";
        let mut one = |f: &mut fmt::Formatter<'_>, agent: &Jid, words: &dyn fmt::Display| {
            write!(f, "{between}`{agent}` {words}")?;
            between = "; ";
            Ok(())
        };
        for Said { agent, answer } in self.answers.iter().chain(&self.broken) {
            let act = answer.performative;
            match answer.content.as_deref() {
                Some(content) => one(f, agent, &format_args!("says `{act}`, {content}"))?,
                None => one(f, agent, &format_args!("says `{act}`"))?,
            }
        }
        for agent in &self.late {
            one(f, agent, &"says nothing in time")?;
        }
        for Missed { agent, reason } in &self.unreachable {
            one(f, agent, &format_args!("was not reached, {reason}"))?;
        }
        Ok(())
    }
}

impl From<Report> for Answers {
    fn from(report: Report) -> Self {
        let mut answers = Self {
            passed_on: report.passed_on,
            late: report.late,
            ..Self::default()
        };
        for said in report.answers {
            let act = said.answer.performative;
            answers.add(act, said.into_message());
        }
        let broken = report.broken.into_iter().map(Said::into_message);
        answers.broken = broken.collect();
        let missed = report.unreachable.into_iter();
        answers.unreachable = missed
            .map(|Missed { agent, reason }| Unreachable { jid: agent, reason })
            .collect();
        answers
    }
}

impl Said {
    fn into_message(self) -> Message {
        let mut message = self.answer.draft();
        message.set_sender(self.agent);
        message
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_read_as_it_is_written() {
        let jid = |text: &str| text.parse::<Jid>().unwrap();
        let missed = |text| Unreachable {
            jid: jid(text),
            reason: "it is gone".to_owned(),
        };
        let mut report = Report::default();
        for (agent, achieved) in [
            ("a@x", Achieved::Done(Message::inform("b@x").json(5))),
            ("c@x", Achieved::Refused(Message::refuse("b@x").text("no"))),
            ("d@x", Achieved::Broken(Message::propose("b@x"))),
            ("e@x", Achieved::Late { agreed: None }),
            ("f@x", Achieved::Unreachable(missed("f@x"))),
        ] {
            report.note(jid(agent), achieved).unwrap();
        }
        assert!(report.is_done());
        assert_eq!(
            report.to_string(),
            "nobody has done it: `a@x` says `inform`, 5; `c@x` says `refuse`, no; `d@x` says `propose`; \
             `e@x` says nothing in time; `f@x` was not reached, it is gone"
        );
        let json = serde_json::to_string(&report).unwrap();
        assert_eq!(
            json,
            r#"{"passed_on":["a@x","c@x","d@x","e@x"],"answers":[{"agent":"a@x","performative":"inform","content":"5"},{"agent":"c@x","performative":"refuse","content":"no"}],"broken":[{"agent":"d@x","performative":"propose"}],"late":["e@x"],"unreachable":[{"agent":"f@x","reason":"it is gone"}]}"#
        );
        let answers: Answers = serde_json::from_str::<Report>(&json).unwrap().into();
        assert_eq!(answers.done()[0].content::<u8>().unwrap(), 5);
        assert_eq!(answers.done()[0].sender(), Some(&jid("a@x")));
        assert_eq!(answers.refused()[0].body(), Some("no"));
        assert_eq!(answers.broken()[0].sender(), Some(&jid("d@x")));
        assert_eq!(answers.late(), [jid("e@x")]);
        assert_eq!(answers.unreachable(), [missed("f@x")]);
        assert_eq!(answers.passed_on().len(), 4);
    }

    #[test]
    fn a_report_without_anybody_who_does_it() {
        let mut report = Report::default();
        let refusal = Achieved::Refused(Message::refuse("b@x"));
        report.note("a@x".parse().unwrap(), refusal).unwrap();
        assert!(!report.is_done());
    }
}
