//! PEAK: multi-agent systems of annotated structs and functions.
//!
//! An agent is a struct, what it does are functions, and the attributes on them say when: the
//! compiler checks performatives, durations, addresses and templates. Agents talk in messages of
//! FIPA ACL. By default they live on a network inside the process; there is nothing to install.
//!
//! ```
//! use peak::prelude::*;
//!
//! /// Asks, and is done with the answer.
//! #[agent]
//! struct Asker;
//!
//! #[agent]
//! impl Asker {
//!     #[behaviour(one_shot)]
//!     async fn ask(ctx: Context<Self>) -> peak::Result<()> {
//!         let question = Message::query_ref("oracle@localhost").text("6 * 7");
//!         let answer = ctx.request(question, "5s").await?;
//!         assert_eq!(answer.body(), Some("42"));
//!         ctx.stop();
//!         Ok(())
//!     }
//! }
//!
//! #[agent]
//! struct Oracle {
//!     asked: u32,
//! }
//!
//! #[agent]
//! impl Oracle {
//!     #[on_message(performative = "query-ref")]
//!     async fn answer(&mut self, ctx: &Context<Self>, Text(question): Text) -> Inform<String> {
//!         self.asked += 1;
//!         println!("{question}?");
//!         ctx.stop();
//!         Inform("42".into())
//!     }
//! }
//!
//! fn main() -> peak::Result<()> {
//!     peak::block_on(async {
//!         let platform = Platform::new();
//!         platform.spawn("oracle@localhost", Oracle { asked: 0 }).await?;
//!         platform.spawn("asker@localhost", Asker).await?;
//!         assert!(platform.run().await.is_success());
//!         Ok(())
//!     })
//! }
//! ```
//!
//! # Where things are
//!
//! - [`macro@agent`], [`macro@behaviour`], [`macro@on_message`], [`macro@on_presence`],
//!   [`macro@on_connection`], [`macro@on_start`], [`macro@on_stop`], [`template!`]: the attributes
//! - [`Context`]: what a function of an agent can do
//! - [`Message`], [`Template`], [`reply`]: messages, conditions on them, answers
//! - [`FromMessage`]: what a handler can take as arguments
//! - `Dataset` (feature `dataset`): a file that an agent reads row by row
//! - `acl` (feature `acl`): messages and management as text of FIPA, for bridges to JADE
//! - [`Platform`]: agents without the command line

// Generated code names this crate `::peak`, and so do the macros' uses in its own tests.
extern crate self as peak;

#[cfg(feature = "acl")]
pub mod acl;
mod agent;
mod behaviour;
#[cfg(feature = "dataset")]
mod dataset;
#[cfg(feature = "cli")]
mod launch;
mod message;
mod network;
mod platform;
pub mod protocol;
mod time;
mod wakers;

use peak_shared::text;

pub use agent::{
    Agent, AgentHandle, AgentReport, AgentRng, AgentType, Behaviour, BehaviourReturn, Contacts,
    Context, Failure, FromContext, FromMessage, HandlerError, HookReturn, IntoReply, IntoStep,
    LeadsTo, MayEnd, Metadata, Next, NoReply, Param, ParamErrors, ParamSpec, ParamValues,
    Rejection, Report, RequestError, Sender, SpawnError, Text, Thread, UnknownAgentType,
};
pub use anyhow::{Error, Ok};
pub use behaviour::compose;
pub use behaviour::{
    BehaviourHandle, Exit, Flow, JoinError, PeriodError, Schedule, UnknownBehaviour,
};
#[cfg(feature = "dataset")]
pub use dataset::{Dataset, DatasetError};
#[cfg(feature = "cli")]
pub use launch::{Deployment, run};
pub use message::{
    ConnectionChange, ContentError, IntoBody, IntoJid, Jid, JidError, Json, Message, MessageError,
    Performative, Presence, PresenceChange, Show, Template, UnknownPerformative, reply,
};
#[cfg(feature = "xmpp")]
pub use network::xmpp::{ConnectError, CredentialsError, Secret, SettingsError, Xmpp};
pub use network::{
    AttachError, Contact, ContactError, ContactState, ReceiveError, SendAllError, SendError,
    Subscription, Undelivered,
};
pub use peak_macros::{
    agent, behaviour, on_connection, on_message, on_presence, on_start, on_stop,
};
pub use peak_shared::diagram::{self, Diagram};
pub use platform::{Platform, PlatformBuilder, block_on};
pub use rand;
pub use std::process::ExitCode;
pub use time::{DurationError, IntoDuration, IntoTimeout};

/// A result whose error can be any error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A [`Template`], in the grammar of `#[on_message]`, checked by the compiler. The expressions in it
/// are evaluated each time it is.
///
/// ```
/// use peak::{Jid, template};
///
/// let seller: Jid = "seller@localhost".parse()?;
/// let offers = template!(
///     any(performative = "propose", performative = "refuse"),
///     sender = seller,
///     not(metadata(draft)),
/// );
/// # Ok::<(), peak::JidError>(())
/// ```
#[macro_export]
macro_rules! template {
    ($($conditions:tt)*) => {
        $crate::__private::template_impl! { $crate; $($conditions)* }
    };
}

/// A deployment file that is part of the program, checked by the compiler: its form, its names and
/// addresses, and that each agent is of a type with such parameters. What it gives is a
/// [`Deployment`](crate::Deployment).
///
/// The path begins at the folder of `Cargo.toml`. The types that the file names with `agent:` must be
/// in scope where the macro stands.
///
/// ```
/// use peak::prelude::*;
///
/// #[agent]
/// struct Greeter {
///     #[param]
///     to: Jid,
/// }
///
/// #[agent]
/// impl Greeter {}
///
/// const AGENTS: peak::Deployment = peak::mas!("tests/greeter.yaml");
///
/// // A whole `main`:
/// fn start() -> peak::ExitCode {
///     AGENTS.run()
/// }
/// # assert!(AGENTS.text().contains("agent: Greeter"));
/// ```
///
/// With this file, and no mistake in it:
///
/// ```yaml
#[cfg_attr(doc, doc = include_str!("../tests/greeter.yaml"))]
/// ```
///
/// A mistake is an error of compilation, with its place in the file: `tests/greeter.yaml:4:7: Greeter
/// has no parameter `too`: it has `to``. A type that there is not is an error in a macro that is called
/// after the place, such as `in_greeter_yaml_line_3_column_12`.
///
/// What a reference to the environment stands for (`${NAME}`) is looked at when the program starts, and
/// so are values of types that are the program's own. Single files, which `peak run` compiles, have no
/// `Cargo.toml` of their own: `peak start mas.yaml` checks their deployment files.
#[cfg(feature = "cli")]
#[macro_export]
macro_rules! mas {
    ($($path:tt)*) => {
        $crate::__private::mas_impl! { $crate; $($path)* }
    };
}

/// Everything that an agent's file uses: `use peak::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "dataset")]
    pub use crate::Dataset;
    #[cfg(feature = "cli")]
    pub use crate::mas;
    pub use crate::reply::{
        AcceptProposal, Agree, Confirm, Disconfirm, Failure, Inform, NotUnderstood, Propose,
        Refuse, RejectProposal,
    };
    pub use crate::{
        Agent, Behaviour, ConnectionChange, Context, Flow, Jid, Json, Message, Metadata, Next,
        Performative, Platform, Presence, PresenceChange, Sender, Template, Text, Thread, agent,
        behaviour, on_connection, on_message, on_presence, on_start, on_stop, template,
    };
    pub use rand::RngExt as _;
}

#[doc(hidden)]
pub mod __private;

/// The program in README, compiled with the doc tests.
#[cfg(all(doctest, feature = "cli"))]
#[doc = include_str!("../../README.md")]
struct Readme;
