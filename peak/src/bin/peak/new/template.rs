//! What may be in a new project: a folder of files each, and those that all have.

use std::path::PathBuf;

use peak::__private::writing::general_schema;

use crate::failure::Failure;
use crate::schema;
use crate::source::Source;

/// A kind of project.
#[derive(Debug)]
pub(super) struct Template {
    name: &'static str,
    /// What it shows, in half a sentence.
    pub(super) about: &'static str,
    /// Its files: where they stand, and their text.
    files: &'static [(&'static str, &'static str)],
}

/// The files of the folder of a template. In the package a manifest must not be called
/// `Cargo.toml`: cargo would take its folder for another package and leave it out.
macro_rules! files_of {
    ($folder:literal: $($path:literal)*) => {
        &[
            ("Cargo.toml", include_str!(concat!("../templates/", $folder, "/Cargo.toml.in"))),
            $(($path, include_str!(concat!("../templates/", $folder, "/", $path))),)*
        ]
    };
}

/// The templates there are.
const TEMPLATES: &[Template] = &[
    Template {
        name: DEFAULT,
        about: "two agents, one that asks and one that answers",
        files: files_of!("hello": "README.md" "mas.yaml" "src/main.rs" "src/greeter.rs" "src/visitor.rs"),
    },
    Template {
        name: "market",
        about: "buyers who call for proposals, and sellers who make them",
        files: files_of!("market":
            "README.md" "mas.yaml" "src/main.rs" "src/messages.rs" "src/buyer.rs" "src/seller.rs"
        ),
    },
];

/// The template of a project for which none is named.
pub(super) const DEFAULT: &str = "hello";

/// What every project has. In the package they have names that mean nothing to Git and editors.
const COMMON: &[(&str, &str)] = &[
    (".gitignore", include_str!("../templates/common/gitignore")),
    (
        ".editorconfig",
        include_str!("../templates/common/editorconfig"),
    ),
    (
        ".github/workflows/ci.yml",
        include_str!("../templates/common/ci.yml"),
    ),
    (
        ".vscode/settings.json",
        include_str!("../templates/common/settings.json"),
    ),
    (
        ".vscode/extensions.json",
        include_str!("../templates/common/extensions.json"),
    ),
];

/// What is put into the files for this project.
#[derive(Debug)]
pub(super) struct Filling<'a> {
    pub(super) name: &'a str,
    pub(super) source: &'a Source,
    /// The workspace that it stands in, if it does.
    pub(super) outer_workspace: Option<PathBuf>,
}

impl Template {
    /// The template of this name.
    pub(super) fn named(name: &str) -> Result<&'static Self, Failure> {
        let mut templates = TEMPLATES.iter();
        templates
            .find(|template| template.name == name)
            .ok_or_else(|| Failure::new(format!("there is no template `{name}`")))
    }

    /// Every file of a project: where it stands, and its text.
    pub(super) fn files<'a>(
        &self,
        filling: &'a Filling<'_>,
    ) -> impl Iterator<Item = (&'static str, String)> + use<'a> {
        let files = COMMON.iter().chain(self.files);
        let files = files.map(|(path, text)| (*path, filling.filled(path, text)));
        // The settings of the editor name it. It fits whatever becomes of the project.
        files.chain([(schema::FILE, general_schema())])
    }
}

impl Filling<'_> {
    fn filled(&self, path: &str, text: &str) -> String {
        let mut text = text
            .replace("{{name}}", self.name)
            .replace("{{dependency}}", &self.dependency());
        if path == "Cargo.toml" && self.outer_workspace.is_some() {
            text.push_str("\n# The folder stands inside another workspace, and is none of its members.\n[workspace]\n");
        }
        text
    }

    /// The lines of the dependency in Cargo.toml.
    fn dependency(&self) -> String {
        let dependency = self.source.dependency(&["cli"]);
        let where_from = match self.source {
            Source::Checkout(_) => {
                "# On this machine. Who builds it elsewhere needs the path there, or a version.\n"
            }
            Source::Version(_) => "",
        };
        format!(
            "# Agents on XMPP servers: add `\"xmpp\"` to the features.\n{where_from}peak = {dependency}"
        )
    }
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TEMPLATES.iter().map(|template| template.name)
}

/// The templates with a line each: what goes below the help.
pub(super) fn help() -> String {
    let lines = TEMPLATES
        .iter()
        .map(|template| format!("\n  {:<24}{}", template.name, template.about));
    format!("Templates:{}", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_left_to_fill_in() {
        let source = Source::Version("0.1.0".to_owned());
        let filling = Filling {
            name: "demo",
            source: &source,
            outer_workspace: Some(PathBuf::from("..")),
        };
        for name in names() {
            let template = Template::named(name).unwrap();
            for (path, text) in template.files(&filling) {
                assert!(!text.contains("{{"), "{name}: {path}");
                assert!(
                    text.ends_with('\n') && !text.ends_with("\n\n"),
                    "{name}: {path}"
                );
            }
            let manifest = template
                .files(&filling)
                .find(|(path, _)| *path == "Cargo.toml");
            let manifest = manifest.unwrap().1;
            assert!(manifest.contains("\nname = \"demo\"\n"), "{manifest}");
            assert!(manifest.contains(
                "\npeak = { package = \"peak-mas\", version = \"0.1.0\", default-features = false, \
                 features = [\"cli\"] }\n"
            ));
            assert!(manifest.ends_with("\n[workspace]\n"));
        }
    }
}
