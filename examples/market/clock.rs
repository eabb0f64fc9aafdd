//! Begins each quarter of an hour, adds up what is reported, and checks the sums.

use std::io::Write as _;
use std::num::NonZeroU32;
use std::time::Instant;

use peak::prelude::*;

use crate::load::QUARTERS;
use crate::members::addresses;
use crate::messages::{Books, Clearing, PATIENCE, Progress, Quarter, Report};
use crate::table::Table;

/// Begins each quarter of an hour when the last one is over, and draws the balance.
#[agent]
pub(crate) struct Clock {
    /// How many households there are: `household0@…`, `household1@…`, …
    #[param]
    households: NonZeroU32,
    /// How many sellers there are: `seller0@…`, `seller1@…`, …
    #[param]
    sellers: NonZeroU32,
    /// How many quarters of an hour the market is open.
    #[param(default = "96")]
    rounds: NonZeroU32,
    /// The day of the year on which it begins, from 1.
    #[param(default = 15)]
    day: u32,
    members: Members,
}

/// All who take part.
#[derive(Clone, Default)]
struct Members {
    households: Vec<Jid>,
    sellers: Vec<Jid>,
}

#[agent]
impl Clock {
    #[on_start]
    async fn set(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        if !(1..=366).contains(&self.day) {
            let wrong = format!(
                "`day` is a day of the year, from 1 to 366, not {}",
                self.day
            );
            return Err(peak::Error::msg(wrong));
        }
        self.members = Members {
            households: present("household", self.households, ctx)?,
            sellers: present("seller", self.sellers, ctx)?,
        };
        Ok(())
    }

    #[behaviour(
        one_shot,
        receives(any(
            performative = "inform",
            performative = "failure",
            performative = "not-understood",
        ))
    )]
    async fn run(ctx: Context<Self>) -> peak::Result<()> {
        let outcome = open(&ctx).await;
        ctx.stop();
        outcome
    }

    /// However it ends, it ends for all.
    #[on_stop]
    async fn close(&mut self, ctx: &Context<Self>) {
        let closed = Message::draft(Performative::Cancel);
        // Who is not there any more has stopped already.
        let members = self.members.households.iter().chain(&self.members.sellers);
        let _ = ctx.send_all(members, closed).await;
    }
}

/// The addresses of all of this name, if there are as many as the parameter says.
fn present(name: &str, count: NonZeroU32, ctx: &Context<Clock>) -> peak::Result<Vec<Jid>> {
    let me = ctx.jid();
    let wrong = |what: String| {
        let hint = format!("`{name}s` is {count}, and so must be the `clones` of `{name}`");
        Err(peak::Error::msg(format!("{what}: {hint}")))
    };
    let jids = addresses(name, count, me)?;
    for jid in &jids {
        if ctx.presence(jid)?.is_none() {
            return wrong(format!("there is no {jid}"));
        }
    }
    // It would wait for this market for ever.
    let surplus = format!("{name}{count}@{}", me.domain());
    if ctx.presence(&surplus)?.is_some() {
        return wrong(format!("there is a {surplus}"));
    }
    Ok(jids)
}

/// Has the market open for as many rounds as asked for, and draws the balance.
async fn open(ctx: &Context<Clock>) -> peak::Result<()> {
    let (members, rounds, first) = ctx
        .with(|me| (me.members.clone(), me.rounds.get(), me.day))
        .await;
    // What the machine needs for it, whatever clock the agents live by.
    let begin = Instant::now();
    let mut total = Report::default();
    for round in 0..rounds {
        let quarter = Quarter {
            day: (first - 1 + round / QUARTERS) % 366 + 1,
            number: round % QUARTERS,
        };
        total += trade(ctx, &members, quarter).await?;
        let done = round + 1;
        if done % 12 == 0 || done == rounds {
            let (used, grid) = (total.used, total.grid);
            tracing::info!(agent = %ctx.jid(), "round {done} of {rounds}: {used} used, {grid} of it from the grid");
        }
    }
    let took = begin.elapsed();
    let books = books(ctx, &members).await?;
    let table = Table {
        households: members.households.len(),
        sellers: members.sellers.len(),
        rounds,
        total,
        books,
        took,
    };
    // Whoever reads it may have had enough.
    let _ = write!(std::io::stdout().lock(), "{table}");
    table.check()
}

/// One round: everybody begins, and it is over when every household is done.
async fn trade(ctx: &Context<Clock>, members: &Members, quarter: Quarter) -> peak::Result<Report> {
    let request = Message::draft(Performative::Request);
    let begin = request.clone().with_ontology("quarter").json(quarter);
    let clearing = request.with_ontology("clearing");
    let mut total = Report::default();
    // Each seller has its stock before the first household can ask.
    tell(ctx, &members.sellers, &begin, &mut total).await?;
    tell(ctx, &members.households, &begin, &mut total).await?;
    let mut busy = members.households.len();
    for choice in 0.. {
        let mut ordered = 0;
        for _ in 0..busy {
            match progress(ctx).await? {
                Progress::Ordered => ordered += 1,
                Progress::Done(report) => {
                    total += report;
                    total.messages += 1;
                }
            }
        }
        if ordered == 0 {
            break;
        }
        // All others wait for an answer. If refused, they may order of their next choice.
        let clearing = clearing.clone().json(Clearing { choice });
        tell(ctx, &members.sellers, &clearing, &mut total).await?;
        busy = ordered;
    }
    Ok(total)
}

async fn tell(
    ctx: &Context<Clock>,
    receivers: &[Jid],
    message: &Message,
    total: &mut Report,
) -> peak::Result<()> {
    total.messages += receivers.len() as u64;
    ctx.send_all(receivers, message.clone()).await
}

/// The next news of a household.
async fn progress(ctx: &Context<Clock>) -> peak::Result<Progress> {
    let Some(message) = ctx.receive(PATIENCE).await? else {
        return Err(peak::Error::msg("a household does not get done"));
    };
    if message.performative() != Some(Performative::Inform) {
        let (from, reason) = (
            message.sender(),
            message.body().unwrap_or("no reason given"),
        );
        let from = from.map_or("nobody", Jid::as_str);
        return Err(peak::Error::msg(format!("{from} cannot go on: {reason}")));
    }
    Ok(message.content()?)
}

/// What all sellers have in their books. Each has booked all payments: they came before this.
async fn books(ctx: &Context<Clock>, members: &Members) -> peak::Result<Books> {
    let mut total = Books::default();
    for seller in &members.sellers {
        let question = Message::query_ref(seller).with_ontology("books");
        total += ctx.request(question, PATIENCE).await?.content()?;
    }
    Ok(total)
}
