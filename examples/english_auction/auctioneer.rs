//! Who sells it.

use std::num::NonZeroU32;
use std::time::Duration;

use peak::compose;
use peak::prelude::*;
use peak::protocol::Achieved;

/// Sells one thing to `bidder0@…`, `bidder1@…` and so on, and checks that nobody would have paid more.
#[agent]
struct Auctioneer {
    /// What is sold.
    #[param(default = "a painting")]
    item: String,
    /// How many bidders there are.
    #[param]
    bidders: NonZeroU32,
    /// The first price, in whole euros; it rises by one.
    #[param(default = 10)]
    starting_at: u32,
    /// How long a round lasts at most.
    #[param(default = "10s")]
    round: Duration,
}

#[agent]
impl Auctioneer {
    #[behaviour(one_shot)]
    async fn sell(ctx: Context<Self>) -> peak::Result<()> {
        let outcome = auction(&ctx).await;
        ctx.stop();
        outcome
    }

    /// However it ends, all go home.
    #[on_stop]
    async fn close(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        let closed = Message::draft(Performative::Cancel);
        ctx.send_all(bidders(self.bidders, ctx.jid()), closed).await
    }
}

/// Their addresses, as `clones` in the deployment file names them.
fn bidders(count: NonZeroU32, me: &Jid) -> Vec<String> {
    let domain = me.domain();
    match count.get() {
        1 => vec![format!("bidder@{domain}")],
        count => (0..count).map(|n| format!("bidder{n}@{domain}")).collect(),
    }
}

async fn auction(ctx: &Context<Auctioneer>) -> peak::Result<()> {
    let (item, count) = ctx.with(|me| (me.item.clone(), me.bidders)).await;
    let (first, round) = ctx.with(|me| (me.starting_at, me.round)).await;
    let (bidders, first) = (bidders(count, ctx.jid()), f64::from(first));
    let auction = ctx.english_auction(item).to(&bidders);
    let auction = auction.starting_at(first).step(1.0).round(round);
    let sold = auction.await?;
    let rounds = sold.rounds().len();
    let (Some(winner), Some(price)) = (sold.winner(), sold.price()) else {
        tracing::info!(agent = %ctx.jid(), "not sold, after {rounds} calls");
        let highest = valuations(ctx, &bidders).await?.into_iter().max();
        return match highest {
            Some((highest, who)) if f64::from(highest) >= first => wrong(format!(
                "it was not sold, and {who} would have paid {highest}"
            )),
            _ => Ok(()),
        };
    };
    tracing::info!(agent = %ctx.jid(), "sold to {winner} for {price}, after {rounds} calls");
    let Some(Achieved::Done(_)) = sold.settled() else {
        return wrong(format!("it was not paid: {:?}", sold.settled()));
    };
    let (mut of_winner, mut of_others) = (0.0_f64, 0.0_f64);
    for (valuation, who) in valuations(ctx, &bidders).await? {
        let of = if who == *winner {
            &mut of_winner
        } else {
            &mut of_others
        };
        *of = of.max(valuation.into());
    }
    if of_others > of_winner {
        return wrong(format!("to another one it was worth {of_others}"));
    }
    // The last of the others stops where it is too dear, which is one above what it is worth at most.
    if of_others > price || price > first.max(of_others + 1.0) {
        return wrong(format!(
            "the last of the others would have paid {of_others}"
        ));
    }
    tracing::info!(agent = %ctx.jid(), "to the others it was worth {of_others} at most");
    Ok(())
}

/// Asks all what it was worth to them.
async fn valuations(
    ctx: &Context<Auctioneer>,
    bidders: &[String],
) -> peak::Result<Vec<(u32, Jid)>> {
    let ask = async |jid: &String| {
        let question = Message::query_ref(jid).with_ontology("valuation");
        let answer = ctx.request(question, "30s").await?;
        peak::Ok((answer.content()?, jid.parse()?))
    };
    let told = compose::all(bidders.iter().map(ask)).await;
    told.into_iter().collect()
}

fn wrong(what: String) -> peak::Result<()> {
    Err(peak::Error::msg(what))
}
