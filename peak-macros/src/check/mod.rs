//! The rules: of one signature, of what its arguments are taken from, between the functions of an impl, and between their templates.

pub(crate) mod algebra;
pub(crate) mod handlers;
pub(crate) mod machine;
pub(crate) mod overlap;
pub(crate) mod parts;
pub(crate) mod signature;
