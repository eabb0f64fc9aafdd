//! `peak add agent`: its file, its `mod` line, and its entry in the deployment file.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::behaviour::{Period, performatives};
use super::code::Design;
use super::deployment::{self, Entry, Refusal};
use super::modules;
use super::name::Name;
use super::param::{Param, params};
use super::project::Project;
use crate::failure::Failure;
use crate::files::{self, Change};
use crate::schema;

/// Adds the agent that is asked for. Nothing is written before all is known to fit.
pub(super) fn add(matches: &ArgMatches) -> Result<(), Failure> {
    let (design, is_bare) = design(matches)?;
    let here = PathBuf::from(".");
    let folder = matches.get_one::<PathBuf>("path").unwrap_or(&here);
    let project = Project::around(folder)?;

    let steps = [
        file(&project, &design, is_bare)?,
        module(&project, &design.name)?,
        entry(&project, &design)?,
    ];
    let (changes, done): (Vec<Change>, Vec<String>) = steps.into_iter().flatten().unzip();
    files::write(&changes)?;
    crate::say(&report(&design, &done, &project, &changes));
    Ok(())
}

/// A file to write, and what to say of it; `None` if it is as it should be.
type Step = Option<(Change, String)>;

/// What the agent shall be like, and whether nothing was said of that but its name.
fn design(matches: &ArgMatches) -> Result<(Design, bool), Failure> {
    let texts = |id: &str| {
        matches
            .get_many::<String>(id)
            .unwrap_or_default()
            .map(String::as_str)
    };
    let name = matches.get_one::<String>("name").map(String::as_str);
    let name = Name::checked(name.unwrap_or_default())?;
    let acts = performatives(texts("on"))?;
    let params = params(texts("param"))?;
    let period = matches.get_one::<String>("periodic");
    let is_bare = period.is_none() && acts.is_empty() && params.is_empty();
    let period = match period {
        Some(text) => Some(Period::checked(text)?),
        None if acts.is_empty() => Some(Period::usual()?),
        None => None,
    };
    let design = Design {
        name,
        period,
        acts,
        params,
    };
    Ok((design, is_bare))
}

/// The file of the agent. One that is there is never written to.
fn file(project: &Project, design: &Design, is_bare: bool) -> Result<Step, Failure> {
    let name = &design.name;
    let path = project.main.with_file_name(format!("{}.rs", name.snake));
    let text = design.file();
    let as_folder = project.main.with_file_name(&name.snake).join("mod.rs");
    if as_folder.exists() {
        return Err(other_content(&as_folder, name));
    }
    match files::read(&path)? {
        None => {
            let done = format!("{}: the agent, with a test", shown(&path, project));
            Ok(Some((Change { path, text }, done)))
        }
        Some(there) if there == text => Ok(None),
        // Whatever it has become since: it is what was asked for, and its other parts may be missing.
        Some(there) if is_bare && defines(&there, &name.camel) => Ok(None),
        Some(_) => Err(other_content(&path, name)),
    }
}

fn other_content(path: &Path, name: &Name) -> Failure {
    Failure::new(format!("`{}` is there already, with other content", path.display())).hint(format!(
        "take another name; or, if it has a `struct {}` with `#[agent]`, give the name alone to enter it",
        name.camel
    ))
}

/// Whether the source has a struct of this name.
fn defines(source: &str, name: &str) -> bool {
    let words = source.split(|char: char| !char.is_alphanumeric() && char != '_');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.windows(2).any(|pair| pair == ["struct", name])
}

/// The `mod` line.
fn module(project: &Project, name: &Name) -> Result<Step, Failure> {
    let path = &project.main;
    let by_hand = |what: &str| {
        Failure::new(format!("`{}` cannot be edited: {what}", path.display())).hint(format!(
            "mend it first, or write `mod {};` into it yourself",
            name.snake
        ))
    };
    let source = files::read(path)?.ok_or_else(|| by_hand("it is not there"))?;
    let edited = modules::with_module(&source, &name.snake).map_err(|error| {
        by_hand(&format!(
            "{} is not closed or not opened, in line {}",
            error.what, error.line
        ))
    })?;
    let done = format!("{}: `mod {};`", shown(path, project), name.snake);
    let path = path.clone();
    Ok(edited.map(|text| (Change { path, text }, done)))
}

/// The entry in the deployment file.
fn entry(project: &Project, design: &Design) -> Result<Step, Failure> {
    let name = &design.name;
    let path = project.folder.join(deployment::FILE);
    let required = design
        .params
        .iter()
        .filter(|param| param.default.is_none())
        .collect();
    let entry = Entry { name, required };
    let text = files::read(&path)?.unwrap_or_default();
    let edited = deployment::with_agent(&text, &entry).map_err(|refusal| {
        let refused = |what: String| Failure::new(format!("`{}`: {what}", path.display()));
        let lines = format!(
            "write these lines below `agents:`\n{}",
            entry.lines(2, 2).join("\n")
        );
        match refusal {
            Refusal::Broken(why) => {
                refused(why).hint("mend it first; `cargo run -- start --check` says more")
            }
            Refusal::Taken(other) => refused(format!(
                "its agent `{}` is of another type, `{other}`",
                name.snake
            ))
            .hint("call this one, or that one, something else"),
            Refusal::ByHand => {
                refused("it is written so that it must be edited by hand".to_owned()).hint(lines)
            }
        }
    })?;
    let done = format!("{}: `{}`", shown(&path, project), name.snake);
    Ok(edited.map(|text| (Change { path, text }, done)))
}

/// A path as it is called in the project.
fn shown(path: &Path, project: &Project) -> String {
    path.strip_prefix(&project.folder)
        .unwrap_or(path)
        .display()
        .to_string()
}

/// What was done, and what is left to do.
fn report(design: &Design, done: &[String], project: &Project, changes: &[Change]) -> String {
    let camel = &design.name.camel;
    if done.is_empty() {
        return format!("`{camel}` is there already, and nothing was changed.\n");
    }
    let mut text = format!("Added `{camel}`:\n");
    for done in done {
        text.push_str(&format!("  {done}\n"));
    }
    let mas = project.folder.join(deployment::FILE);
    let required: Vec<&Param> = design
        .params
        .iter()
        .filter(|param| param.default.is_none())
        .collect();
    if !required.is_empty() && changes.iter().any(|change| change.path == mas) {
        let names =
            peak::__private::writing::list(required.iter().map(|param| param.name.as_str()));
        text.push_str(&format!("Give it its {names}, in {}.\n", deployment::FILE));
    }
    if schema::knows_agents(&project.folder) {
        text.push_str(&format!("Let your editor know it: `{}`.\n", schema::RENEW));
    }
    text
}
