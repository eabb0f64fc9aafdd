//! Text that comes from anywhere, on its way to a terminal.

/// Appends text that may come from anywhere: it must not steer the terminal, nor pass for a line
/// of its own.
pub fn escape(text: &str, line: &mut String) {
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
