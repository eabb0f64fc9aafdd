//! Generic agents.
#![deny(warnings)]

use peak::prelude::*;
use serde::de::DeserializeOwned;
use std::fmt::Debug;
use std::marker::PhantomData;

trait Value: Debug + Clone + Send + Sync + DeserializeOwned + 'static {}

impl Value for f64 {}

/// A sensor of anything.
#[agent]
struct Sensor<T: Value, const N: usize> {
    #[param]
    last: T,
    #[param(default)]
    all: Vec<T>,
    unit: PhantomData<[u8; N]>,
}

#[agent(behaviours(heartbeat, twice::<_, u8>))]
impl<T: Value, const N: usize> Sensor<T, N> {
    #[on_message(performative = "inform")]
    async fn hear(&mut self, Json(value): Json<T>) {
        self.last = value.clone();
        self.all.push(value);
        let _ = self.unit;
    }

    #[on_message(performative = "query-ref")]
    async fn tell(&self) -> Inform<String> {
        Inform(format!("{:?} of {N}", self.last))
    }

    #[behaviour(periodic = "1s")]
    async fn tick(ctx: Context<Self>) -> peak::Result<()> {
        let last = ctx.with(|me| me.last.clone()).await;
        println!("{last:?}");
        Ok(())
    }
}

#[agent]
struct Bounded<T>
where
    T: Send + 'static,
{
    value: Option<T>,
}

#[agent]
impl<T> Bounded<T>
where
    T: Send + 'static,
{
    #[behaviour(cyclic)]
    async fn tick(&mut self) {
        self.value = None;
    }
}

#[behaviour(cyclic)]
async fn heartbeat<A: Agent>(ctx: Context<A>) {
    ctx.stop();
}

#[behaviour(cyclic)]
async fn twice<A, T>(_ctx: &Context<A>)
where
    A: Agent,
    T: Default + Send + Debug + 'static,
{
    println!("{:?}", T::default());
}

fn is_agent<A: Agent>() {}

fn main() {
    is_agent::<Sensor<f64, 3>>();
    is_agent::<Bounded<u8>>();
}
