//! The attributes of PEAK: `#[agent]`, `#[behaviour]`, `#[on_message]`, `#[on_presence]`,
//! `#[on_connection]`, `#[on_start]`, `#[on_stop]` and the implementation of `template!`.
//!
//! Use them through the crate `peak`, which re-exports them: what they expand to calls a hidden
//! module of the very same version.
//!
//! The stages, from tokens to tokens: `args` and `input` read what was written, into `model`;
//! `check` finds what does not fit together; `expand` writes the code, and cannot fail. Errors
//! are collected on the way in a `diag::Diag` and given to the compiler all at once, beside the
//! user's item, which is always in the output.
#![forbid(unsafe_code)]

mod args;
mod check;
mod diag;
mod expand;
mod fallback;
mod input;
#[cfg(feature = "mas")]
mod mas;
mod model;
mod paths;
mod stages;
#[cfg(test)]
mod tests;
mod types;
mod vocabulary;

use proc_macro::TokenStream;
use vocabulary::MarkerKind;

/// Makes an agent of a struct and of its impl.
///
/// # On a struct
///
/// The fields are the agent's state. A field with `#[param]` is a parameter: it gets its value from
/// the deployment file or the command line, checked before the agent starts. Any other field starts
/// as `Default::default()`. Doc comments are the help texts.
///
/// ```
/// use peak::prelude::*;
/// use std::time::Duration;
///
/// /// Keeps a room at its target temperature.
/// #[agent]
/// struct Thermostat {
///     /// In degrees Celsius.
///     #[param(default = 21.0)]
///     target: f64,
///     /// Which room this is.
///     #[param]
///     room: String,
///     #[param(name = "period", default = "1m30s")]
///     pause: Duration,
///     #[param(default)]
///     tags: Vec<String>,
///     readings: Vec<f64>,
/// }
///
/// #[agent]
/// impl Thermostat {}
/// ```
///
/// | option of `#[agent]` | |
/// | --- | --- |
/// | `name = "…"` | the agent's name for `peak run` and deployment files; the struct's, if left out |
/// | `crate = "::path"` | where the crate `peak` is, if it has another name |
///
/// | option of `#[param]` | |
/// | --- | --- |
/// | none | the parameter is required |
/// | `default` | the type's own default |
/// | `default = expression` | this value |
/// | `default = "text"` | read as if the user had given it: `"5s"` for a `Duration`, `"attic"` for a `String`; checked by the compiler for numbers, `bool`, `char`, `Duration` and `Jid` |
/// | `name = "…"` | the parameter's name; the field's, if left out |
/// | `loop` | a `Dataset` begins again after its last row, unless the user says `loop: false` |
///
/// The type of a parameter implements `serde::Deserialize`, or is a `Duration` or a `Dataset`.
///
/// # On an impl
///
/// The functions with an attribute become what the agent does; all others stay what they are. A type
/// has one such impl.
///
/// ```
/// # use peak::prelude::*;
/// # #[agent]
/// # #[derive(Default)]
/// # struct Thermostat { readings: Vec<f64> }
/// /// A behaviour that any agent can have.
/// #[behaviour(periodic = "60s")]
/// async fn heartbeat<A: Agent>(ctx: &Context<A>) -> peak::Result<()> {
///     ctx.send(Message::inform("monitor@localhost").text("alive")).await?;
///     Ok(())
/// }
///
/// #[agent(behaviours(heartbeat))]
/// impl Thermostat {
///     #[on_start]
///     async fn announce(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
///         ctx.send(Message::inform("logger@localhost").text("here")).await?;
///         Ok(())
///     }
///
///     #[behaviour(periodic = "5s")]
///     async fn sample(&mut self) {
///         self.readings.push(20.5);
///     }
///
///     #[on_message(performative = "query-ref")]
///     async fn tell(&self) -> Inform<String> {
///         Inform(format!("{:?}", self.readings.last()))
///     }
///
///     #[on_stop]
///     async fn goodbye(&mut self) {}
/// }
/// ```
///
/// | option | |
/// | --- | --- |
/// | `behaviours(path, …)` | free functions with `#[behaviour]`, `#[on_message]`, `#[on_presence]` or `#[on_connection]` that the agent starts with, after its own |
/// | `crate = "::path"` | where the crate `peak` is, if it has another name |
///
/// The receiver says where a function runs:
///
/// | receiver | |
/// | --- | --- |
/// | `&mut self` | on the agent's own task, one function at a time: no locks |
/// | `&self` | there too, reading only |
/// | none | on a task of its own; `ctx.with(…)` reaches the state |
///
/// Every function is `async`, and its future is `Send`. `#[cfg]` on a function works, and so do
/// generic agents, which are not in the registry.
#[proc_macro_attribute]
pub fn agent(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::agent(args.into(), item.into()).into()
}

/// A function that runs by the clock.
///
/// ```
/// # use peak::prelude::*;
/// # use std::time::Duration;
/// # #[agent]
/// # struct Meter { total: u32 }
/// #[agent]
/// impl Meter {
///     #[behaviour(periodic = "5s", delay = "1s")]
///     async fn read(&mut self) {
///         self.total += 1;
///     }
///
///     #[behaviour(timeout = Self::LIMIT)]
///     async fn give_up(&self, ctx: &Context<Self>) {
///         ctx.stop();
///     }
///
///     // Without `self` it is a task of its own, and may wait as long as it likes.
///     #[behaviour(cyclic, receives(performative = "propose"))]
///     async fn haggle(ctx: Context<Self>) -> peak::Result<Flow> {
///         let Some(offer) = ctx.receive("10s").await? else { return Ok(Flow::Stop) };
///         ctx.send(offer.reply("accept-proposal".parse()?)).await?;
///         Ok(Flow::Continue)
///     }
/// }
///
/// impl Meter {
///     const LIMIT: Duration = Duration::from_secs(600);
/// }
/// ```
///
/// One of these says when:
///
/// | kind | |
/// | --- | --- |
/// | `one_shot` | once, at the start |
/// | `cyclic` | again and again |
/// | `periodic = "5s"` | at the start, and then every five seconds |
/// | `timeout = "10s"` | once, after ten seconds |
/// | `fsm(STATE)` | as a part of a state machine, see below |
///
/// | option | |
/// | --- | --- |
/// | `delay = "1s"` | begins so much later |
/// | `start_at = "2026-12-01T08:00:00Z"` | begins then; in UTC |
/// | `receives(template)` | keeps these messages for `ctx.receive(…)`; only without `self` |
/// | `blocking` | computes for long: a `fn` on a thread of its own; only without `self` |
/// | `name = "…"` | its name in logs; the function's, if left out |
///
/// # State machines
///
/// With `fsm(STATE)`, where `STATE` is a type of the user's, it is a function of that state. Those that
/// lead to each other's states are a machine, which is one behaviour.
///
/// ```
/// use peak::prelude::*;
///
/// #[derive(Default)]
/// struct Closed;
/// struct Open {
///     by: Jid,
/// }
///
/// #[agent]
/// struct Door;
///
/// #[agent]
/// impl Door {
///     #[behaviour(fsm(Closed), initial, endless, on(performative = "request"), next(Open))]
///     async fn open(&mut self, Sender(by): Sender) -> (Agree, Next<Closed>) {
///         (Agree, Next::to(Open { by }))
///     }
///
///     #[behaviour(fsm(Open), after = "5s", next(Closed))]
///     async fn close(&mut self, open: Open) -> Next<Open> {
///         println!("{} has gone through", open.by);
///         Next::to(Closed)
///     }
/// }
/// ```
///
/// | option | |
/// | --- | --- |
/// | `on(template)` | runs when such a message comes, in this state |
/// | `after = "10s"` | runs when the state has gone on for so long |
/// | `enter`, `exit` | runs when the state begins, or when it is left |
/// | none of these | runs as soon as the state begins |
/// | `next(A, B)` | leads to one of these: returns `Next<STATE>` |
/// | `end` | the machine ends with it, or may |
/// | `initial`, `initial = expression` | the machine begins in this state |
/// | `endless` | beside `initial`: the machine need not end |
/// | `delay`, `start_at`, `name` | beside `initial`: as for other behaviours |
///
/// # Values
///
/// A duration is a string such as `"1m30s"`, checked by the compiler, or an expression of type
/// `Duration`; a point in time is a string, or an expression of type `SystemTime`.
///
/// Expressions are evaluated once per type of agent, when the first one of it starts, and so are
/// those in the template: all agents of the type share what came out.
///
/// The arguments are `&Context<Self>` or `Context<Self>`, or none. It returns nothing, a `Flow`, or
/// a `Result` of these.
///
/// # On a free function
///
/// The function becomes the constructor of a behaviour that several types of agents share:
/// `ctx.add(heartbeat())`, or `#[agent(behaviours(heartbeat))]`. Its first type parameter is the
/// agent; without one, the `Context<…>` among its arguments says whose it is. `crate = "::path"`
/// stands here as on `#[agent]`.
///
/// ```
/// # use peak::prelude::*;
/// #[behaviour(periodic = "60s")]
/// async fn heartbeat<A: Agent>(ctx: &Context<A>) -> peak::Result<()> {
///     ctx.send(Message::inform("monitor@localhost").text("alive")).await?;
///     Ok(())
/// }
/// ```
#[proc_macro_attribute]
pub fn behaviour(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::marker(MarkerKind::Behaviour, &args.into(), item.into()).into()
}

/// A function that handles messages.
///
/// The options are a template: conditions that a message meets. Handlers are tried in the order
/// written, like the arms of a `match`, and the first that fits gets the message. One that an
/// earlier one makes unreachable does not compile.
///
/// ```
/// # use peak::prelude::*;
/// # #[agent]
/// # struct Lamp { level: u8 }
/// #[agent]
/// impl Lamp {
///     // `observe` lets the message go on to the handlers below.
///     #[on_message(observe)]
///     async fn count(&mut self, message: &Message) {
///         println!("{:?}", message.performative());
///     }
///
///     #[on_message(performative = "request", ontology = "light")]
///     async fn set(&mut self, Json(level): Json<u8>) -> Result<Agree, Refuse> {
///         if level > 100 {
///             return Err(Refuse::new("between 0 and 100"));
///         }
///         self.level = level;
///         Ok(Agree)
///     }
///
///     #[on_message(
///         any(performative = "inform", performative = "confirm"),
///         sender = "bob@localhost",
///         metadata(room = "attic", urgent),
///         not(protocol = "fipa-request"),
///     )]
///     async fn hear(&mut self, Text(text): Text, Sender(from): Sender) {
///         println!("{from}: {text}");
///     }
/// }
/// ```
///
/// | condition | a message meets it if |
/// | --- | --- |
/// | none | always |
/// | `performative = "inform"` | its performative is this one of FIPA's 22 |
/// | `ontology`, `protocol`, `language`, `encoding`, `conversation_id`, `thread`, `reply_with`, `in_reply_to`, `body` `= "…"` | that part of it is this text |
/// | `sender`, `to`, `reply_to`, `community` `= "bob@localhost"` | that address of it is this one; without a resource, any resource |
/// | `metadata(key = "value", "odd-key" = "value", key2)` | it has these fields; `key2` with any value |
/// | `all(…)`, `any(…)`, `not(…)` | all, one at least, not all of these hold |
///
/// Values are literals, which the compiler checks, or expressions, which are evaluated once per type
/// of agent, when the first one of it starts.
///
/// | option | |
/// | --- | --- |
/// | `observe` | does not keep the message from the handlers below, and does not answer it |
/// | `name = "…"` | its name in logs; the function's, if left out |
///
/// The arguments are taken from the message: `Json<T>`, `Text`, `Sender`, `Message`, `&Context<Self>`
/// and whatever else implements `FromMessage`. What it returns is the reply, unless the template
/// takes only what FIPA does not answer, such as `inform`, or the handler observes.
///
/// A free function with this attribute is a constructor, as with [`macro@behaviour`].
#[proc_macro_attribute]
pub fn on_message(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::marker(MarkerKind::OnMessage, &args.into(), item.into()).into()
}

/// A function that is told when another agent comes, goes, or has something to say about who is told
/// of whose presence.
///
/// Such news is about those whom the agent has asked with `ctx.contacts().subscribe(…)`, or who ask
/// it. It comes in the queue of the messages, in order, and goes to the first function in the order
/// written that is for news of its kind; most agents have none, and news that nobody is for is
/// dropped.
///
/// ```
/// # use peak::prelude::*;
/// # #[agent]
/// # struct Guard { there: u32 }
/// #[agent]
/// impl Guard {
///     #[on_start]
///     async fn begin(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
///         ctx.contacts().subscribe("pump@localhost")?;
///         Ok(())
///     }
///
///     #[on_presence(available)]
///     async fn came(&mut self, Sender(who): Sender, presence: Presence) {
///         self.there += 1;
///         println!("{who} is there: {:?}", presence.show);
///     }
///
///     #[on_presence(subscribe)]
///     async fn asked(&mut self, ctx: &Context<Self>, Sender(who): Sender) -> peak::Result<()> {
///         ctx.contacts().approve(who)?;
///         Ok(())
///     }
///
///     // Without `self` it is a task of its own. Without kinds it is for what is left.
///     #[on_presence]
///     async fn rest(Sender(who): Sender, change: PresenceChange) {
///         println!("{who}: {change:?}");
///     }
/// }
/// ```
///
/// | kind | what has become of the sender |
/// | --- | --- |
/// | `available` | it is there, or shows itself in another way; `presence: Presence` says how |
/// | `unavailable` | it is not there any more |
/// | `subscribe` | it asks to be told of this agent's presence |
/// | `subscribed` | it lets this agent know its presence |
/// | `unsubscribe` | it does not want to be told any more |
/// | `unsubscribed` | it does not let this agent know its presence, or not any more |
///
/// Several kinds may stand in the list; none means all of them.
///
/// | option | |
/// | --- | --- |
/// | `observe` | does not keep the news from the functions below |
/// | `name = "…"` | its name in logs; the function's, if left out |
///
/// The arguments are `Sender` (a full address with `available` and `unavailable`, else a bare one),
/// `PresenceChange`, `Presence` if the kind is `available` alone, and the context. It returns nothing,
/// a `Flow`, or a `Result` of these.
///
/// A free function with this attribute is a constructor, as with [`macro@behaviour`].
#[proc_macro_attribute]
pub fn on_presence(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::marker(MarkerKind::OnPresence, &args.into(), item.into()).into()
}

/// A function that is told when the agent's connection to its XMPP server breaks, and when it is there
/// again.
///
/// Agents on the embedded network have no connection that could break, and hear of none.
///
/// ```
/// # use peak::prelude::*;
/// # #[agent]
/// # struct Meter { since: Option<std::time::SystemTime> }
/// #[agent]
/// impl Meter {
///     #[on_connection(lost)]
///     async fn alone(&mut self, ctx: &Context<Self>) {
///         self.since = Some(ctx.now());
///     }
///
///     #[on_connection]
///     async fn back(&mut self, change: ConnectionChange) {
///         println!("{change:?}");
///     }
/// }
/// ```
///
/// | kind | |
/// | --- | --- |
/// | `lost` | it broke; what is sent waits until it is there again |
/// | `restored` | it is there again |
///
/// None means both. The options and results are those of [`macro@on_presence`], the arguments
/// `ConnectionChange` and the context.
#[proc_macro_attribute]
pub fn on_connection(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::marker(MarkerKind::OnConnection, &args.into(), item.into()).into()
}

/// The function that runs when the agent starts, before anything else of it.
///
/// ```
/// # use peak::prelude::*;
/// # #[agent]
/// # struct Greeter;
/// #[agent]
/// impl Greeter {
///     #[on_start]
///     async fn announce(&mut self, ctx: &Context<Self>) -> peak::Result<()> {
///         ctx.send(Message::inform("logger@localhost").text("here")).await?;
///         Ok(())
///     }
/// }
/// ```
///
/// There is one at most. It takes `&mut self` or `&self`, may take `&Context<Self>`, and returns
/// nothing or a `Result<(), E>`.
#[proc_macro_attribute]
pub fn on_start(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::marker(MarkerKind::OnStart, &args.into(), item.into()).into()
}

/// The function that runs when the agent ends, after everything else of it.
///
/// There is one at most, with the same arguments and results as [`macro@on_start`].
///
/// ```
/// # use peak::prelude::*;
/// # #[agent]
/// # struct Greeter;
/// #[agent]
/// impl Greeter {
///     #[on_stop]
///     async fn goodbye(&mut self) {
///         println!("bye");
///     }
/// }
/// ```
#[proc_macro_attribute]
pub fn on_stop(args: TokenStream, item: TokenStream) -> TokenStream {
    stages::marker(MarkerKind::OnStop, &args.into(), item.into()).into()
}

/// What `peak::template!` calls: the path of the crate, `;`, and a template. Its expressions are
/// evaluated where it stands, whenever control gets there.
#[doc(hidden)]
#[proc_macro]
pub fn template_impl(tokens: TokenStream) -> TokenStream {
    stages::template(tokens.into()).into()
}

/// What `peak::mas!` calls: the path of the crate, `;`, and the path of a deployment file.
#[cfg(feature = "mas")]
#[doc(hidden)]
#[proc_macro]
pub fn mas_impl(tokens: TokenStream) -> TokenStream {
    stages::mas(tokens.into()).into()
}
