//! Which agent type a section means: its keys `agent` and `file`.

use std::path::Path;

use super::node::{Key, Node};
use super::values::{At, text};
use crate::agent::AgentType;
use crate::launch::plan;
use crate::launch::problem::{Problem, Problems};
use crate::launch::sources;

/// A value that must be there.
#[derive(Debug, Default, Clone, Copy)]
pub(super) enum Given<T> {
    #[default]
    No,
    Wrongly,
    Yes(T),
}

/// The type that the keys of a section name. Paths are relative to `folder`.
pub(super) fn of_section(
    entries: &[(&Key, &Node)],
    folder: &Path,
    problems: &mut Problems,
) -> Given<&'static AgentType> {
    let node = |name| {
        let mut entries = entries.iter();
        entries.find_map(|(key, node)| (key.name == name).then_some(*node))
    };
    let name = node("agent").map(|node| text(node, "the name of an agent type"));
    let file = node("file").map(|node| text(node, "the path of a source file"));
    let found = match (name, file) {
        (None, None) => return Given::No,
        (Some(name), None) => name.and_then(by_name),
        (None, Some(file)) => file.and_then(|file| by_file(file, None, folder)),
        (Some(name), Some(file)) => match (problems.note(name), problems.note(file)) {
            (Some(name), Some(file)) => by_file(file, Some(name), folder),
            _ => return Given::Wrongly,
        },
    };
    match problems.note(found) {
        Some(agent) => Given::Yes(agent),
        None => Given::Wrongly,
    }
}

fn by_name(name: At<&str>) -> Result<&'static AgentType, Problem> {
    AgentType::find(name.value).map_err(|error| plan::unknown_type(&error).in_file(name.place))
}

fn by_file(
    file: At<&str>,
    name: Option<At<&str>>,
    folder: &Path,
) -> Result<&'static AgentType, Problem> {
    if let Some(problem) = python(file) {
        return Err(problem);
    }
    sources::find(file.value, name.map(|name| name.value), folder)
        .map_err(|problem| problem.in_file(file.place))
}

/// PEAK's own files name files of Python.
fn python(file: At<&str>) -> Option<Problem> {
    let path = file.value;
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.')?;
    if !extension.eq_ignore_ascii_case("py") {
        return None;
    }
    let what = format!("`file: {path}` is Python, which this program does not run");
    let problem = Problem::at(file.place, what);
    Some(match AgentType::find(stem) {
        Ok(agent) => problem.hint(format!(
            "name the Rust type instead: `agent: {}`; or its file, `file: NAME.rs`",
            agent.name()
        )),
        Err(_) => problem.hint(
            "name a Rust type of this program instead, `agent: NAME`, or its file, `file: NAME.rs`",
        ),
    })
}
