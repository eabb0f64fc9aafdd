//! Words that Rust, cargo and the framework have taken already.

/// The keywords of Rust, those that it keeps for later too.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The crates that programs of agents name, or may.
const CRATES: &[&str] = &[
    "alloc",
    "anyhow",
    "core",
    "peak",
    "peak_macros",
    "peak_mas",
    "proc_macro",
    "serde",
    "serde_json",
    "std",
    "test",
    "tokio",
    "tracing",
];

/// Whether a name cannot be one in Rust, because the language has it.
pub(crate) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

/// Whether it is that of a crate that a program of agents uses; `-` and `_` are the same.
pub(crate) fn is_crate(name: &str) -> bool {
    CRATES.contains(&name.replace('-', "_").as_str())
}
