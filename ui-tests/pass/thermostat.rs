//! The design's worked example.

use peak::prelude::*;
use peak::reply::Refuse;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Reading {
    celsius: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct SetTarget {
    celsius: f64,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Done {
    target: f64,
}

/// Keeps a room at its target temperature.
#[agent]
struct Thermostat {
    #[param(default = 21.0)]
    target: f64,
    #[param]
    room: String,
    readings: Vec<f64>,
}

#[agent]
impl Thermostat {
    #[on_start]
    async fn announce(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.send(Message::inform("logger@localhost").text(&self.room)).await?;
        Ok(())
    }

    #[behaviour(periodic = "5s")]
    async fn sample(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        ctx.send(Message::inform("logger@localhost").json(Reading { celsius: 20.5 })).await
    }

    #[on_message(performative = "inform")]
    async fn learn(&mut self, Json(reading): Json<Reading>, Sender(from): Sender) {
        println!("{from}");
        self.readings.push(reading.celsius);
    }

    #[on_message(performative = "request", ontology = "hvac")]
    async fn set(&mut self, Json(order): Json<SetTarget>) -> Result<Inform<Json<Done>>, Refuse> {
        if order.celsius > 30.0 {
            return Err(Refuse::new("too hot"));
        }
        self.target = order.celsius;
        Ok(Inform(Json(Done { target: self.target })))
    }

    #[behaviour(cyclic, receives(performative = "propose"))]
    async fn haggle(ctx: Context<Self>) -> peak::Result<Flow> {
        let Some(offer) = ctx.receive("10s").await? else { return Ok(Flow::Stop) };
        let target = ctx.with(|me| me.target).await;
        println!("{offer:?} {target:?}");
        Ok(Flow::Continue)
    }

    #[on_stop]
    async fn goodbye(&mut self) {}
}

fn main() {}
