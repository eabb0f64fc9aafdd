//! The package that is made of single files: its manifest and its `main`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use peak::__private::tool::snake_case;
use toml::{Table, Value};

use super::front_matter::Parts;
use crate::failure::Failure;
use crate::files::Change;
use crate::source::Source;

/// What a manifest in a front matter may have.
const TABLES: [&str; 6] = [
    "dependencies",
    "features",
    "lints",
    "package",
    "patch",
    "profile",
];

/// What is there without being asked for: the framework needs them anyway.
const ALWAYS: [(&str, &str); 5] = [
    ("anyhow", "\"1\""),
    ("serde", "{ version = \"1\", features = [\"derive\"] }"),
    ("serde_json", "\"1\""),
    (
        "tokio",
        "{ version = \"1\", default-features = false, features = [\"macros\", \"rt\", \"sync\", \"time\"] }",
    ),
    ("tracing", "{ version = \"0.1\", default-features = false }"),
];

/// A file that agents are in.
pub(super) struct Script {
    /// Where it is, from the root.
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// A package, to be written.
#[derive(Debug)]
pub(super) struct Package {
    /// Its files, by their places in its folder.
    files: Vec<(PathBuf, String)>,
    /// Folders of copies in it, and what the compiler shall call them.
    pub(super) instead_of: Vec<(PathBuf, PathBuf)>,
}

impl Package {
    /// The package of these files, which uses the framework of `source`.
    pub(super) fn of(
        name: &str,
        scripts: &[Script],
        source: &Source,
        server: bool,
    ) -> Result<Self, Failure> {
        let mut package = Self {
            files: Vec::new(),
            instead_of: Vec::new(),
        };
        let mut manifest = Table::new();
        let mut modules = Vec::new();
        for script in scripts {
            let parts = Parts::of(&script.text).map_err(|wrong| {
                let place = format!("{}:{}", script.path.display(), wrong.line);
                Failure::new(format!("{place}: {}", wrong.what)).hint(wrong.hint)
            })?;
            if let Some((text, line)) = parts.manifest {
                let own = own_manifest(script, text, line)?;
                merge(&mut manifest, own, script)?;
            }
            let path = package.path_of(script, &parts)?;
            modules.push((path, has_main(&parts.rust())));
        }
        let main = match modules.as_slice() {
            [(path, true)] => path.clone(),
            modules => {
                package.files.push(("src/main.rs".into(), main(modules)));
                "src/main.rs".to_owned()
            }
        };
        let manifest = complete(manifest, name, &main, source, server)?;
        package.files.push(("Cargo.toml".into(), manifest));
        Ok(package)
    }

    /// Its files in this folder.
    pub(super) fn changes(&self, folder: &Path) -> Vec<Change> {
        let change = |(path, text): &(PathBuf, String)| Change {
            path: folder.join(path),
            text: text.clone(),
        };
        self.files.iter().map(change).collect()
    }

    /// Where the compiler finds it: the file itself, or a copy without its front matter.
    fn path_of(&mut self, script: &Script, parts: &Parts<'_>) -> Result<String, Failure> {
        let place = match parts.manifest {
            None => script.path.clone(),
            Some(_) => {
                let name = script.path.file_name().unwrap_or_default();
                let folder = PathBuf::from(format!("src/copies/{}", self.instead_of.len()));
                let copy = folder.join(name);
                self.files.push((copy.clone(), parts.rust()));
                let own = script.path.parent().unwrap_or(Path::new("/"));
                self.instead_of.push((folder, own.to_owned()));
                copy
            }
        };
        let text = place.to_str().map(str::to_owned);
        text.ok_or_else(|| Failure::new(format!("the path `{}` is not text", place.display())))
    }
}

/// The manifest in a file, with paths from the root.
fn own_manifest(script: &Script, text: &str, line: usize) -> Result<Table, Failure> {
    let place = |at: usize| {
        let lines = text[..at.min(text.len())].matches('\n').count();
        format!("{}:{}", script.path.display(), line + 1 + lines)
    };
    let mut table: Table = text.parse().map_err(|error: toml::de::Error| {
        let at = error.span().map_or(0, |span| span.start);
        Failure::new(format!("{}: {}", place(at), error.message()))
            .hint("the front matter is TOML, as Cargo.toml is")
    })?;
    let wrong = |what: String, hint: &str| {
        Err(Failure::new(format!("{}: {what}", script.path.display())).hint(hint))
    };
    if let Some(key) = table.keys().find(|key| !TABLES.contains(&key.as_str())) {
        return wrong(
            format!("the front matter has `{key}`, which a single file cannot have"),
            "make a project for that: `peak new NAME`",
        );
    }
    for (key, value) in &table {
        if !value.is_table() {
            return wrong(
                format!("`{key}` in the front matter must be a table"),
                "write it as `[dependencies]`, and below it a line for each",
            );
        }
    }
    let folder = script.path.parent().unwrap_or(Path::new("/"));
    if let Some(Value::Table(dependencies)) = table.get_mut("dependencies") {
        for (_, dependency) in dependencies {
            if let Some(Value::String(path)) = dependency.get_mut("path") {
                *path = folder.join(&*path).to_string_lossy().into_owned();
            }
        }
    }
    Ok(table)
}

/// Adds what another file asks for. The same may be asked for twice, if it is the same.
fn merge(all: &mut Table, own: Table, script: &Script) -> Result<(), Failure> {
    for (name, table) in own {
        let (Value::Table(table), Value::Table(known)) = (
            table,
            all.entry(name.clone())
                .or_insert_with(|| Table::new().into()),
        ) else {
            continue;
        };
        for (key, value) in table {
            if known.get(&key).is_some_and(|other| *other != value) {
                return Err(Failure::new(format!(
                    "{}: `{key}` in `[{name}]` is something else than in another file of the \
                     same system",
                    script.path.display()
                ))
                .hint("agents of one system are one program: make them the same"));
            }
            known.insert(key, value);
        }
    }
    Ok(())
}

/// The manifest, with what every package has and what every agent needs.
fn complete(
    mut manifest: Table,
    name: &str,
    main: &str,
    source: &Source,
    server: bool,
) -> Result<String, Failure> {
    let text = |value: &str| Value::String(value.to_owned());
    let table = |manifest: &mut Table, key: &str| match manifest.remove(key) {
        Some(Value::Table(table)) => table,
        _ => Table::new(),
    };
    let mut package = table(&mut manifest, "package");
    package.entry("edition").or_insert_with(|| text("2024"));
    package.insert("name".to_owned(), text(name));
    package.insert("version".to_owned(), text("0.0.0"));
    package.insert("publish".to_owned(), false.into());
    let mut dependencies = table(&mut manifest, "dependencies");
    let is_ours = |(key, value): (&String, &Value)| {
        key == "peak" || value.get("package").and_then(Value::as_str) == Some("peak-mas")
    };
    if !dependencies.iter().any(is_ours) {
        let mut features = vec!["cli", "dataset"];
        if server {
            // It takes long to compile.
            features.push("xmpp");
        }
        let ours = source.dependency(&features);
        let ours: Table = format!("peak = {ours}").parse().map_err(not_toml)?;
        dependencies.extend(ours);
    }
    for (name, wanted) in ALWAYS {
        if !dependencies.contains_key(name) {
            let wanted: Table = format!("{name} = {wanted}").parse().map_err(not_toml)?;
            dependencies.extend(wanted);
        }
    }
    let bin: Table = [
        ("name".to_owned(), text(name)),
        ("path".to_owned(), text(main)),
    ]
    .into_iter()
    .collect();
    manifest.insert("package".to_owned(), package.into());
    manifest.insert("dependencies".to_owned(), dependencies.into());
    manifest.insert("bin".to_owned(), Value::Array(vec![bin.into()]));
    // It belongs to none that its folder may be in.
    manifest.insert("workspace".to_owned(), Table::new().into());
    Ok(manifest.to_string())
}

#[allow(clippy::needless_pass_by_value, reason = "`map_err` gives it away")]
fn not_toml(error: toml::de::Error) -> Failure {
    Failure::of_program("peak", &format!("the manifest cannot be made: {error}"))
}

/// A program of these files: each a module, and a `main` for all.
fn main(modules: &[(String, bool)]) -> String {
    let mut text = "//! Made of single files by the `peak` command.\n".to_owned();
    let mut names = Vec::new();
    for (path, has_main) in modules {
        let name = module_name(path, &names);
        let path = path.strip_prefix("src/").unwrap_or(path);
        text.push('\n');
        if *has_main {
            // The one below runs them all.
            text.push_str("#[allow(dead_code)]\n");
        }
        // Writing to a `String` cannot fail.
        let _ = writeln!(text, "#[path = {path:?}]\nmod {name};");
        names.push(name);
    }
    text.push_str("\nfn main() -> peak::ExitCode {\n    peak::run()\n}\n");
    text
}

/// The name of the file as one of a module, unlike all others.
fn module_name(path: &str, others: &[String]) -> String {
    let stem = Path::new(path).file_stem().unwrap_or_default();
    let stem = snake_case(&stem.to_string_lossy());
    let words = stem.split(|char: char| !char.is_ascii_alphanumeric());
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    // No keyword begins like this, and no digit.
    let name = format!("file_{}", words.join("_"));
    let mut free = name.clone();
    let mut number = 2;
    while others.contains(&free) {
        free = format!("{name}_{number}");
        number += 1;
    }
    free
}

/// Whether the program begins in this file.
fn has_main(rust: &str) -> bool {
    rust.lines().any(|line| {
        let line = line.strip_prefix("pub ").unwrap_or(line);
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn main")
            .is_some_and(|rest| rest.trim_start().starts_with('('))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(path: &str, text: &str) -> Script {
        Script {
            path: path.into(),
            text: text.to_owned(),
        }
    }

    fn package(scripts: &[Script]) -> Result<Package, Failure> {
        Package::of("it", scripts, &Source::Version("0.1.0".to_owned()), false)
    }

    fn file<'p>(package: &'p Package, path: &str) -> &'p str {
        let mut files = package.files.iter();
        let file = files.find(|(other, _)| other == Path::new(path));
        &file.unwrap_or_else(|| panic!("no {path}: {package:?}")).1
    }

    fn manifest(package: &Package) -> Table {
        file(package, "Cargo.toml").parse().unwrap()
    }

    fn refusal(scripts: &[Script]) -> String {
        package(scripts).unwrap_err().text()
    }

    #[test]
    fn a_file_without_main_is_a_module() {
        let package = package(&[script("/a/Smart-Meter.rs", "struct Meter;\n")]).unwrap();
        assert!(file(&package, "src/main.rs").contains(
            "\n#[path = \"/a/Smart-Meter.rs\"]\nmod file_smart_meter;\n\nfn main() -> peak::ExitCode {"
        ));
        let manifest = manifest(&package);
        assert_eq!(manifest["bin"][0]["path"].as_str(), Some("src/main.rs"));
        assert_eq!(manifest["package"]["edition"].as_str(), Some("2024"));
        assert_eq!(
            manifest["dependencies"]["peak"]["features"]
                .as_array()
                .unwrap(),
            &["cli", "dataset"].map(Value::from)
        );
    }

    #[test]
    fn a_file_with_main_is_the_program() {
        let text = "---\n[dependencies]\nserde = \"1.0.1\"\nx = { path = \"../x\" }\n---\npub fn main() {}\n";
        let package = package(&[script("/a/b.rs", text)]).unwrap();
        assert_eq!(
            file(&package, "src/copies/0/b.rs"),
            "\n\n\n\n\npub fn main() {}\n"
        );
        assert_eq!(
            package.instead_of,
            [(PathBuf::from("src/copies/0"), PathBuf::from("/a"))]
        );
        let manifest = manifest(&package);
        assert_eq!(
            manifest["bin"][0]["path"].as_str(),
            Some("src/copies/0/b.rs")
        );
        assert_eq!(manifest["dependencies"]["serde"].as_str(), Some("1.0.1"));
        assert_eq!(
            manifest["dependencies"]["x"]["path"].as_str(),
            Some("/a/../x")
        );
    }

    #[test]
    fn several_files_are_one_program() {
        let one = |version: &str| {
            format!("---\n[dependencies]\nrand = {version:?}\n---\nfn main() {{}}\n")
        };
        let files = |version| {
            [
                script("/a/x.rs", &one("1")),
                script("/b/x.rs", &one(version)),
            ]
        };
        let package = package(&files("1")).unwrap();
        let main = file(&package, "src/main.rs");
        assert!(main.contains("#[allow(dead_code)]\n#[path = \"copies/0/x.rs\"]\nmod file_x;\n"));
        assert!(main.contains("#[path = \"copies/1/x.rs\"]\nmod file_x_2;\n"));
        assert!(refusal(&files("2")).contains("/b/x.rs: `rand` in `[dependencies]`"));
    }

    #[test]
    fn a_front_matter_that_is_wrong_is_named() {
        for (text, words) in [
            ("\n---\n[dependencies\n---\n", "/a.rs:3: "),
            ("---\n[bin]\n---\n", "has `bin`"),
            (
                "---\ndependencies = 1\n---\n",
                "`dependencies` in the front matter must be a table",
            ),
            ("---\n", "/a.rs:1: the front matter has no end"),
        ] {
            let refusal = refusal(&[script("/a.rs", text)]);
            assert!(refusal.contains(words), "{text}: {refusal}");
        }
    }
}
