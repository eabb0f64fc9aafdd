//! Who has subscribed, and what they are told: from any function of the agent that publishes.

use std::sync::Arc;

use super::{Ended, Participant};
use crate::agent::{Agent, Context, Outcome, OwnWork};
use crate::behaviour::compose;
use crate::message::Message;
use crate::message::reply::{Failure, Inform, draft};
use crate::network::{SendError, Sending};
use crate::protocol::asked::Asked;
use crate::protocol::conversations::{Conversations, Ticket};
use crate::protocol::work;

impl<A: Participant> Context<A> {
    /// Tells all who have subscribed (`inform`, in the conversation of each), see
    /// [`Participant`](crate::protocol::subscribe::Participant). It may be called in any function of the agent.
    ///
    /// A [`Json`](crate::Json) value is shared by all the messages, and written at most once. Nobody waits for another's
    /// mailbox; it returns when the news is with everybody. Those whom it does not reach, or whose mailbox stays full, are
    /// struck out, and [`ended`](crate::protocol::subscribe::Participant::ended) is called for each.
    ///
    /// # Errors
    ///
    /// If the news cannot be sent as it is written, a [`SendError`]. The subscriptions go on.
    pub async fn publish(&self, news: A::News) -> crate::Result<()> {
        let news = draft(Inform(news));
        tell(self, |_| Some(news.clone())).await
    }

    /// Tells each subscriber what this gives for their topic; whoever it gives `None` for is told nothing.
    ///
    /// ```
    /// # use peak::prelude::*;
    /// # use peak::protocol::{Asked, subscribe};
    /// # #[agent] struct House;
    /// # #[agent(plays(subscribe))] impl House {}
    /// # impl subscribe::Participant for House {
    /// #     type Topic = Text;
    /// #     type News = Json<f64>;
    /// #     async fn subscribed(&mut self, _: &Context<Self>, _: &Asked<Text>) -> Result<Option<Json<f64>>, Refuse> {
    /// #         Ok(None)
    /// #     }
    /// # }
    /// # async fn example(ctx: Context<House>) -> peak::Result<()> {
    /// ctx.publish_to(|asked| (asked.0 == "kitchen").then_some(Json(21.5))).await?;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`publish`](Self::publish).
    pub async fn publish_to(
        &self,
        news: impl FnMut(&Asked<A::Topic>) -> Option<A::News> + Send,
    ) -> crate::Result<()> {
        let mut news = news;
        tell(self, |asked| news(asked).map(|news| draft(Inform(news)))).await
    }

    /// The subscriptions that are agreed and have not ended, in the order in which they came.
    pub fn subscribers(&self) -> Vec<Asked<A::Topic>> {
        let agreed = self.shared().desk::<Desk<A::Topic>>().agreed();
        agreed.into_iter().map(|(_, asked)| asked).collect()
    }

    /// Ends the subscriptions for which this gives a reason; the subscribers are told it (`failure`), and
    /// [`ended`](crate::protocol::subscribe::Participant::ended) is called for each. How many it were.
    ///
    /// ```
    /// # use peak::prelude::*;
    /// # use peak::protocol::subscribe;
    /// # fn example<A: subscribe::Participant>(ctx: &Context<A>) {
    /// let ended = ctx.end_subscriptions(|_| Some(Failure::new("the sensor is taken down")));
    /// println!("{ended} subscribers lose it");
    /// # }
    /// ```
    pub fn end_subscriptions(
        &self,
        mut why: impl FnMut(&Asked<A::Topic>) -> Option<Failure>,
    ) -> usize {
        let desk = self.shared().desk::<Desk<A::Topic>>();
        let mut ended = 0;
        for (ticket, asked) in desk.agreed() {
            let Some(failure) = why(&asked) else {
                continue;
            };
            if desk.end(&ticket).is_some() {
                ended += 1;
                let reason = failure.reason().to_owned();
                work::tell(self, asked.message(), failure);
                note_end(self, asked, Ended::Failed(reason));
            }
        }
        ended
    }
}

/// Tells each subscriber what there is to tell them.
async fn tell<A: Participant>(
    ctx: &Context<A>,
    news: impl FnMut(&Asked<A::Topic>) -> Option<Message> + Send,
) -> crate::Result<()> {
    let desk = ctx.shared().desk::<Desk<A::Topic>>();
    let (mut failed, mut waiting) = (Vec::new(), Vec::new());
    for (ticket, message) in desk.address(news) {
        match ctx.begin_send_other(message) {
            Sending::Done => {}
            Sending::Failed(error) => failed.push((ticket, error)),
            Sending::Waiting(sending) => {
                waiting.push(async move { Some((ticket, sending.await.err()?)) });
            }
        }
    }
    failed.extend(compose::all(waiting).await.into_iter().flatten());
    let mut invalid = None;
    for (ticket, error) in failed {
        if matches!(error, SendError::Invalid { .. }) {
            invalid.get_or_insert(error);
        } else if let Some(asked) = desk.end(&ticket) {
            let why = Ended::unreachable(&error, &asked);
            if matches!(error, SendError::Full { .. }) {
                // It may have room for that before long.
                let failure = Failure::new("there was no room for the news");
                work::tell(ctx, asked.message(), failure);
            }
            note_end(ctx, asked, why);
        }
    }
    invalid.map_or(Ok(()), |error| Err(error.into()))
}

/// Has the agent learn, between two of its functions, that a subscription has ended.
fn note_end<A: Participant>(ctx: &Context<A>, asked: Asked<A::Topic>, why: Ended) {
    let note: OwnWork<A> = Box::new(move |agent, ctx| {
        Box::pin(async move {
            A::ended(agent, ctx, &asked, why).await;
            Outcome::default()
        })
    });
    ctx.do_with_state("subscribe", note);
}

/// The subscriptions of one agent, as its role and its context share them.
pub(super) struct Desk<T> {
    all: Conversations<Standing<T>>,
}

/// A subscription.
struct Standing<T> {
    asked: Asked<T>,
    /// What is held back while it is not agreed.
    held_back: Option<Vec<Message>>,
}

impl<T> Desk<T> {
    /// Whether the message belongs to a subscription.
    pub(super) fn has(&self, message: &Message) -> bool {
        self.all.has(message)
    }

    /// The subscription that the message belongs to.
    pub(super) fn of(&self, message: &Message) -> Option<(Ticket, Asked<T>)> {
        self.all.look(message, |standing| standing.asked.clone())
    }

    /// Opens a subscription; `None` if there is no room for it.
    pub(super) fn open(self: &Arc<Self>, asked: &Asked<T>) -> Option<Opening<T>> {
        let standing = Standing {
            asked: asked.clone(),
            held_back: Some(Vec::new()),
        };
        let ticket = self.all.begin(asked.message(), standing).ok()?;
        let desk = Arc::clone(self);
        let asked = asked.clone();
        Some(Opening {
            desk,
            asked,
            ticket,
            is_open: false,
        })
    }

    /// Ends a subscription, unless it has ended.
    pub(super) fn end(&self, ticket: &Ticket) -> Option<Asked<T>> {
        self.all.end(ticket).map(|standing| standing.asked)
    }

    /// Ends all of them.
    pub(super) fn end_all(&self) -> impl Iterator<Item = Asked<T>> {
        let all = self.all.end_all().into_iter();
        all.map(|standing| standing.asked)
    }

    /// Those that are agreed.
    fn agreed(&self) -> Vec<(Ticket, Asked<T>)> {
        let all = self.all.look_at_all(|standing| {
            let is_agreed = standing.held_back.is_none();
            is_agreed.then(|| standing.asked.clone())
        });
        let agreed = all.into_iter();
        agreed
            .filter_map(|(ticket, asked)| Some((ticket, asked?)))
            .collect()
    }

    /// Addresses to each subscriber what there is to tell them. Who is not told yet that it is agreed gets it after
    /// that, from whoever tells them so.
    fn address(
        &self,
        mut news: impl FnMut(&Asked<T>) -> Option<Message>,
    ) -> Vec<(Ticket, Message)> {
        // The lock is not held while the user's code runs.
        let all = self.all.look_at_all(|standing| standing.asked.clone());
        let addressed = all.into_iter().filter_map(|(ticket, asked)| {
            let message = asked.message().complete_reply(news(&asked)?);
            let message = self
                .all
                .change(&ticket, |standing| standing.hold_back(message));
            Some((ticket, message??))
        });
        addressed.collect()
    }
}

impl<T> Standing<T> {
    /// Keeps the message for later, or gives it back.
    fn hold_back(&mut self, message: Message) -> Option<Message> {
        match &mut self.held_back {
            Some(held_back) => {
                held_back.push(message);
                None
            }
            None => Some(message),
        }
    }
}

impl<T> Default for Desk<T> {
    fn default() -> Self {
        Self {
            all: Conversations::default(),
        }
    }
}

/// A subscription that is not agreed yet. It has ended if this is dropped before.
pub(super) struct Opening<T> {
    desk: Arc<Desk<T>>,
    asked: Asked<T>,
    ticket: Ticket,
    is_open: bool,
}

impl<T> Opening<T> {
    /// Says these things, and then what was published meanwhile; from then on the subscriber is told what is published.
    ///
    /// # Errors
    ///
    /// If something cannot be sent. The subscription has ended.
    pub(super) async fn begin<A: Agent>(
        mut self,
        ctx: &Context<A>,
        first: impl IntoIterator<Item = Message>,
    ) -> Result<(), SendError> {
        let complete = |draft| self.asked.message().complete_reply(draft);
        let mut messages: Vec<Message> = first.into_iter().map(complete).collect();
        while !messages.is_empty() {
            for message in messages {
                match ctx.begin_send_other(message) {
                    Sending::Done => {}
                    Sending::Failed(error) => return Err(error),
                    Sending::Waiting(sending) => sending.await?,
                }
            }
            messages = self.held_back();
        }
        self.is_open = true;
        Ok(())
    }

    /// What was published meanwhile. If that is nothing, nothing is held back any more.
    fn held_back(&self) -> Vec<Message> {
        let held_back = self.desk.all.change(&self.ticket, |standing| {
            let held_back = standing.held_back.take().unwrap_or_default();
            if !held_back.is_empty() {
                standing.held_back = Some(Vec::new());
            }
            held_back
        });
        held_back.unwrap_or_default()
    }
}

impl<T> Drop for Opening<T> {
    fn drop(&mut self) {
        if !self.is_open {
            self.desk.end(&self.ticket);
        }
    }
}
