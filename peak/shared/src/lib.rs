//! What PEAK's library and its macros both know, so that the compiler and a program say the same of
//! what a user wrote.
//!
//! Use it through the crate `peak`: nothing here is meant for anybody else, and all of it may change
//! with every version.
//!
//! [`text`] has words for messages, [`jid`] what is wrong with an address, [`diagram`] draws state machines. With the feature `mas`:
//! [`mas`] reads deployment files, as far as that goes without the agents that they speak of;
//! [`logs`] and [`xmpp`] are what they, or a command line, can wish of logs and of a server, and
//! [`problem`] is what is wrong with all that.
#![forbid(unsafe_code)]
#![allow(
    missing_docs,
    reason = "as in the modules of a crate, names that say it all have no more words"
)]

pub mod diagram;
pub mod jid;
#[cfg(feature = "mas")]
pub mod logs;
#[cfg(feature = "mas")]
pub mod mas;
#[cfg(feature = "mas")]
pub mod problem;
pub mod text;
#[cfg(feature = "mas")]
pub mod xmpp;
