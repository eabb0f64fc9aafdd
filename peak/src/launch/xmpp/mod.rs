//! Which agents are on an XMPP server, and how they reach it.
//!
//! [`args`] are the flags, which wish for the same as a section of a file, and [`domains`] makes of all
//! of it a way for each domain. Built without the feature `xmpp`, the same
//! is read, and whoever is not inside the process is told how to build with it.

mod args;
mod domain;
mod domains;
#[cfg(feature = "xmpp")]
mod server;
#[cfg(not(feature = "xmpp"))]
mod without;

pub(super) use args::{FLAGS, XmppArgs, password_flag};
pub(super) use domain::{Way, Who};
pub(super) use domains::Domains;
pub(super) use peak_shared::xmpp::Wishes;
pub(super) use server::check;
#[cfg(feature = "xmpp")]
pub(super) use server::{connection, source};
#[cfg(not(feature = "xmpp"))]
use without as server;
#[cfg(not(feature = "xmpp"))]
pub(super) use without::HOW;

/// Whether this program can reach XMPP servers.
pub(super) const IS_BUILT_IN: bool = cfg!(feature = "xmpp");
