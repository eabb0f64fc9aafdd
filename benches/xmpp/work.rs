//! What all systems do alike.

/// Round trips that are not measured.
pub(crate) const WARM_UP: usize = 50;

/// The body that every message carries.
pub(crate) fn body() -> String {
    "x".repeat(100)
}

/// The name of an account.
pub(crate) fn agent(nth: usize) -> String {
    format!("bench{nth}")
}
