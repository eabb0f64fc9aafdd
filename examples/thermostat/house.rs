//! The agents around the thermostat.

use peak::prelude::*;

use crate::{Done, Forecast, Offer, Reading, SetTarget, heartbeat, leave};

/// Writes down what it is told.
#[agent]
pub(super) struct Logger {
    messages: u32,
    heartbeats: u32,
}

#[agent(behaviours(leave))]
impl Logger {
    // `observe`: the message goes on to the handlers below.
    #[on_message(observe)]
    async fn count(&mut self) {
        self.messages += 1;
    }

    #[on_message(performative = "inform", not(ontology = "heartbeat"))]
    async fn write(&self, ctx: &Context<Self>, Sender(from): Sender, Text(words): Text) {
        tracing::info!(agent = %ctx.jid(), "{from}: {words}");
    }

    #[on_message(performative = "inform")]
    async fn feel(&mut self) {
        self.heartbeats += 1;
    }

    #[on_stop]
    async fn sum_up(&self, ctx: &Context<Self>) {
        let Self {
            messages,
            heartbeats,
        } = self;
        tracing::info!(agent = %ctx.jid(), "{messages} messages, {heartbeats} of them heartbeats");
    }
}

/// Measures the temperature of a room that gets warmer.
#[agent]
pub(super) struct Sensor {
    /// Who is told.
    #[param]
    to: Jid,
    /// The temperature at the beginning.
    #[param(default = 18.5)]
    celsius: f64,
}

#[agent(behaviours(heartbeat, leave))]
impl Sensor {
    #[behaviour(periodic = "500ms")]
    async fn measure(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        self.celsius += f64::from(ctx.rng().random_range(0..20)) / 100.0;
        let celsius = self.celsius;
        ctx.send(Message::inform(&self.to).json(Reading { celsius }))
            .await
    }

    #[on_message(performative = "query-ref")]
    async fn tell(&self) -> Inform<Json<Reading>> {
        let celsius = self.celsius;
        Inform(Json(Reading { celsius }))
    }
}

/// Offers heat, and more of it each time it is rejected.
#[agent]
pub(super) struct Vendor {
    /// Who is to buy.
    #[param]
    to: Jid,
    /// The first offer: heat up to this temperature.
    #[param(default = 19.0)]
    up_to: f64,
}

#[agent(behaviours(leave))]
impl Vendor {
    #[behaviour(cyclic)]
    async fn sell(ctx: Context<Self>) -> peak::Result<Flow> {
        let (to, up_to) = ctx.with(|me| (me.to.clone(), me.up_to)).await;
        // Open before the offer is out: no answer is lost.
        let answers = ctx.subscribe(template!(
            any(
                performative = "accept-proposal",
                performative = "reject-proposal"
            ),
            sender = to.clone(),
        ));
        ctx.send(Message::propose(&to).json(Offer { up_to }))
            .await?;
        let Some(answer) = answers.receive("1s").await? else {
            return Err(peak::Error::msg("nobody answers the offer"));
        };
        if answer.performative() == Some(Performative::AcceptProposal) {
            tracing::info!(agent = %ctx.jid(), "sold heat up to {up_to} °C");
            return Ok(Flow::Stop);
        }
        let why = answer.body().unwrap_or_default();
        tracing::info!(agent = %ctx.jid(), "heat up to {up_to} °C is rejected: {why}");
        ctx.with(|me| me.up_to += 1.0).await;
        Ok(Flow::Continue)
    }
}

/// Has the room warmer, and sends all home in the evening.
#[agent]
pub(super) struct Controller {
    /// The thermostat.
    #[param]
    thermostat: Jid,
    /// What its target shall be, in turn.
    #[param]
    targets: Vec<f64>,
}

#[agent]
impl Controller {
    #[behaviour(one_shot, delay = "1s")]
    async fn warm_up(ctx: Context<Self>) -> peak::Result<()> {
        let (to, targets) = ctx
            .with(|me| (me.thermostat.clone(), me.targets.clone()))
            .await;
        for celsius in targets {
            let order = Message::request(&to)
                .with_ontology("hvac")
                .json(SetTarget { celsius });
            let answer = ctx.request(order, "1s").await?;
            match answer.performative() {
                Some(Performative::Inform) => {
                    let Done { target } = answer.content()?;
                    tracing::info!(agent = %ctx.jid(), "the target is {target} °C");
                }
                _ => {
                    let why = answer.body().unwrap_or_default();
                    tracing::info!(agent = %ctx.jid(), "{celsius} °C are refused: {why}");
                }
            }
        }
        let question = Message::query_ref(&to).with_ontology("hvac");
        let Forecast { minutes } = ctx.request(question, "2s").await?.content()?;
        tracing::info!(agent = %ctx.jid(), "it takes {minutes:.0} minutes");
        Ok(())
    }

    #[behaviour(timeout = "5s", delay = "1s")]
    async fn evening(ctx: Context<Self>) -> peak::Result<()> {
        // The logger last: the others talk to it.
        for name in ["sensor", "vendor", "thermostat", "logger"] {
            let please = Message::request(format!("{name}@localhost")).with_ontology("house");
            ctx.request(please, "1s").await?;
        }
        ctx.stop();
        Ok(())
    }
}
