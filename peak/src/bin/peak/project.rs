//! The project that somebody works on, as cargo sees it.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::build::{self, Build};
use crate::failure::Failure;
use crate::program::Program;
use crate::source::PACKAGE;

/// What cargo says of a workspace; there is more in it.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

/// A package that depends on the framework, or could.
#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) manifest_path: PathBuf,
    pub(crate) dependencies: Vec<Dependency>,
    targets: Vec<Target>,
    default_run: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    pub(crate) rename: Option<String>,
    /// `dev`, `build`, or nothing.
    pub(crate) kind: Option<String>,
    pub(crate) features: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Target {
    name: String,
    kind: Vec<String>,
    pub(crate) src_path: PathBuf,
}

/// To whoever has no project.
pub(crate) const MAKE_ONE: &str = "`peak new NAME` makes one; or name its folder: `--path DIR`";

fn packages(folder: &Path) -> Result<Vec<Package>, Failure> {
    // Cargo would say the same, later.
    let mut around = folder.ancestors();
    if !around.any(|folder| folder.join("Cargo.toml").is_file()) {
        let what = format!(
            "there is no project in `{}`, nor around it",
            folder.display()
        );
        return Err(Failure::new(what).hint(MAKE_ONE));
    }
    let output = build::cargo()
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(folder)
        .output()
        .map_err(|error| build::no_cargo(&error))?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        let why = why.trim_start_matches("error: ");
        return Err(
            Failure::new(format!("cargo cannot read the project: {}", why.trim()))
                .hint("mend it first; `cargo check` says the same"),
        );
    }
    let metadata: Metadata = serde_json::from_slice(&output.stdout).map_err(|error| {
        Failure::of_program("cargo", &format!("it says what this cannot read: {error}"))
    })?;
    Ok(metadata.packages)
}

/// The innermost package around the folder; or, in a workspace, the only one with agents.
fn chosen(mut packages: Vec<Package>, folder: &Path) -> Result<Package, Failure> {
    let around = packages
        .iter()
        .enumerate()
        .filter(|(_, package)| folder.starts_with(package.folder()));
    let innermost = around.max_by_key(|(_, package)| package.folder().components().count());
    if let Some((place, _)) = innermost {
        return Ok(packages.swap_remove(place));
    }
    packages.retain(|package| package.peak().is_some());
    match packages.as_slice() {
        [_] => Ok(packages.remove(0)),
        [] => Err(Failure::new(format!(
            "no package around `{}` depends on `{PACKAGE}`",
            folder.display()
        ))
        .hint(MAKE_ONE)),
        several => {
            let names: Vec<&str> = several
                .iter()
                .map(|package| package.name.as_str())
                .collect();
            let what = format!(
                "there are several projects with agents: {}",
                names.join(", ")
            );
            Err(Failure::new(what).hint("name the folder of one: `--path DIR`"))
        }
    }
}

impl Package {
    /// The project that a folder is in.
    pub(crate) fn around(folder: &Path) -> Result<Self, Failure> {
        let folder = match folder {
            bare if bare == Path::new("") => Path::new("."),
            folder => folder,
        };
        let folder =
            std::fs::canonicalize(folder).map_err(|error| Failure::io("found", folder, &error))?;
        let packages = packages(&folder)?;
        let package = chosen(packages, &folder)?;
        if package.peak().is_none() {
            let manifest = package.manifest_path.display();
            return Err(
                Failure::new(format!("`{manifest}` does not depend on `{PACKAGE}`")).hint(MAKE_ONE),
            );
        }
        Ok(package)
    }

    /// Where its Cargo.toml is.
    pub(crate) fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    /// The framework among its dependencies.
    pub(crate) fn peak(&self) -> Option<&Dependency> {
        let is_peak = |it: &&Dependency| it.name == PACKAGE && it.kind.is_none();
        self.dependencies.iter().find(is_peak)
    }

    /// Whether this file is one of its sources.
    pub(crate) fn has(&self, path: &Path) -> bool {
        let sources = self.folder().join("src").canonicalize();
        let path = path.canonicalize();
        matches!((sources, path), (Ok(sources), Ok(path)) if path.starts_with(&sources))
    }

    /// What `cargo run` runs.
    pub(crate) fn target(&self) -> Result<&Target, Failure> {
        let programs = || {
            self.targets
                .iter()
                .filter(|target| target.kind.iter().any(|kind| kind == "bin"))
        };
        let is_default = |target: &&Target| {
            let by_default = self.default_run.as_deref().unwrap_or(&self.name);
            target.name == by_default
        };
        let mut all = programs();
        let program = match (all.next(), all.next()) {
            (Some(one), None) => Some(one),
            _ => programs().find(is_default),
        };
        program.ok_or_else(|| {
            Failure::new(format!(
                "`{}` has no program, or several and none for `cargo run`",
                self.folder().display()
            ))
            .hint("an agent becomes part of the program in `src/main.rs`")
        })
    }

    /// Its program, built.
    pub(crate) fn program(&self, release: bool) -> Result<Program, Failure> {
        let build = Build {
            manifest: self.manifest_path.clone(),
            program: &self.target()?.name,
            target: None,
            release,
            instead_of: &[],
            what: &self.name,
        };
        build::run(&build).map(Program::at)
    }
}
