//! How agents and services are managed on platforms of FIPA (SC00023): what stands in the content of
//! messages to and from a directory facilitator (DF) and an agent management system (AMS).
//!
//! A [`Request`] says what one of them shall do, with descriptions of [agents](DfAgentDescription)
//! and [services](ServiceDescription). An [`Answer`] says what came of it. Both are read from the
//! content of a message, and written to one.
//!
//! ```
//! use peak::acl::management::{Answer, DfAgentDescription, Request, SearchConstraints, ServiceDescription, Task};
//! use peak::acl::{AclMessage, AgentIdentifier};
//!
//! let boilers = DfAgentDescription::default()
//!     .with_service(ServiceDescription { kind: Some("boiler".into()), ..Default::default() });
//! let search = Request {
//!     agent: AgentIdentifier::new("df@pc7:1099/JADE"),
//!     task: Task::Search(boilers.into(), SearchConstraints::default()),
//! };
//! let message: AclMessage = search.message();
//! assert_eq!(
//!     message.content.as_deref(),
//!     Some("((action (agent-identifier :name df@pc7:1099/JADE) \
//!           (search (df-agent-description :services (set (service-description :type boiler))) \
//!           (search-constraints))))")
//! );
//!
//! let content = "((result (action (agent-identifier :name df@pc7:1099/JADE)
//!     (search (df-agent-description) (search-constraints)))
//!     (sequence (df-agent-description :name (agent-identifier :name b7@pc7:1099/JADE)))))";
//! let Answer::Found(_, found) = content.parse()? else { panic!("a search has a result") };
//! assert_eq!(found[0].name().unwrap().name, "b7@pc7:1099/JADE");
//! # Ok::<(), peak::acl::management::ManagementError>(())
//! ```
//!
//! A parameter that FIPA does not have is refused, as FIPA wants it (`unexpected-parameter`); only
//! agent identifiers may have parameters of their own, `:X-…`. So is a parameter that is there twice.
//! Names of parameters and of functions may be in any case. A set may be a sequence, and the other way
//! round. What is wrong is a [`ManagementError`], and its [`problem`](ManagementError::problem) is
//! what to answer.

mod agent;
mod answer;
mod directory;
mod error;
mod fields;
mod platform;
mod problem;
mod request;
#[cfg(test)]
mod tests;

pub use answer::Answer;
pub use directory::{DfAgentDescription, Property, SearchConstraints, ServiceDescription};
pub use error::ManagementError;
pub use platform::{
    AgentState, AmsAgentDescription, Description, PlatformDescription, PlatformService,
};
pub use problem::Problem;
pub use request::{Request, Task};

/// The name of this vocabulary as JADE compares it, for
/// [`AclMessage::ontology`](super::AclMessage::ontology). FIPA writes it in lower case.
pub const ONTOLOGY: &str = "FIPA-Agent-Management";
