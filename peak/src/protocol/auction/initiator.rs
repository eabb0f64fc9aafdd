//! An auction as it is put together.

use std::fmt;
use std::future::IntoFuture;
use std::time::Duration;

use super::floor::Floor;
use super::terms::Draft;
use super::{Auctioned, Kind};
use crate::agent::{Agent, Context};
use crate::message::{IntoBody, IntoJid, JidError, Message, Performative};
use crate::network::BoxFuture;
use crate::protocol::participants::Participants;
use crate::protocol::talk::Talk;
use crate::time::{DurationError, IntoDuration};

/// How long a round lasts at most if nothing is said, and how long the winner has to do what was agreed.
const ROUND: Duration = Duration::from_secs(2);
const DONE: Duration = Duration::from_secs(60);

impl<A: Agent> Context<A> {
    /// Sells something by FIPA's English auction (XC00031): the price rises from round to round, until nobody bids
    /// any more.
    ///
    /// All bidders are told what is sold (`inform`). Each round calls a price (`cfp`); of those who bid it (`propose`)
    /// the first is accepted, and leads; the others are rejected, and a step more is called. A round ends when its time
    /// is over, or earlier, once everybody but the leader has answered. If nobody bids, the leader has won, unless the
    /// [reserve](Auction::reserve) is not reached. All are told so (`inform`), and the winner is asked to do what was
    /// agreed (`request`).
    ///
    /// A bidder does not bid against itself: what the leader bids is rejected. So one bidder alone gets it at the first
    /// price.
    ///
    /// ```
    /// use peak::prelude::*;
    ///
    /// #[agent]
    /// struct Auctioneer {
    ///     #[param]
    ///     bidders: Vec<Jid>,
    /// }
    ///
    /// #[agent]
    /// impl Auctioneer {
    ///     #[behaviour(one_shot)]
    ///     async fn sell(ctx: Context<Self>) -> peak::Result<()> {
    ///         let bidders = ctx.with(|me| me.bidders.clone()).await;
    ///         let auction = ctx.english_auction("a painting").to(bidders);
    ///         let auction = auction.starting_at(10.0).step(1.0).reserve(50.0).round("200ms");
    ///         let sold = auction.await?;
    ///         match (sold.winner(), sold.price()) {
    ///             (Some(winner), Some(price)) => println!("{winner} has it for {price}"),
    ///             _ => println!("not sold"),
    ///         }
    ///         Ok(())
    ///     }
    /// }
    /// ```
    ///
    /// Awaited, it is an error if the numbers make no auction ([`TermsError`](crate::protocol::auction::TermsError)), or if an
    /// address or a duration is malformed. The other side is a [`Participant`](crate::protocol::auction::Participant).
    pub fn english_auction(&self, item: impl IntoBody) -> Auction<'_, A> {
        Auction::new(self, Kind::English, item)
    }

    /// Sells something by FIPA's Dutch auction (XC00032): the price falls from round to round, until somebody bids.
    ///
    /// All bidders are told what is sold (`inform`). Each round calls a price (`cfp`); the first who bids it
    /// (`propose`) has won, at once, and later ones are rejected. A round without bids ends when its time is over, or
    /// earlier, once everybody has answered; then a step less is called, and at last the [reserve](Auction::reserve).
    /// All are told how it ended (`inform`), and the winner is asked to do what was agreed (`request`).
    ///
    /// ```
    /// # use peak::prelude::*;
    /// # async fn example<A: Agent>(ctx: Context<A>, bidders: Vec<Jid>) -> peak::Result<()> {
    /// let auction = ctx.dutch_auction("tulips").to(bidders);
    /// let auction = auction.starting_at(100.0).step(5.0).reserve(20.0).round("200ms");
    /// let sold = auction.await?;
    /// println!("{} prices were called", sold.rounds().len());
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// Awaited, it is an error if the numbers make no auction ([`TermsError`](crate::protocol::auction::TermsError)), or if an
    /// address or a duration is malformed. The other side is a [`Participant`](crate::protocol::auction::Participant).
    pub fn dutch_auction(&self, item: impl IntoBody) -> Auction<'_, A> {
        Auction::new(self, Kind::Dutch, item)
    }
}

/// An auction that is being put together: see [`Context::english_auction`] and [`Context::dutch_auction`].
#[must_use = "nobody is called before it is awaited"]
pub struct Auction<'c, A> {
    ctx: &'c Context<A>,
    kind: Kind,
    start: Message,
    to: Result<Participants, JidError>,
    draft: Draft,
    round: Result<Duration, DurationError>,
    done: Result<Duration, DurationError>,
    cancel: BoxFuture<'c, ()>,
}

impl<'c, A> Auction<'c, A> {
    fn new(ctx: &'c Context<A>, kind: Kind, item: impl IntoBody) -> Self {
        Self {
            ctx,
            kind,
            start: item.write_to(Message::draft(Performative::Inform)),
            to: Ok(Participants::default()),
            draft: Draft::default(),
            round: Ok(ROUND),
            done: Ok(DONE),
            cancel: Box::pin(std::future::pending()),
        }
    }

    /// Who is called. Whoever is named twice is called once.
    pub fn to(mut self, bidders: impl IntoIterator<Item: IntoJid>) -> Self {
        self.to = Participants::of(bidders);
        self
    }

    /// The first price that is called.
    pub fn starting_at(mut self, price: f64) -> Self {
        self.draft.start = Some(price);
        self
    }

    /// By how much the price changes from round to round: more than 0, whichever way it goes.
    pub fn step(mut self, step: f64) -> Self {
        self.draft.step = Some(step);
        self
    }

    /// The price below which it is not sold. An English auction without one is sold at any price; a Dutch one needs
    /// it, and calls it last.
    pub fn reserve(mut self, price: f64) -> Self {
        self.draft.reserve = Some(price);
        self
    }

    /// How long a round lasts at most: two seconds if this does not say otherwise. The bidders are told so
    /// (`reply-by`).
    pub fn round(mut self, time: impl IntoDuration) -> Self {
        self.round = time.into_duration();
        self
    }

    /// How long the winner has to do what was agreed: a minute if this does not say otherwise.
    pub fn done_within(mut self, time: impl IntoDuration) -> Self {
        self.done = time.into_duration();
        self
    }

    /// The ontology of what is sold, which all messages of the auction have.
    pub fn ontology(mut self, ontology: impl AsRef<str>) -> Self {
        self.start = self.start.with_ontology(ontology);
        self
    }

    /// The language in which is said what is sold.
    pub fn language(mut self, language: impl AsRef<str>) -> Self {
        self.start = self.start.with_language(language);
        self
    }

    /// Cancels it when this is done first: those who take part are told so (`cancel`), and have the time of a round to
    /// answer that. What they say is in [`Auctioned::cancelled`]; or, if only the winner has something left to do, in
    /// [`Auctioned::settled`].
    ///
    /// Whoever drops an auction that is awaited cancels it, too, and does not learn what comes of that.
    pub fn cancel_on(mut self, event: impl Future<Output: Send> + Send + 'c) -> Self {
        self.cancel = Box::pin(async move {
            event.await;
        });
        self
    }
}

impl<'c, A: Agent> IntoFuture for Auction<'c, A> {
    type Output = crate::Result<Auctioned>;
    type IntoFuture = BoxFuture<'c, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let terms = self.draft.finish(self.kind)?;
            let (to, round, done) = (self.to?, self.round?, self.done?);
            let talk = Talk::new(self.ctx, self.kind.protocol());
            let mut floor = Floor::new(talk, terms, to, round);
            tokio::select! {
                biased;
                sold = floor.hold(self.start, done) => sold?,
                () = self.cancel => floor.cancel().await?,
            }
            Ok(floor.leave())
        })
    }
}

impl<A> fmt::Debug for Auction<'_, A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auction")
            .field("kind", &self.kind)
            .field("start", &self.start)
            .field("to", &self.to)
            .field("terms", &self.draft)
            .field("round", &self.round)
            .field("done", &self.done)
            .finish_non_exhaustive()
    }
}
