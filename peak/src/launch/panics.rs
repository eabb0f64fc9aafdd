//! Panics of agents, told in a line: the runtime catches and logs them.

use std::panic::PanicHookInfo;

/// Replaces the report that the standard library prints for a panic in a behaviour or a handler by a
/// line that says where it was; whose it was, the agent says in the next. Other panics are reported
/// as before.
pub(super) fn install() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info: &PanicHookInfo<'_>| {
        if !crate::behaviour::catches_panics() {
            return before(info);
        }
        let what = info.payload_as_str().unwrap_or("a value that is not text");
        match info.location() {
            Some(place) => tracing::error!("panicked at {place}: {what}"),
            None => tracing::error!("panicked: {what}"),
        }
    }));
}
