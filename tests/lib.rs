//! What the tests share: running programs.
