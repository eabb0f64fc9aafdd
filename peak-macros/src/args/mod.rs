//! Attribute tokens to what they mean; every value keeps its span.

pub(crate) mod agent;
pub(crate) mod behaviour;
pub(crate) mod entries;
pub(crate) mod jid;
pub(crate) mod marker;
pub(crate) mod on_message;
pub(crate) mod on_news;
pub(crate) mod param;
pub(crate) mod primitive;
pub(crate) mod state;
pub(crate) mod template;
pub(crate) mod time;
