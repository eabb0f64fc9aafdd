//! What may be written to a terminal.

use std::io::IsTerminal;

/// Whether colours are welcome there: on a terminal that has them, unless `NO_COLOR` is set.
pub(super) fn has_colours(stream: &impl IsTerminal) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let terminal = match std::env::var_os("TERM") {
        Some(term) => term != "dumb",
        None => !cfg!(windows) || set("WT_SESSION"),
    };
    stream.is_terminal() && terminal && !set("NO_COLOR")
}

/// Appends text that may come from anywhere: it must not steer the terminal, nor pass for a line
/// of its own.
pub(super) fn escape(text: &str, line: &mut String) {
    for char in text.chars() {
        match char {
            '\n' => line.push_str("\n    "),
            '\t' => line.push(char),
            '\r' => {}
            _ if char.is_control() => line.extend(char.escape_default()),
            _ => line.push(char),
        }
    }
}
