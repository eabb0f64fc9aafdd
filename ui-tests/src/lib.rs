//! What must compile, and what must not, with the message it gives: see `tests/ui.rs`.
