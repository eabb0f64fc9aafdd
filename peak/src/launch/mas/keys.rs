//! The keys of a deployment file.

use crate::text;

use super::node::Key;
use crate::launch::problem::Problem;

/// The keys of the file itself.
pub(super) const TOP: [&str; 2] = ["defaults", "agents"];

/// The keys of an agent, and of `defaults`.
pub(super) const AGENT: [&str; 7] = [
    "agent",
    "domain",
    "resource",
    "clones",
    "params",
    "log_level",
    "file",
];

/// PEAK's keys that mean nothing to agents on the embedded network, where there is no connection
/// and no log file to set up.
pub(super) const WITHOUT_EFFECT: [&str; 6] = [
    "log_folder",
    "log_file_mode",
    "port",
    "ssl",
    "verify_security",
    "debug_mode",
];

/// A key that there is not, and what may have been meant.
pub(super) fn unknown(key: &Key, section: &str, known: &[&'static str]) -> Problem {
    let problem = Problem::at(
        key.place,
        format!("unknown key `{}` in {section}", key.name),
    );
    let lower = key.name.to_lowercase().replace('-', "_");
    match text::nearest(&lower, known.iter().copied()) {
        Some(near) => problem.hint(format!("did you mean `{near}`?")),
        None => problem.hint(format!(
            "its keys are {}",
            text::list(known.iter().copied())
        )),
    }
}
