//! Items to what was written: signatures are parsed, bodies are kept as they are.
//!
//! Nothing here rejects an item as a whole. A half-typed function goes back into the output token by
//! token, so that an editor still completes inside it.

pub(crate) mod agent_impl;
pub(crate) mod agent_struct;
pub(crate) mod attr;
pub(crate) mod free_fn;
pub(crate) mod handler;
pub(crate) mod item;
