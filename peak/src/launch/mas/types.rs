//! Which agent type a section means: its keys `agent` and `file`.

use std::path::Path;

use peak_shared::mas::section::{Given, Section};
use peak_shared::mas::values::At;

use crate::agent::AgentType;
use crate::launch::plan;
use crate::launch::problem::{Problem, Problems};
use crate::launch::sources;

/// The type that the keys of a section name. Paths are relative to `folder`.
pub(super) fn of_section(
    section: &Section<'_>,
    folder: &Path,
    problems: &mut Problems,
) -> Given<&'static AgentType> {
    let found = match (section.agent, section.file) {
        (Given::No, Given::No) => return Given::No,
        (Given::Wrongly, _) | (_, Given::Wrongly) => return Given::Wrongly,
        (Given::Yes(name), Given::No) => by_name(name),
        (Given::No, Given::Yes(file)) => by_file(file, None, folder),
        (Given::Yes(name), Given::Yes(file)) => by_file(file, Some(name), folder),
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
