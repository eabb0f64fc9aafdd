//! Who measures.

use peak::prelude::*;
use peak::protocol::Asked;
use peak::protocol::subscribe::{self, Ended};

/// Measures the temperature of a room every now and then, and publishes it.
#[agent]
struct Sensor {
    /// The room.
    #[param]
    room: String,
    /// The temperature to begin with, in degrees Celsius.
    #[param(default = 20.0)]
    celsius: f64,
    /// How many times it measures.
    #[param(default = 8)]
    readings: u32,
    /// How many must listen before it begins.
    #[param(default = 1)]
    listeners: usize,
    has_begun: bool,
}

#[agent(plays(subscribe(ontology = "climate")))]
impl Sensor {
    #[behaviour(periodic = "100ms")]
    async fn measure(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
        self.has_begun |= ctx.subscribers().len() >= self.listeners;
        if !self.has_begun {
            return Ok(());
        }
        if self.readings == 0 {
            // Whoever listens to the end is told that this is it.
            ctx.end_subscriptions(|_| Some(Failure::new("the battery is empty")));
            ctx.stop();
            return Ok(());
        }
        self.readings -= 1;
        self.celsius += 0.5;
        ctx.publish(Json(self.celsius)).await
    }
}

impl subscribe::Participant for Sensor {
    /// The room.
    type Topic = Text;
    /// Degrees Celsius.
    type News = Json<f64>;

    async fn subscribed(
        &mut self,
        _: &Context<Self>,
        asked: &Asked<Text>,
    ) -> Result<Option<Json<f64>>, Refuse> {
        if asked.0 != self.room {
            return Err(Refuse::new(format!("I am in the {}", self.room)));
        }
        tracing::info!("{} listens", asked.initiator().bare());
        Ok(Some(Json(self.celsius)))
    }

    async fn ended(&mut self, _: &Context<Self>, asked: &Asked<Text>, why: Ended) {
        tracing::info!(
            "{} does not listen any more: {why}",
            asked.initiator().bare()
        );
    }
}
