//! A program that was built without XMPP says how to build it with it.

use peak_shared::xmpp::Wishes;

use super::domain::{Domain, Way, Who};
use crate::launch::problem::Problems;

/// How to have it.
pub(in crate::launch) const HOW: &str = "build it with `--features peak/xmpp`, or write `features = [\"xmpp\"]` where \
                   Cargo.toml has `peak`";

/// Whatever a section says of servers, there are none.
pub(in crate::launch) fn check(wishes: &Wishes, problems: &mut Problems) {
    if let Some(on) = wishes.on.filter(|on| on.value) {
        let word = if on.place.is_some() { "xmpp" } else { "--xmpp" };
        problems.add(
            on.problem(format!("`{word}`: this program is built without XMPP"))
                .hint(HOW),
        );
    }
}

/// What to say of agents that would be on a server.
pub(super) fn admit(who: &Who, domain: &str, wishes: &Wishes, problems: &mut Problems) {
    // Who asks for a server is answered there already.
    if wishes.on.is_none() {
        let problem = who.problem(format!(
            "{who} is on the XMPP server of `{domain}`, and this program is built without XMPP"
        ));
        let inside = match who.place() {
            Some(_) => format!("`xmpp: false` keeps `{domain}` inside the process"),
            None => "addresses at `localhost` are inside the process".to_owned(),
        };
        problems.add(problem.hint(format!("{HOW}; {inside}")));
    }
}

/// There is a problem with every domain that is not inside.
pub(super) fn way(_: &str, _: &Domain, _: &Wishes, _: &mut Problems) -> Option<Way> {
    None
}
