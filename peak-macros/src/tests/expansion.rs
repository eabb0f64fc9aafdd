//! What comes out, in full.

use super::{agent, behaviour, errors, on_message, on_presence, pretty};
use crate::stages;
use insta::assert_snapshot;

#[test]
fn a_struct() {
    let output = agent(
        r#"name = "thermo""#,
        r#"
        /// Keeps a room warm.
        #[derive(Debug)]
        pub struct Thermostat {
            /// In degrees.
            #[param(default = 21.0)]
            target: f64,
            #[param]
            room: String,
            #[param(name = "every", default = "5s")]
            pause: Duration,
            #[cfg(feature = "tags")]
            #[param(default)]
            tags: Vec<String>,
            readings: Vec<f64>,
        }
        "#,
    );
    assert_snapshot!(pretty(&output));
}

#[test]
fn an_impl() {
    let output = agent(
        "behaviours(heartbeat, util::audit)",
        r#"
        impl Thermostat {
            const PERIOD: Duration = Duration::from_secs(5);

            #[on_start]
            async fn announce(&mut self, ctx: &Context<Self>) -> peak::Result<()> { Ok(()) }

            /// Reads the sensor.
            #[cfg(feature = "sensor")]
            #[allow(unused)]
            #[behaviour(periodic = Self::PERIOD, delay = "1s")]
            pub async fn sample(&self) {}

            #[on_message(performative = "inform", sender = "bob@localhost", observe)]
            async fn learn(&mut self, Json(reading): Json<Reading>) {}

            #[peak::on_message(any(performative = "request", not(thread = "1")), metadata(a, b = "c"))]
            async fn set(message: Message, ctx: Context<Self>) -> Result<Inform<u8>, Refuse> { Ok(Inform(1)) }

            #[behaviour(cyclic, receives(performative = "propose"), name = "bargain")]
            async fn haggle(ctx: Context<Self>) -> impl BehaviourReturn {}

            fn helper(&self) -> u8 { 1 }
        }
        "#,
    );
    assert!(errors(output.clone()).is_empty());
    assert_snapshot!(pretty(&output));
}

#[test]
fn a_generic_agent() {
    let item = "struct Sensor<T: Value, const N: usize> where T: Clone { #[param] last: T }";
    let block = "impl<T: Value, const N: usize> Sensor<T, N> where T: Clone { #[on_stop] async fn stop(&self) {} }";
    let output = [agent("", item), agent("", block)].into_iter().collect();
    assert_snapshot!(pretty(&output));
}

#[test]
fn free_functions() {
    let output = [
        behaviour(
            r#"periodic = "60s""#,
            "/// Beats.\n#[inline] pub async fn heartbeat<A: Agent>(ctx: &Context<A>) -> peak::Result<()> { Ok(()) }",
        ),
        behaviour("one_shot", "async fn only(ctx: Context<Lamp>) {}"),
        on_message(r#"performative = "inform", crate = "::p""#, "pub(crate) async fn log(text: Text) {}"),
    ]
    .into_iter()
    .collect();
    assert_snapshot!(pretty(&output));
}

#[test]
fn news() {
    let block = agent(
        "",
        r#"
        impl Guard {
            #[on_presence(available, unavailable, observe)]
            async fn came_or_went(&mut self, Sender(who): Sender, change: PresenceChange) {}

            #[on_connection]
            async fn connection(ctx: Context<Self>, change: ConnectionChange) -> Flow { Flow::Stop }
        }
        "#,
    );
    let free = on_presence(
        "subscribe, crate = \"::p\"",
        "async fn welcome<A: Agent>(ctx: &Context<A>, who: Sender) -> p::Result<()> { Ok(()) }",
    );
    let output = [block, free].into_iter().collect();
    assert!(errors(proc_macro2::TokenStream::clone(&output)).is_empty());
    assert_snapshot!(pretty(&output));
}

#[test]
fn templates() {
    let cases = [
        "",
        r#"performative = "request-whenever""#,
        r#"performative = act, ontology = name()"#,
        r#"all(sender = "Bob@Localhost", community = here), any(body = "a", body = "b"), not(thread = "1", to = "a@b")"#,
        r#"metadata(room = "attic", "odd-key" = value, present)"#,
    ];
    let expanded: Vec<String> = cases
        .iter()
        .map(|case| stages::template(super::tokens(&format!("::peak; {case}"))).to_string())
        .collect();
    assert_snapshot!(expanded.join("\n\n"));
}
