//! `peak new`: a project that builds, runs and passes its own tests as it stands.

mod git;
mod making;
mod name;
mod template;

use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Command, value_parser};

use crate::failure::Failure;
use crate::source::Source;
use making::Making;
use name::Name;
use template::{Filling, Template};

const EXAMPLES: &str = "\
Examples:
  peak new demo
  peak new bazaar --template market       buyers and sellers instead
  peak new demo --path work/agents        in that folder, instead of `demo`";

/// The grammar of `peak new`.
pub(crate) fn grammar() -> Command {
    Command::new("new")
        .about("Make a project of agents that builds, runs, and passes its own tests")
        .after_help(format!("{EXAMPLES}\n\n{}", template::help()))
        .arg(
            Arg::new("name")
                .value_name("NAME")
                .required(true)
                .help("What it is called: letters, digits, `-` and `_`"),
        )
        .arg(
            Arg::new("template")
                .long("template")
                .value_name("TEMPLATE")
                .value_parser(PossibleValuesParser::new(template::names()))
                .hide_possible_values(true)
                .default_value(template::DEFAULT)
                .help("What is in it, see below"),
        )
        .arg(
            Arg::new("path")
                .long("path")
                .value_name("DIR")
                .value_parser(value_parser!(PathBuf))
                .help("The folder that becomes the project [default: NAME, in the current folder]"),
        )
        .arg(
            Arg::new("source")
                .long("source")
                .value_name("DIR|VERSION")
                .help(
                    "Where it has the framework from: a checkout, or a published version \
                     [default: what this command was built of]",
                ),
        )
        .arg(
            Arg::new("vcs")
                .long("vcs")
                .value_name("VCS")
                .value_parser(PossibleValuesParser::new(["git", "none"]))
                .help("Whether to make a Git repository [default: git, outside of repositories]"),
        )
}

/// Makes the project.
pub(crate) fn run(matches: &ArgMatches) -> Result<(), Failure> {
    let text = |id: &str| matches.get_one::<String>(id).map(String::as_str);
    let name = Name::checked(text("name").unwrap_or_default())?;
    let template = Template::named(text("template").unwrap_or(template::DEFAULT))?;
    let source = match text("source") {
        Some(source) => Source::named(source)?,
        None => Source::of_this_tool(),
    };
    let as_given = match matches.get_one::<PathBuf>("path") {
        Some(path) => path.clone(),
        None => name.as_str().into(),
    };
    let folder =
        std::path::absolute(&as_given).map_err(|error| Failure::io("found", &as_given, &error))?;

    let filling = Filling {
        name: name.as_str(),
        source: &source,
        outer_workspace: outer_workspace(&folder),
    };
    let making = Making::begin(&folder)?;
    for (path, text) in template.files(&filling) {
        making.write(path, &text)?;
    }
    if let Some(lock) = source.lock() {
        making.copy(&lock, "Cargo.lock")?;
    }
    let repository = git::repository(&folder, text("vcs"))?;
    making.done();

    let mut notes = Vec::new();
    if let Some(outer) = &filling.outer_workspace {
        notes.push(format!(
            "it stands inside the workspace of {}, and is one of its own",
            outer.display()
        ));
    }
    notes.extend(repository.note());
    crate::say(&report(&name, template, &as_given, &notes));
    Ok(())
}

/// The Cargo.toml of the workspace that cargo would take the project for a member of.
fn outer_workspace(folder: &Path) -> Option<PathBuf> {
    let outer = folder.ancestors().skip(1);
    outer
        .map(|folder| folder.join("Cargo.toml"))
        .find(|manifest| {
            std::fs::read_to_string(manifest).is_ok_and(|text| {
                text.lines()
                    .any(|line| line.trim_start().starts_with("[workspace"))
            })
        })
}

/// What was made, and what to do with it.
fn report(name: &Name, template: &Template, folder: &Path, notes: &[String]) -> String {
    let mut text = format!("Made `{}`: {}\n", name.as_str(), template.about);
    for note in notes {
        text.push_str(&format!("  ({note})\n"));
    }
    let folder = shell_word(folder);
    text.push_str(&format!(
        "\n  cd {folder}\n  \
         cargo run                # the agents of mas.yaml\n  \
         cargo test\n  \
         peak add agent NAME      # one more agent\n"
    ));
    text
}

/// A path as a shell takes it for one word.
fn shell_word(path: &Path) -> String {
    let path = path.to_string_lossy();
    let is_plain = |char: char| char.is_alphanumeric() || "/\\._-+:~".contains(char);
    if path.chars().all(is_plain) {
        path.into_owned()
    } else {
        format!("'{}'", path.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grammar_is_sound() {
        grammar().debug_assert();
    }

    #[test]
    fn the_workspace_around_a_folder() {
        let here = tempfile::tempdir().unwrap();
        let folder = here.path().join("a/b");
        std::fs::create_dir_all(&folder).unwrap();
        let manifest = here.path().join("Cargo.toml");
        std::fs::write(&manifest, "[package]\nname = \"outer\"\n").unwrap();
        assert_eq!(outer_workspace(&folder), None);
        std::fs::write(&manifest, "[workspace]\nmembers = []\n").unwrap();
        assert_eq!(outer_workspace(&folder), Some(manifest));
    }

    #[test]
    fn paths_for_shells() {
        assert_eq!(shell_word(Path::new("a/b-c")), "a/b-c");
        assert_eq!(shell_word(Path::new("my it's")), r"'my it'\''s'");
    }
}
