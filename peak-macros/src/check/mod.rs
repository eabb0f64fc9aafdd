//! The rules: of one signature, between the functions of an impl, and between their templates.

pub(crate) mod algebra;
pub(crate) mod handlers;
pub(crate) mod overlap;
pub(crate) mod signature;
