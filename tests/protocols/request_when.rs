//! Request-When as a participant plays it.

use peak::prelude::*;
use peak::protocol::{Achieved, Asked, Cancelled, request_when};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::{Journal, drive, on_both_networks};

#[derive(Clone, Serialize, Deserialize)]
struct Watering {
    below: u32,
    litres: u32,
}

/// Waters when it is dry.
#[agent]
struct Sprinkler {
    moisture: watch::Sender<u32>,
    journal: Journal,
}

#[agent(plays(request_when))]
impl Sprinkler {}

impl request_when::Participant for Sprinkler {
    type Task = Json<Watering>;
    type Outcome = Json<u32>;

    async fn requested(
        &mut self,
        _: &Context<Self>,
        asked: &Asked<Json<Watering>>,
    ) -> Result<(), Refuse> {
        match asked.0.litres {
            0..100 => Ok(()),
            _ => Err(Refuse::new("the tank holds 100 litres")),
        }
    }

    async fn condition(ctx: Context<Self>, asked: Asked<Json<Watering>>) -> Result<(), Failure> {
        let (mut moisture, journal) = ctx
            .with(|me| (me.moisture.subscribe(), me.journal.clone()))
            .await;
        journal.note("it waits");
        let below = asked.0.below;
        let is_known = |moisture: &u32| *moisture < below || *moisture > 100;
        match *moisture.wait_for(is_known).await? {
            101.. => Err(Failure::new("the sensor is broken")),
            _ => {
                journal.note("it is dry");
                Ok(())
            }
        }
    }

    async fn perform(_: Context<Self>, asked: Asked<Json<Watering>>) -> Result<Json<u32>, Failure> {
        match asked.0.litres {
            0 => Err(Failure::new("that is nothing")),
            litres => Ok(Json(litres)),
        }
    }

    async fn cancelled(
        &mut self,
        _: &Context<Self>,
        _: &Asked<Json<Watering>>,
    ) -> Result<(), Failure> {
        self.journal.note("it is cancelled");
        Ok(())
    }
}

const SPRINKLER: &str = "sprinkler@localhost";

on_both_networks! {
    async fn it_waits_for_the_condition(platform: &Platform) {
        let (moisture, _) = watch::channel(50);
        let journal = Journal::default();
        let sprinkler = Sprinkler { moisture: moisture.clone(), journal: journal.clone() };
        platform.spawn(SPRINKLER, sprinkler).await.unwrap();
        drive(platform, async move |ctx| {
            let water = |below, litres| {
                let task = Watering { below, litres };
                ctx.achieve(Message::request_when(SPRINKLER).json(task)).answer_within("5s")
            };
            let dry = async |value| {
                journal.next(&["it waits"]).await;
                assert_eq!(journal.read(), [""; 0]);
                moisture.send_replace(value);
            };
            let (watered, ()) = tokio::join!(async { water(30, 5).await.unwrap() }, dry(20));
            assert_eq!(watered.done().unwrap().content::<u32>().unwrap(), 5);
            journal.next(&["it is dry"]).await;
            let (failed, ()) = tokio::join!(async { water(10, 0).await.unwrap() }, dry(5));
            assert!(matches!(failed, Achieved::Failed(_)), "{failed:?}");
            journal.next(&["it is dry"]).await;
            let refused = water(10, 500).await.unwrap();
            assert!(matches!(refused, Achieved::Refused(_)), "{refused:?}");
            let waits = journal.next(&["it waits"]);
            let cancelled = water(2, 5).cancel_on(waits).await.unwrap();
            assert!(matches!(cancelled, Achieved::Cancelled(Cancelled::Done(_))), "{cancelled:?}");
            journal.next(&["it is cancelled"]).await;
            // It cannot come to that any more.
            let (failed, ()) = tokio::join!(async { water(2, 5).await.unwrap() }, dry(1000));
            let Achieved::Failed(why) = failed else { panic!("{failed:?}") };
            assert_eq!(why.body(), Some("the sensor is broken"));
        })
        .await;
    }
}
