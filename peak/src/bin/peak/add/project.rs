//! The project that an agent is added to, as cargo sees it.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde::Deserialize;

use crate::failure::Failure;
use crate::source::PACKAGE;

/// A project of agents.
#[derive(Debug)]
pub(super) struct Project {
    /// Where its Cargo.toml and its mas.yaml are.
    pub(super) folder: PathBuf,
    /// The source of its program.
    pub(super) main: PathBuf,
}

/// What cargo says of a workspace; there is more in it.
#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    manifest_path: PathBuf,
    dependencies: Vec<Dependency>,
    targets: Vec<Target>,
    default_run: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Dependency {
    name: String,
    rename: Option<String>,
    /// `dev`, `build`, or nothing.
    kind: Option<String>,
    features: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
    src_path: PathBuf,
}

/// What the tests of agents need of tokio.
const TOKIO: [&str; 3] = ["macros", "rt", "test-util"];

impl Project {
    /// The project that this folder is in.
    pub(super) fn around(folder: &Path) -> Result<Self, Failure> {
        let folder =
            std::fs::canonicalize(folder).map_err(|error| Failure::io("found", folder, &error))?;
        let packages = packages(&folder)?;
        let package = chosen(&packages, &folder)?;
        package.check_dependencies()?;
        let program = package.program()?;
        Ok(Self {
            folder: package.folder().to_owned(),
            main: program.src_path.clone(),
        })
    }
}

fn packages(folder: &Path) -> Result<Vec<Package>, Failure> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(folder)
        .output();
    let output = output.map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            Failure::of_program("cargo", "it is not there").hint("install Rust: https://rustup.rs")
        }
        _ => Failure::of_program("cargo", &error.to_string()),
    })?;
    if !output.status.success() {
        let why = String::from_utf8_lossy(&output.stderr);
        if why.contains("could not find `Cargo.toml`") {
            let what = format!(
                "there is no project in `{}`, nor around it",
                folder.display()
            );
            return Err(Failure::new(what).hint(MAKE_ONE));
        }
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

const MAKE_ONE: &str = "`peak new NAME` makes one; or name its folder: `--path DIR`";

/// The innermost package around the folder; or, in a workspace, the only one with agents.
fn chosen<'a>(packages: &'a [Package], folder: &Path) -> Result<&'a Package, Failure> {
    let around = packages
        .iter()
        .filter(|package| folder.starts_with(package.folder()));
    if let Some(package) = around.max_by_key(|package| package.folder().components().count()) {
        return Ok(package);
    }
    let with_agents: Vec<&Package> = packages
        .iter()
        .filter(|package| package.peak().is_some())
        .collect();
    match with_agents.as_slice() {
        [one] => Ok(one),
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
    fn folder(&self) -> &Path {
        self.manifest_path.parent().unwrap_or(&self.manifest_path)
    }

    fn peak(&self) -> Option<&Dependency> {
        let is_peak = |it: &&Dependency| it.name == PACKAGE && it.kind.is_none();
        self.dependencies.iter().find(is_peak)
    }

    /// Whether an agent and its test can be compiled.
    fn check_dependencies(&self) -> Result<(), Failure> {
        let manifest = self.manifest_path.display();
        let Some(peak) = self.peak() else {
            return Err(
                Failure::new(format!("`{manifest}` does not depend on `{PACKAGE}`")).hint(MAKE_ONE),
            );
        };
        if let Some(other) = peak.rename.as_deref().filter(|name| *name != "peak") {
            let what =
                format!("`{manifest}` calls `{PACKAGE}` `{other}`, and the agent would say `peak`");
            let hint = format!("call it `peak`: `peak = {{ package = \"{PACKAGE}\", … }}`");
            return Err(Failure::new(what).hint(hint));
        }
        let tokio = self.dependencies.iter().filter(|it| {
            it.name == "tokio" && it.rename.is_none() && it.kind.as_deref() != Some("build")
        });
        let features: Vec<&str> = tokio
            .flat_map(|it| &it.features)
            .map(String::as_str)
            .collect();
        let has = |feature: &str| {
            let implied = match feature {
                "rt" => ["full", "rt-multi-thread"],
                "macros" => ["full", "full"],
                // tokio leaves it out of `full`.
                _ => ["test-util", "test-util"],
            };
            features.contains(&feature) || implied.iter().any(|it| features.contains(it))
        };
        if !TOKIO.into_iter().all(has) {
            let what =
                format!("the test of the agent needs `tokio`, which `{manifest}` does not have so");
            let hint = format!("`cargo add --dev tokio --features {}`", TOKIO.join(","));
            return Err(Failure::new(what).hint(hint));
        }
        Ok(())
    }

    /// The program that the agent becomes part of.
    fn program(&self) -> Result<&Target, Failure> {
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
        let folder = self.folder().display();
        let Some(program) = program else {
            return Err(Failure::new(format!(
                "`{folder}` has no program, or several and none for `cargo run`"
            ))
            .hint("an agent becomes part of the program in `src/main.rs`"));
        };
        if program
            .src_path
            .file_name()
            .is_none_or(|name| name != "main.rs")
        {
            let what = format!(
                "the program of `{folder}` is no `main.rs`, beside which an agent could have its file"
            );
            return Err(
                Failure::new(what).hint("move it to `src/main.rs`, or write the agent by hand")
            );
        }
        Ok(program)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(dependencies: &serde_json::Value, targets: &serde_json::Value) -> Package {
        serde_json::from_value(serde_json::json!({
            "name": "demo",
            "manifest_path": "/demo/Cargo.toml",
            "dependencies": dependencies,
            "targets": targets,
            "default_run": null,
        }))
        .unwrap()
    }

    fn peak(rename: Option<&str>) -> serde_json::Value {
        serde_json::json!({"name": "peak-mas", "rename": rename, "kind": null, "features": []})
    }

    fn tokio(features: &[&str]) -> serde_json::Value {
        serde_json::json!({"name": "tokio", "rename": null, "kind": "dev", "features": features})
    }

    #[test]
    fn what_an_agent_and_its_test_need() {
        let checked = |dependencies: &serde_json::Value| {
            package(dependencies, &serde_json::json!([])).check_dependencies()
        };
        for features in [&["macros", "rt", "test-util"][..], &["full", "test-util"]] {
            let dependencies = serde_json::json!([peak(Some("peak")), tokio(features)]);
            assert!(checked(&dependencies).is_ok(), "{features:?}");
        }
        for (dependencies, words) in [
            (serde_json::json!([]), "does not depend on `peak-mas`"),
            (
                serde_json::json!([peak(Some("mas"))]),
                "calls `peak-mas` `mas`",
            ),
            (
                serde_json::json!([peak(None)]),
                "hint: `cargo add --dev tokio --features macros,rt,test-util`",
            ),
            (
                serde_json::json!([peak(None), tokio(&["full"])]),
                "needs `tokio`",
            ),
        ] {
            let failure = checked(&dependencies).unwrap_err().text();
            assert!(failure.contains(words), "{failure}");
        }
    }

    #[test]
    fn the_program_of_a_package() {
        let target = |name: &str, kind: &str, path: &str| serde_json::json!({"name": name, "kind": [kind], "src_path": path});
        let main = target("demo", "bin", "/demo/src/main.rs");
        let other = target("other", "bin", "/demo/src/bin/other.rs");
        let library = target("demo", "lib", "/demo/src/lib.rs");
        let found = |targets: &serde_json::Value| {
            package(&serde_json::json!([]), targets)
                .program()
                .map(|it| it.src_path.clone())
        };
        for targets in [
            serde_json::json!([library, main]),
            serde_json::json!([other, main]),
        ] {
            assert_eq!(found(&targets).unwrap(), Path::new("/demo/src/main.rs"));
        }
        for (targets, words) in [
            (serde_json::json!([library]), "has no program"),
            (serde_json::json!([other]), "is no `main.rs`"),
        ] {
            let failure = found(&targets).unwrap_err().text();
            assert!(failure.contains(words), "{failure}");
        }
    }
}
