//! Whether a project has room for one more agent.

use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::project::Package;
use crate::source::PACKAGE;

/// A project that an agent is added to.
#[derive(Debug)]
pub(super) struct Project {
    /// Where its Cargo.toml and its mas.yaml are.
    pub(super) folder: PathBuf,
    /// The source of its program.
    pub(super) main: PathBuf,
}

/// What the tests of agents need of tokio.
const TOKIO: [&str; 3] = ["macros", "rt", "test-util"];

impl Project {
    /// The project that this folder is in.
    pub(super) fn around(folder: &Path) -> Result<Self, Failure> {
        let package = Package::around(folder)?;
        check_dependencies(&package)?;
        Ok(Self {
            folder: package.folder().to_owned(),
            main: main(&package)?.to_owned(),
        })
    }
}

/// Whether an agent and its test can be compiled.
fn check_dependencies(package: &Package) -> Result<(), Failure> {
    let manifest = package.manifest_path.display();
    let rename = package.peak().and_then(|peak| peak.rename.as_deref());
    if let Some(other) = rename.filter(|name| *name != "peak") {
        let what =
            format!("`{manifest}` calls `{PACKAGE}` `{other}`, and the agent would say `peak`");
        let hint = format!("call it `peak`: `peak = {{ package = \"{PACKAGE}\", … }}`");
        return Err(Failure::new(what).hint(hint));
    }
    let tokio = package.dependencies.iter().filter(|it| {
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

/// The file that the agent is made known in.
fn main(package: &Package) -> Result<&Path, Failure> {
    let main = &package.target()?.src_path;
    if main.file_name().is_none_or(|name| name != "main.rs") {
        let folder = package.folder().display();
        let what = format!(
            "the program of `{folder}` is no `main.rs`, beside which an agent could have its file"
        );
        return Err(Failure::new(what).hint("move it to `src/main.rs`, or write the agent by hand"));
    }
    Ok(main)
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
            check_dependencies(&package(dependencies, &serde_json::json!([])))
        };
        for features in [&["macros", "rt", "test-util"][..], &["full", "test-util"]] {
            let dependencies = serde_json::json!([peak(Some("peak")), tokio(features)]);
            assert!(checked(&dependencies).is_ok(), "{features:?}");
        }
        for (dependencies, words) in [
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
        let program = target("demo", "bin", "/demo/src/main.rs");
        let other = target("other", "bin", "/demo/src/bin/other.rs");
        let library = target("demo", "lib", "/demo/src/lib.rs");
        let found = |targets: &serde_json::Value| {
            main(&package(&serde_json::json!([]), targets)).map(Path::to_owned)
        };
        for targets in [
            serde_json::json!([library, program]),
            serde_json::json!([other, program]),
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
