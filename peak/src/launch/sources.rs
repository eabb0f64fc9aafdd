//! The source files that the agent types of this program stand in, as people name them.

use std::path::{Component, Path};

use super::plan::{HOW_TO_HAVE_AGENTS, unknown_type};
use super::problem::Problem;
use crate::agent::AgentType;
use crate::text;

/// A type and the path of its file.
#[derive(Debug, Clone)]
struct Source {
    agent: &'static AgentType,
    path: String,
}

/// The file in such words as `sender.rs` and `agents.rs:Sender`, and the type in it, if it is named.
pub(super) fn named(words: &str) -> Option<(&str, Option<&str>)> {
    match words.rsplit_once(':') {
        Some((file, name)) if file.ends_with(".rs") => Some((file, Some(name))),
        _ => words.ends_with(".rs").then_some((words, None)),
    }
}

/// The type that the words behind a command mean; without any, the program's only one.
pub(super) fn wanted(command: &str, words: Option<&str>) -> Result<&'static AgentType, Problem> {
    if let Some((file, name)) = words.and_then(named) {
        return find(file, name, Path::new(""));
    }
    if let Some(name) = words {
        return AgentType::find(name).map_err(|error| unknown_type(&error));
    }
    let all = AgentType::all();
    match all.as_slice() {
        [one] => Ok(one),
        [] => Err(Problem::new("this program has no agents").hint(HOW_TO_HAVE_AGENTS)),
        [first, ..] => {
            let what = format!("which agent? this program has {}", names(&all));
            Err(Problem::new(what).hint(format!("name one: `{command} {}`", first.name())))
        }
    }
}

/// The type that stands in the file `path`, or that one of them that is called `name`. Relative
/// paths begin at `folder`, or anywhere: `sender.rs` is `src/sender.rs` too.
///
/// # Errors
///
/// Without a place: if there is none, or several and no saying which one is meant.
pub(super) fn find(
    path: &str,
    name: Option<&str>,
    folder: &Path,
) -> Result<&'static AgentType, Problem> {
    let known = sources(&AgentType::all());
    let found = standing_in(path, folder, &known);
    if found.is_empty() {
        return Err(nobody_in(path, folder, &known));
    }
    match name {
        Some(name) => AgentType::find_among(name, &found).map_err(|_| {
            let problem = Problem::new(format!("`{path}` has no agent `{name}`"));
            let near = text::nearest(name, found.iter().map(|agent| agent.name()));
            match (near, AgentType::find(name)) {
                (Some(near), _) => problem.hint(format!("did you mean `{near}`?")),
                (None, Ok(agent)) => problem.hint(format!(
                    "`{}` stands in `{}`; leave one of the two keys out",
                    agent.name(),
                    known_as(agent, &known)
                )),
                (None, Err(_)) => problem.hint(format!("it has {}", names(&found))),
            }
        }),
        None => only(path, &found),
    }
}

/// The one that is named like the file, as in PEAK, else the only one.
fn only(path: &str, found: &[&'static AgentType]) -> Result<&'static AgentType, Problem> {
    if let Ok(agent) = AgentType::find_among(stem(path), found) {
        return Ok(agent);
    }
    match found {
        [one] => Ok(one),
        _ => Err(Problem::new(format!(
            "`{path}` has {}, and none of them is named like the file",
            names(found)
        ))
        .hint(format!(
            "say which one is meant: `agent: {}`",
            found.first().map_or("TYPE", |agent| agent.name())
        ))),
    }
}

/// What a file is called, without its folder and extension.
pub(super) fn stem(path: &str) -> &str {
    let file = parts(path).pop().unwrap_or_default();
    file.rsplit_once('.').map_or(file, |(stem, _)| stem)
}

fn nobody_in(path: &str, folder: &Path, known: &[Source]) -> Problem {
    let problem = Problem::new(format!("no agent of this program stands in `{path}`"));
    if known.is_empty() {
        return problem.hint(HOW_TO_HAVE_AGENTS);
    }
    if folder.join(path.replace('\\', "/")).is_file() {
        return problem.hint(
            "the file is there, but no struct with `#[agent]` of it is in this program: \
             `mod NAME;` in `main.rs` makes a file part of it",
        );
    }
    let file = |path| parts(path).pop().unwrap_or_default();
    let files: Vec<&str> = known.iter().map(|source| file(&source.path)).collect();
    let near = text::nearest(file(path), files.iter().copied());
    let near = known.iter().find(|source| near == Some(file(&source.path)));
    match near {
        Some(source) => problem.hint(format!("did you mean `{}`?", source.path)),
        None => {
            let mut paths: Vec<&str> = known.iter().map(|source| source.path.as_str()).collect();
            paths.sort_unstable();
            paths.dedup();
            let more = paths.len().saturating_sub(LISTED);
            paths.truncate(LISTED);
            let more = match more {
                0 => String::new(),
                more => format!(", and {more} more"),
            };
            problem.hint(format!("its files are {}{more}", text::list(paths)))
        }
    }
}

/// How many files are listed before the rest is only counted.
const LISTED: usize = 10;

fn names(agents: &[&'static AgentType]) -> String {
    text::list(agents.iter().map(|agent| agent.name()))
}

fn known_as<'a>(agent: &'static AgentType, known: &'a [Source]) -> &'a str {
    let source = known
        .iter()
        .find(|source| std::ptr::eq(source.agent, agent));
    source.map_or(agent.file(), |source| &source.path)
}

/// Each type with the path of its file.
fn sources(agents: &[&'static AgentType]) -> Vec<Source> {
    let source = |agent: &&'static AgentType| Source {
        agent,
        path: agent.file().replace('\\', "/"),
    };
    agents.iter().map(source).collect()
}

/// The types whose file this is, each once.
fn standing_in(path: &str, folder: &Path, known: &[Source]) -> Vec<&'static AgentType> {
    let written = parts(path);
    let place = place(path, folder);
    let place = parts(&place);
    let at_place = |source: &&Source| ends_with(&place, &parts(&source.path));
    let at_end = |source: &&Source| ends_with(&parts(&source.path), &written);
    // Of several files of one name, the one that stands where the path leads to.
    let mut found: Vec<&Source> = known.iter().filter(at_end).filter(at_place).collect();
    if found.is_empty() {
        found = known.iter().filter(at_end).collect();
    }
    // `crate/src/sender.rs`, or `../src/sender.rs`, of a program that knows it as `src/sender.rs`.
    if found.is_empty() && (is_exact(path) || folder.join(path).is_file()) {
        found = known.iter().filter(at_place).collect();
    }
    let mut agents: Vec<&'static AgentType> = Vec::new();
    for source in found {
        if !agents
            .iter()
            .any(|agent| std::ptr::eq(*agent, source.agent))
        {
            agents.push(source.agent);
        }
    }
    agents
}

/// Whether a path says where it begins.
fn is_exact(path: &str) -> bool {
    Path::new(path).is_absolute() || path.split(['/', '\\']).any(|part| part == "..")
}

/// Where the path leads to from the folder of the file it is written in.
fn place(path: &str, folder: &Path) -> String {
    let joined = folder.join(path.replace('\\', "/"));
    // Without a current folder it stays as it is written.
    let place = std::path::absolute(&joined).unwrap_or(joined);
    let mut parts = Vec::new();
    for component in place.components() {
        match component {
            Component::ParentDir => drop(parts.pop()),
            Component::Normal(part) => parts.push(part.to_string_lossy()),
            Component::CurDir | Component::RootDir | Component::Prefix(_) => {}
        }
    }
    parts.join("/")
}

/// The components of a path; `.` is none, and `..` takes one back.
fn parts(path: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for part in path.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    parts
}

/// Whether the path ends with these whole components, of which there is at least one.
fn ends_with(path: &[&str], end: &[&str]) -> bool {
    !end.is_empty() && path.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate as peak;

    #[peak::agent]
    struct Sources;

    #[peak::agent]
    impl Sources {}

    #[peak::agent]
    struct MoreSources;

    #[peak::agent]
    impl MoreSources {}

    fn at(path: &str) -> Source {
        Source {
            agent: AgentType::find("Sources").unwrap(),
            path: path.to_owned(),
        }
    }

    fn is_found(path: &str, folder: &str, file: &str) -> bool {
        !standing_in(path, Path::new(folder), &[at(file)]).is_empty()
    }

    #[test]
    fn a_file_may_be_named_with_a_type() {
        for (words, found) in [
            ("agent.rs", Some(("agent.rs", None))),
            ("a/b.rs:Sender", Some(("a/b.rs", Some("Sender")))),
            (r"C:\b.rs", Some((r"C:\b.rs", None))),
            (r"C:\b.rs:Sender", Some((r"C:\b.rs", Some("Sender")))),
            ("Sender", None),
            ("agent.py", None),
            ("rs", None),
            ("a.rs:b:C", None),
        ] {
            assert_eq!(named(words), found, "{words}");
        }
    }

    #[test]
    fn a_type_knows_its_file() {
        let file = AgentType::find("Sources").unwrap().file();
        assert!(file.replace('\\', "/").ends_with("src/launch/sources.rs"));
        let found = find("launch/sources.rs", None, Path::new("")).unwrap();
        assert_eq!(found.name(), "Sources", "it is named like the file");
        let found = find("launch/sources.rs", Some("more_sources"), Path::new("")).unwrap();
        assert_eq!(found.name(), "MoreSources");
    }

    #[test]
    fn a_path_ends_with_whole_components() {
        for (path, found) in [
            ("sender.rs", true),
            ("./sender.rs", true),
            ("src/sender.rs", true),
            (r".\src\sender.rs", true),
            ("agents/src/sender.rs", true),
            ("src/../src/sender.rs", true),
            ("ender.rs", false),
            ("other/sender.rs", false),
            ("sender", false),
            ("", false),
            (".", false),
            ("..", false),
        ] {
            let is = is_found(path, "/nowhere", "agents/src/sender.rs");
            assert_eq!(is, found, "{path}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_path_may_begin_where_the_file_stands() {
        for (path, folder, file, found) in [
            ("/srv/src/sender.rs", "/etc", "src/sender.rs", true),
            ("../src/sender.rs", "/srv/deploy", "src/sender.rs", true),
            (
                "../src/sender.rs",
                "/srv/deploy",
                "/srv/src/sender.rs",
                true,
            ),
            ("/other/src/sender.rs", "/etc", "/srv/src/sender.rs", false),
            ("python/src/sender.rs", "/nowhere", "src/sender.rs", false),
        ] {
            assert_eq!(is_found(path, folder, file), found, "{path} in {folder}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn of_two_files_of_one_name_the_nearest_is_meant() {
        let other = Source {
            agent: AgentType::find("MoreSources").unwrap(),
            path: "b/sender.rs".to_owned(),
        };
        let known = [at("a/sender.rs"), other];
        let names = |folder| -> Vec<&str> {
            let found = standing_in("sender.rs", Path::new(folder), &known);
            found.iter().map(|agent| agent.name()).collect()
        };
        assert_eq!(names("/srv/a"), ["Sources"]);
        assert_eq!(names("/srv/b"), ["MoreSources"]);
        assert_eq!(names("/srv"), ["Sources", "MoreSources"]);
    }
}
