//! Who shows it.

use peak::prelude::*;
use peak::protocol::subscribe::{Feed, Subscribed, Told};

/// Shows what a sensor measures, and stops when that ends, or when it has seen enough.
#[agent]
struct Display {
    /// The sensor.
    #[param]
    sensor: Jid,
    /// The room whose temperature it shall show.
    #[param]
    room: String,
    /// How many readings are enough.
    #[param(default)]
    enough: Option<u32>,
}

#[agent]
impl Display {
    #[behaviour(one_shot)]
    async fn show(ctx: Context<Self>) -> peak::Result<()> {
        let (sensor, room) = ctx.with(|me| (me.sensor.clone(), me.room.clone())).await;
        let subscribed = ctx
            .subscribe_to(sensor, room)
            .ontology("climate")
            .within("5s");
        match subscribed.await? {
            Subscribed::Active(feed) => Self::follow(&ctx, feed).await?,
            Subscribed::Refused(why) => tracing::info!("no: {}", why.body().unwrap_or_default()),
            other => tracing::warn!("{other:?}"),
        }
        ctx.stop();
        Ok(())
    }
}

impl Display {
    /// Shows what comes, to the end.
    async fn follow(ctx: &Context<Self>, mut feed: Feed<Self>) -> peak::Result<()> {
        let enough = ctx.with(|me| me.enough).await;
        let mut seen = 0;
        while enough.is_none_or(|enough| seen < enough) {
            match feed.next("5s").await? {
                Told::News(news) => tracing::info!("{:.1} degrees", news.content::<f64>()?),
                Told::Failed(why) => {
                    tracing::info!("it ends: {}", why.body().unwrap_or_default());
                    return Ok(());
                }
                other => {
                    tracing::warn!("{other:?}");
                    return Ok(());
                }
            }
            seen += 1;
        }
        if feed.cancel("5s").await?.is_done() {
            tracing::info!("that is enough");
        }
        Ok(())
    }
}
