//! What may be written to a terminal.

use std::ffi::OsString;
use std::io::IsTerminal;

pub(super) use peak_shared::problem::escape;

/// Whether colours are welcome there: on a terminal that has them, never with `NO_COLOR`, always with
/// `CLICOLOR_FORCE`.
pub(super) fn has_colours(stream: &impl IsTerminal) -> bool {
    colours(stream.is_terminal(), |name| std::env::var_os(name))
}

fn colours(is_terminal: bool, variable: impl Fn(&str) -> Option<OsString>) -> bool {
    let set = |name| variable(name).is_some_and(|value| !value.is_empty());
    if set("NO_COLOR") {
        return false;
    }
    if set("CLICOLOR_FORCE") && variable("CLICOLOR_FORCE").is_some_and(|value| value != "0") {
        return true;
    }
    let clicolor = variable("CLICOLOR").map(|value| value != "0");
    let terminal = match variable("TERM") {
        Some(term) => term != "dumb",
        None => cfg!(windows) && set("WT_SESSION"),
    };
    is_terminal && clicolor.unwrap_or(terminal)
}

/// Whether it is a terminal on which what was written can be written over.
pub(super) fn can_overwrite(stream: &impl IsTerminal) -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    stream.is_terminal() && !is_dumb
}

#[cfg(test)]
mod tests {
    use super::*;

    fn on_terminal(variables: &[(&str, &str)]) -> bool {
        asked(true, variables)
    }

    fn asked(is_terminal: bool, variables: &[(&str, &str)]) -> bool {
        colours(is_terminal, |name| {
            let mut all = variables.iter();
            let found = all.find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn colours_are_for_terminals_that_have_them() {
        assert!(on_terminal(&[("TERM", "xterm")]));
        assert!(!asked(false, &[("TERM", "xterm")]));
        assert!(!on_terminal(&[("TERM", "dumb")]));
        assert!(on_terminal(&[("TERM", "xterm"), ("NO_COLOR", "")]));
    }

    #[test]
    fn users_have_the_last_word() {
        assert!(!on_terminal(&[("TERM", "xterm"), ("NO_COLOR", "1")]));
        assert!(!on_terminal(&[("TERM", "xterm"), ("CLICOLOR", "0")]));
        assert!(asked(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!asked(false, &[("CLICOLOR", "1")]));
        assert!(!asked(false, &[("CLICOLOR_FORCE", "0")]));
        assert!(!asked(true, &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    }
}
