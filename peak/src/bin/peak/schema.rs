//! The schema that the editor checks the deployment file of a project against. A new project has one
//! for any agents; the program writes one that knows its own.

use std::path::Path;

/// The file.
pub(crate) const FILE: &str = "mas.schema.json";

/// How it comes to know the agents of the program.
pub(crate) const RENEW: &str = "cargo run -- schema > mas.schema.json";

/// Whether a project has one that knows agents, and so does not know new ones.
pub(crate) fn knows_agents(folder: &Path) -> bool {
    let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    let types = "/definitions/agent/properties/agent/anyOf";
    schema.pointer(types).is_some()
}
