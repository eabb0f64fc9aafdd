//! Keeps a room at its target temperature.

use peak::prelude::*;

use crate::{Done, Forecast, Offer, Reading, SetTarget, heartbeat, leave};

/// Keeps a room at its target temperature.
#[agent]
pub(super) struct Thermostat {
    /// In degrees Celsius.
    #[param(default = 21.0)]
    target: f64,
    /// Where it hangs.
    #[param]
    room: String,
    readings: Vec<f64>,
}

/// How long the heating takes for a degree.
const MINUTES_PER_DEGREE: f64 = 12.0;

#[agent(behaviours(heartbeat, leave))]
impl Thermostat {
    #[on_start]
    async fn announce(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        let words = format!("in the {}, target {} °C", self.room, self.target);
        ctx.send(Message::inform("logger@localhost").text(words))
            .await
    }

    #[behaviour(periodic = "5s")]
    async fn sample(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        let Some(&celsius) = self.readings.last() else {
            return Ok(());
        };
        ctx.send(Message::inform("logger@localhost").json(Reading { celsius }))
            .await
    }

    #[on_message(performative = "inform")]
    async fn learn(&mut self, Json(reading): Json<Reading>, Sender(from): Sender) {
        tracing::debug!("{from} measures {} °C", reading.celsius);
        self.readings.push(reading.celsius);
    }

    // What a handler returns is the reply.
    #[on_message(performative = "request", ontology = "hvac")]
    async fn set(&mut self, Json(order): Json<SetTarget>) -> Result<Inform<Json<Done>>, Refuse> {
        if !(5.0..=30.0).contains(&order.celsius) {
            return Err(Refuse::new("the target is from 5 to 30 °C"));
        }
        self.target = order.celsius;
        let target = self.target;
        Ok(Inform(Json(Done { target })))
    }

    // It asks another agent first. Waiting here would keep the thermostat from everything else, so
    // a task waits, and answers later.
    #[on_message(performative = "query-ref", ontology = "hvac")]
    async fn forecast(&self, ctx: &Context<Self>, question: Message) {
        let (task, target) = (ctx.clone(), self.target);
        ctx.spawn(async move {
            let ask = Message::query_ref("sensor@localhost");
            let now: Reading = task.request(ask, "1s").await?.content()?;
            let minutes = (target - now.celsius).max(0.0) * MINUTES_PER_DEGREE;
            task.reply(&question, Inform(Json(Forecast { minutes })))
                .await
        });
    }

    // No `self`: it may wait as long as it likes and blocks nothing.
    #[behaviour(cyclic, receives(performative = "propose"))]
    async fn haggle(ctx: Context<Self>) -> peak::Result<Flow> {
        let Some(offer) = ctx.receive("10s").await? else {
            return Ok(Flow::Stop);
        };
        let Offer { up_to } = offer.content()?;
        // The only way to the state from here.
        let target = ctx.with(|me| me.target).await;
        if up_to >= target {
            ctx.reply(&offer, AcceptProposal(())).await?;
        } else {
            let words = format!("{target} °C are wanted");
            ctx.reply(&offer, RejectProposal::new(words)).await?;
        }
        Ok(Flow::Continue)
    }

    #[on_stop]
    async fn goodbye(&mut self) {
        let (room, count) = (&self.room, self.readings.len());
        tracing::info!("the {room} was measured {count} times");
    }
}
